/** Text objects and mrkdwn trees -> DOM nodes. Mentions of @channel and its kin are shown, never live. */
import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { dateTokens } from "./format.js";
import { permalink, safeHref } from "./links.js";
import { parse, unescape } from "./mrkdwn.js";
import { store } from "./state.js";

/** A link that leaves the page safely, or its label as text when the address is not one we follow. */
export function link(url, label) {
  const href = safeHref(url);
  if (!href) return h("span", { class: "dead-link", title: "This address is not followed" }, label || String(url));
  const inside = permalink(href);
  return h("a", { href, target: inside ? null : "_blank", rel: "noopener noreferrer", class: inside ? "permalink" : null }, label || href);
}

/** An emoji by short name; one the table does not know stays `:name:`. */
export function emojiNode(name) {
  const character = emoji(name);
  if (!character) return document.createTextNode(`:${name}:`);
  return h("span", { class: "emoji", role: "img", "aria-label": `${name.replaceAll("_", " ")} emoji`, title: `:${name}:` }, character);
}

/** "@Name", marked when it is the person who looks. */
export function userMention(id, label = "") {
  const mine = id === store.me?.id;
  return h("span", { class: ["mention", mine && "mention-me"], title: store.user(id)?.title || null }, `@${label || store.nameOf(id)}`);
}

/** "#name" that opens the channel when this person can see it. */
export function channelMention(id, label = "") {
  const channel = store.channels.get(id);
  if (!channel) return h("span", { class: "mention" }, `#${label || "private channel"}`);
  return h("a", { class: "mention", href: `#/${id}` }, `#${channel.name}`);
}

/** @channel, @here, @everyone: words, not a ping. */
export function broadcastMention(name) {
  return h("span", { class: "mention mention-inert", title: "Shown as text: nobody is notified" }, `@${name}`);
}

/** A date token of Slack, linked when it carries an address. */
export function dateNode({ seconds, format, url, fallback }) {
  const text = dateTokens(seconds, format || "{date_short} {time}", fallback);
  return url ? link(url, text) : h("time", {}, text);
}

const INLINE = {
  bold: (node) => h("strong", {}, inline(node.children)),
  italic: (node) => h("em", {}, inline(node.children)),
  strike: (node) => h("s", {}, inline(node.children)),
  code: (node) => h("code", {}, node.text),
  link: (node) => link(node.url, node.label),
  user: (node) => userMention(node.id, node.label),
  channel: (node) => channelMention(node.id, node.label),
  usergroup: (node) => h("span", { class: "mention mention-inert" }, node.label || `@${node.id}`),
  broadcast: (node) => broadcastMention(node.name),
  date: (node) => dateNode(node),
  emoji: (node) => emojiNode(node.name),
  text: (node) => document.createTextNode(node.text),
};

function inline(nodes) {
  return nodes.map((node) => INLINE[node.type](node));
}

function listNode(node) {
  const items = node.items.map((item) => h("li", { class: item.indent ? `indent-${item.indent}` : null }, inline(item.children)));
  return h(node.ordered ? "ol" : "ul", { start: node.ordered && node.start !== 1 ? node.start : null }, items);
}

const BLOCK = {
  paragraph: (node) => h("div", { class: "paragraph" }, inline(node.children)),
  quote: (node) => h("blockquote", {}, inline(node.children)),
  pre: (node) => h("pre", {}, node.text),
  list: listNode,
};

/** A mrkdwn text as a block of nodes. */
export function mrkdwn(source) {
  return h("div", { class: "text" }, parse(source).map((node) => BLOCK[node.type](node)));
}

/** A plain text with emoji short names drawn; nothing else is interpreted. */
export function plainText(source) {
  return unescape(String(source ?? "")).split(/(:[a-z0-9_+-]+:)/).map((part) => {
    const name = /^:([a-z0-9_+-]+):$/.exec(part)?.[1];
    return name ? emojiNode(name) : part;
  });
}

/** A text object of Block Kit as nodes: `plain_text` or `mrkdwn`. */
export function textObject(object) {
  if (!object) return [];
  if (typeof object === "string") return plainText(object);
  return object.type === "mrkdwn" ? mrkdwn(object.text) : plainText(object.text);
}
