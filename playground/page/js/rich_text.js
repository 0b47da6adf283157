/** The rich_text block -> DOM. Its text is literal: no mrkdwn, mention or link is parsed out of it. */
import { h } from "./dom.js";
import { broadcastMention, channelMention, dateNode, emojiNode, link, userMention } from "./text.js";

const STYLES = { bold: "strong", italic: "em", strike: "s", underline: "u", code: "code", highlight: "mark" };

function styled(node, style) {
  return Object.entries(STYLES).reduceRight((inner, [name, tag]) => (style?.[name] ? h(tag, {}, inner) : inner), node);
}

const ELEMENTS = {
  text: (element) => document.createTextNode(element.text ?? ""),
  link: (element) => link(element.url, element.text || element.url),
  user: (element) => userMention(element.user_id),
  channel: (element) => channelMention(element.channel_id),
  usergroup: (element) => h("span", { class: "mention mention-inert" }, `@${element.usergroup_id}`),
  team: (element) => h("span", { class: "mention mention-inert" }, `@${element.team_id}`),
  broadcast: (element) => broadcastMention(element.range),
  emoji: (element) => emojiNode(element.name),
  date: (element) => dateNode({ seconds: element.timestamp, format: element.format, url: element.url, fallback: element.fallback }),
  color: (element) => colorChip(element.value),
};

function colorChip(value) {
  const chip = h("span", { class: "color-chip", "aria-hidden": "true" });
  if (/^#[0-9a-f]{3,8}$/i.test(value)) chip.style.backgroundColor = value;
  return h("span", {}, chip, String(value));
}

function inline(elements) {
  return (elements || []).map((element) => {
    const draw = ELEMENTS[element.type];
    return draw ? styled(draw(element), element.style) : document.createTextNode(element.text ?? "");
  });
}

function listItem(element, indent) {
  return h("li", { class: indent ? `indent-${Math.min(8, indent)}` : null }, inline(element.elements));
}

const PARTS = {
  rich_text_section: (part) => h("div", { class: "paragraph" }, inline(part.elements)),
  rich_text_quote: (part) => h("blockquote", {}, inline(part.elements)),
  rich_text_preformatted: (part) => h("pre", {}, inline(part.elements)),
  rich_text_list: (part) =>
    h(
      part.style === "ordered" ? "ol" : "ul",
      { class: `level-${(part.indent || 0) % 3}`, start: part.style === "ordered" && part.offset ? part.offset + 1 : null },
      (part.elements || []).map((element) => listItem(element, part.indent || 0)),
    ),
};

/**
 * @param {{elements?: object[]}} block a rich_text block
 * @returns {HTMLElement}
 */
export function richText(block) {
  return h("div", { class: "text rich-text" }, (block.elements || []).map((part) => PARTS[part.type]?.(part)));
}

/** The words of a rich_text block, for sorting table cells and for names. */
export function richTextWords(block) {
  const words = (element) => element.text ?? element.name ?? (element.elements || []).map(words).join("");
  return (block.elements || []).map(words).join(" ");
}
