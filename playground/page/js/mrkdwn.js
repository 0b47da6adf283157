/**
 * Slack's mrkdwn -> a small tree. Pure: no DOM (text.js draws the tree).
 *
 * Block nodes: {type: "paragraph"|"quote"|"pre"|"list"}; inline nodes: text, bold, italic, strike, code, link, user,
 * channel, usergroup, broadcast, date, emoji. Every `text` in the tree is unescaped and must be shown as text.
 */

const INLINE = new RegExp(
  [
    "<(?<control>[^<>\\n]+)>",
    "`(?<code>[^`\\n]+)`",
    "(?<![\\w*])\\*(?<bold>[^\\s*](?:[^*\\n]*[^\\s*])?)\\*(?![\\w*])",
    "(?<![\\w_])_(?<italic>[^\\s_](?:[^_\\n]*[^\\s_])?)_(?![\\w_])",
    "(?<![\\w~])~(?<strike>[^\\s~](?:[^~\\n]*[^\\s~])?)~(?![\\w~])",
    ":(?<emoji>[a-z0-9_+-][a-z0-9_+'-]*(?:::skin-tone-\\d)?):",
  ].join("|"),
  "g",
);
const LINE_QUOTE = /^(?:&gt;|>) ?/;
const REST_QUOTE = /^(?:&gt;&gt;&gt;|>>>) ?/;
const BULLET = /^(\s*)(?:[•◦▪‣]|[-*](?= ))\s*(?=\S)/;
const NUMBERED = /^(\s*)(\d{1,3})[.)] (?=\S)/;
const MAX_DEPTH = 6;

/** Undo Slack's three escapes. */
export function unescape(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/**
 * Parse a whole mrkdwn text.
 * @param {string} source as stored: escaped, with `<...>` controls
 * @returns {object[]} block nodes
 */
export function parse(source) {
  const blocks = [];
  const parts = String(source ?? "").split("```");
  if (parts.length % 2 === 0) parts.splice(-2, 2, `${parts.at(-2)}\`\`\`${parts.at(-1)}`); // an unclosed fence is text
  parts.forEach((part, index) => {
    if (index % 2 === 1) blocks.push({ type: "pre", text: plain(part.replace(/^\n/, "").replace(/\n$/, "")) });
    else if (part) blocks.push(...parseLines(trimFenceBreaks(part, index, parts.length)));
  });
  return blocks;
}

/** One newline before and after a fence belongs to the fence. */
function trimFenceBreaks(part, index, count) {
  let text = part;
  if (index > 0) text = text.replace(/^\n/, "");
  if (index < count - 1) text = text.replace(/\n$/, "");
  return text;
}

function parseLines(text) {
  const blocks = [];
  const lines = text.split("\n");
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i];
    if (REST_QUOTE.test(line)) {
      const rest = [line.replace(REST_QUOTE, ""), ...lines.slice(i + 1)].join("\n");
      blocks.push({ type: "quote", children: parseInline(rest) });
      break;
    }
    if (LINE_QUOTE.test(line)) extend(blocks, "quote", line.replace(LINE_QUOTE, ""));
    else if (BULLET.test(line)) addItem(blocks, false, BULLET.exec(line), line);
    else if (NUMBERED.test(line)) addItem(blocks, true, NUMBERED.exec(line), line);
    else extend(blocks, "paragraph", line);
  }
  return blocks.map(finish).filter((block) => block.type === "list" || block.children.length > 0);
}

function extend(blocks, type, line) {
  const last = blocks.at(-1);
  if (last?.type === type && last.lines) last.lines.push(line);
  else blocks.push({ type, lines: [line] });
}

function addItem(blocks, ordered, match, line) {
  const item = { indent: Math.min(4, Math.floor(match[1].length / 2)), children: parseInline(line.slice(match[0].length)) };
  const last = blocks.at(-1);
  if (last?.type === "list" && last.ordered === ordered) last.items.push(item);
  else blocks.push({ type: "list", ordered, start: ordered ? Number(match[2]) : 1, items: [item] });
}

function finish(block) {
  if (!block.lines) return block;
  return { type: block.type, children: parseInline(block.lines.join("\n")) };
}

/**
 * Parse running text.
 * @returns {object[]} inline nodes
 */
export function parseInline(source, depth = 0) {
  const nodes = [];
  let end = 0;
  for (const match of source.matchAll(INLINE)) {
    if (match.index > end) nodes.push({ type: "text", text: plain(source.slice(end, match.index)) });
    nodes.push(inlineNode(match, depth));
    end = match.index + match[0].length;
  }
  if (end < source.length) nodes.push({ type: "text", text: plain(source.slice(end)) });
  return nodes;
}

function inlineNode(match, depth) {
  const { control, code, bold, italic, strike, emoji } = match.groups;
  if (control !== undefined) return controlNode(control, match[0]);
  if (code !== undefined) return { type: "code", text: plain(code) };
  if (emoji !== undefined) return { type: "emoji", name: emoji };
  const [type, inner] = bold !== undefined ? ["bold", bold] : italic !== undefined ? ["italic", italic] : ["strike", strike];
  const children = depth < MAX_DEPTH ? parseInline(inner, depth + 1) : [{ type: "text", text: plain(inner) }];
  return { type, children };
}

function controlNode(control, whole) {
  const bar = control.indexOf("|");
  const target = bar < 0 ? control : control.slice(0, bar);
  const label = bar < 0 ? "" : unescape(control.slice(bar + 1));
  if (/^@[UWB]\w*$/.test(target)) return { type: "user", id: target.slice(1), label };
  if (/^#[CGD]\w*$/.test(target)) return { type: "channel", id: target.slice(1), label };
  if (target.startsWith("!subteam^")) return { type: "usergroup", id: target.slice(9), label };
  if (target.startsWith("!date^")) {
    const [, seconds, format, url] = target.split("^");
    return { type: "date", seconds: Number(seconds), format: unescape(format || ""), url: url || "", fallback: label };
  }
  if (target.startsWith("!")) return { type: "broadcast", name: target.slice(1), label };
  if (/^(https?:|mailto:)/i.test(target)) return { type: "link", url: unescape(target), label: label || unescape(target).replace(/^mailto:/i, "") };
  return { type: "text", text: label || unescape(whole) };
}

/** Text between controls: unescaped; a mention inside a fence shows as written. */
function plain(text) {
  return unescape(text);
}

/** The text of a mrkdwn source without its marks: for notifications, previews and screen readers. */
export function toPlainText(source, nameOf = (id) => id) {
  const inline = (node) => {
    if (node.children) return node.children.map(inline).join("");
    if (node.type === "user") return `@${node.label || nameOf(node.id)}`;
    if (node.type === "channel") return `#${node.label || nameOf(node.id)}`;
    if (node.type === "broadcast") return `@${node.name}`;
    if (node.type === "link") return node.label;
    if (node.type === "emoji") return `:${node.name}:`;
    return node.text ?? node.fallback ?? node.label ?? "";
  };
  const block = (node) => {
    if (node.type === "list") return node.items.map((item) => item.children.map(inline).join("")).join(" ");
    return node.text ?? node.children.map(inline).join("");
  };
  return parse(source).map(block).join(" ").replace(/\s+/g, " ").trim();
}
