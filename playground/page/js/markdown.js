/** The `markdown` block: the part of CommonMark that models write (headings, lists, fences, quotes, tables, links). */
import { h } from "./dom.js";
import { emojiNode, link } from "./text.js";

const INLINE = new RegExp(
  [
    "`(?<code>[^`\\n]+)`",
    "\\[(?<label>[^\\]\\n]+)\\]\\((?<url>[^)\\s]+)\\)",
    "(?<auto>https?://[^\\s<>)\\]]*[^\\s<>)\\].,;:!?])",
    "\\*\\*(?<bold>[^*\\n](?:[^\\n]*?[^\\s])?)\\*\\*",
    "~~(?<strike>[^~\\n]+)~~",
    "(?<![\\w*])[*](?<star>[^\\s*][^*\\n]*)[*](?![\\w*])",
    "(?<![\\w_])_(?<italic>[^\\s_][^_\\n]*)_(?![\\w_])",
    ":(?<emoji>[a-z0-9_+-]+):",
  ].join("|"),
  "g",
);

function inline(source, depth = 0) {
  if (depth > 5) return [source];
  const nodes = [];
  let end = 0;
  for (const match of source.matchAll(INLINE)) {
    nodes.push(source.slice(end, match.index), inlineNode(match.groups, depth));
    end = match.index + match[0].length;
  }
  nodes.push(source.slice(end));
  return nodes;
}

function inlineNode(groups, depth) {
  if (groups.code !== undefined) return h("code", {}, groups.code);
  if (groups.url !== undefined) return link(groups.url, groups.label);
  if (groups.auto !== undefined) return link(groups.auto, groups.auto);
  if (groups.bold !== undefined) return h("strong", {}, inline(groups.bold, depth + 1));
  if (groups.strike !== undefined) return h("s", {}, inline(groups.strike, depth + 1));
  if (groups.emoji !== undefined) return emojiNode(groups.emoji);
  return h("em", {}, inline(groups.star ?? groups.italic, depth + 1));
}

const RULES = [
  { test: /^```/, read: readFence },
  { test: /^#{1,6} /, read: readHeading },
  { test: /^(?:---+|\*\*\*+|___+)\s*$/, read: (lines) => [h("hr"), lines.slice(1)] },
  { test: /^> ?/, read: readQuote },
  { test: /^\|.*\|\s*$/, read: readTable },
  { test: /^\s*(?:[-*+]|\d+[.)]) /, read: readList },
];

function readFence(lines) {
  const close = lines.findIndex((line, i) => i > 0 && line.startsWith("```"));
  const end = close < 0 ? lines.length : close;
  return [h("pre", {}, lines.slice(1, end).join("\n")), lines.slice(end + 1)];
}

function readHeading(lines) {
  const [, marks, text] = /^(#{1,6}) +(.*)$/.exec(lines[0]);
  return [h("div", { class: `md-heading md-heading-${marks.length}`, role: "heading", "aria-level": marks.length + 2 }, inline(text)), lines.slice(1)];
}

function take(lines, test) {
  const end = lines.findIndex((line) => !test.test(line));
  return end < 0 ? [lines, []] : [lines.slice(0, end), lines.slice(end)];
}

function readQuote(lines) {
  const [quoted, rest] = take(lines, /^>/);
  return [h("blockquote", {}, inline(quoted.map((line) => line.replace(/^> ?/, "")).join("\n"))), rest];
}

function readList(lines) {
  const [items, rest] = take(lines, /^\s*(?:[-*+]|\d+[.)]) /);
  const ordered = /^\s*\d/.test(items[0]);
  const draw = (line) => {
    const [, space, text] = /^(\s*)(?:[-*+]|\d+[.)]) +(.*)$/.exec(line) || ["", "", line];
    return h("li", { class: space.length > 1 ? `indent-${Math.min(4, Math.floor(space.length / 2))}` : null }, inline(text));
  };
  return [h(ordered ? "ol" : "ul", {}, items.map(draw)), rest];
}

function readTable(lines) {
  const [rows, rest] = take(lines, /^\|.*\|\s*$/);
  const cells = (line) => line.trim().slice(1, -1).split("|").map((cell) => cell.trim());
  const body = rows.slice(1).filter((line) => !/^\|[\s:|-]+\|\s*$/.test(line));
  const head = h("thead", {}, h("tr", {}, cells(rows[0]).map((cell) => h("th", { scope: "col" }, inline(cell)))));
  const table = h("table", { class: "table" }, head, h("tbody", {}, body.map((line) => h("tr", {}, cells(line).map((cell) => h("td", {}, inline(cell)))))));
  return [h("div", { class: "table-scroll", tabindex: 0, role: "region", "aria-label": "Table" }, table), rest];
}

function readParagraph(lines) {
  const end = lines.findIndex((line, i) => i > 0 && (!line.trim() || RULES.some((rule) => rule.test.test(line))));
  const paragraph = end < 0 ? lines : lines.slice(0, end);
  return [h("p", {}, inline(paragraph.join("\n"))), end < 0 ? [] : lines.slice(end)];
}

/** @param {string} source Markdown text, taken literally (not escaped) */
export function markdown(source) {
  const nodes = [];
  let lines = String(source ?? "").split("\n");
  while (lines.length) {
    if (!lines[0].trim()) {
      lines = lines.slice(1);
      continue;
    }
    const rule = RULES.find(({ test }) => test.test(lines[0]));
    const [node, rest] = (rule?.read || readParagraph)(lines);
    nodes.push(node);
    lines = rest;
  }
  return h("div", { class: "text markdown" }, nodes);
}
