/** One message -> one row. */
import { attachment, file } from "./attachments.js";
import { authorOf } from "./author.js";
import { avatar } from "./avatar.js";
import { blocks } from "./blocks.js";
import { h } from "./dom.js";
import { ago, clock, fullTime, plural } from "./format.js";
import { FormState } from "./form_state.js";
import { icon } from "./icons.js";
import { markdown } from "./markdown.js";
import { reactions } from "./reactions.js";
import { store } from "./state.js";
import { surface } from "./surface.js";
import { mrkdwn } from "./text.js";

const NOTICES = new Set(["channel_join", "channel_leave", "channel_topic", "channel_purpose", "channel_name", "channel_archive", "channel_unarchive", "group_join", "pinned_item"]);
const GROUP_SECONDS = 300;

/** Follow-up messages of one author within five minutes share one face. */
export function isFollowUp(message, before) {
  if (!before || message.ephemeral_to || before.ephemeral_to || NOTICES.has(message.subtype) || NOTICES.has(before.subtype)) return false;
  if (message.subtype === "tombstone" || before.subtype === "tombstone") return false;
  if (message.subtype === "thread_broadcast" || isCard(message)) return false;
  return authorOf(message).id === authorOf(before).id && message.username === before.username && Number(message.ts) - Number(before.ts) < GROUP_SECONDS;
}

/** An app's message with blocks is a card of its own: it keeps its face. */
function isCard(message) {
  return Boolean(message.bot_id && message.blocks?.some((block) => block.type !== "rich_text"));
}

/** What the body of a message depends on: equal keys may keep their nodes (and what is half typed in them). */
export function contentKey(message) {
  return JSON.stringify([message.text, message.blocks, message.attachments, message.files, message.edited?.ts, message.streaming, message.subtype]);
}

/** People's words are drawn from their text: the rich_text beside it says the same with less structure. */
function showsText(message) {
  if (!message.blocks?.length) return true;
  const byPerson = !message.bot_id && message.subtype !== "bot_message";
  return byPerson && message.text && message.blocks.every((block) => block.type === "rich_text");
}

/**
 * The content of a message: text or blocks, attachments, files.
 * @param {string} channel  @param {object} message  @param {FormState} [form] kept from an earlier drawing
 */
export function messageBody(channel, message, form = new FormState()) {
  const ctx = surface({ type: "message", channel, ts: message.ts }, form);
  if (message.subtype === "tombstone") return h("div", { class: "message-body tombstone" }, icon("trash"), "This message was deleted.");
  const body = h("div", { class: ["message-body", message.streaming && "streaming"] });
  if (message.streaming) {
    body.setAttribute("aria-busy", "true");
    store.streamed.add(message.ts);
  }
  if (!showsText(message)) body.append(blocks(message.blocks, ctx));
  else if (message.text) body.append(store.streamed.has(message.ts) ? markdown(message.text) : mrkdwn(message.text));
  if (message.edited) body.append(h("span", { class: "edited", title: message.edited.ts ? `Edited ${fullTime(message.edited.ts)}` : null }, "(edited)"));
  for (const one of message.attachments || []) body.append(attachment(one, ctx));
  for (const one of message.files || []) body.append(file(one));
  return body;
}

function threadSummary(message, openThread) {
  if (!message.reply_count) return null;
  const faces = (message.reply_users || []).slice(0, 4).map((id) => avatar(authorOf(id.startsWith("B") ? { bot_id: id, app_id: store.bot.app_id } : { user: id }).user, "tiny"));
  return h(
    "button",
    { type: "button", class: "thread-summary", dataset: { focusKey: `thread/${message.ts}` }, on: { click: openThread } },
    h("span", { class: "faces" }, faces),
    h("span", { class: "thread-count" }, plural(message.reply_count, "reply", "replies")),
    message.latest_reply ? h("span", { class: "muted thread-last" }, `Last reply ${ago(message.latest_reply)}`) : null,
    h("span", { class: "thread-open" }, "View thread"),
  );
}

function ephemeralMark(message, dismiss) {
  if (!message.ephemeral_to) return null;
  return h("div", { class: "ephemeral-mark" }, icon("eye"), "Only visible to you", " · ", h("button", { type: "button", class: "link-button", on: { click: dismiss } }, "Dismiss"));
}

function head(message, author) {
  const kind = author.user?.kind;
  return h(
    "div",
    { class: "message-head" },
    h("span", { class: "author" }, author.name),
    author.isApp ? h("span", { class: "app-tag" }, "App") : null,
    kind === "customer" ? h("span", { class: "kind-tag" }, "Customer") : null,
    h("time", { class: "stamp", title: fullTime(message.ts), datetime: new Date(Number(message.ts) * 1000).toISOString() }, clock(message.ts)),
  );
}

/**
 * A row.
 * @param {object} message
 * @param {{channel: string, followUp: boolean, body: Node, openThread: (() => void) | null, dismiss: () => void, inThread: boolean}} options
 */
export function messageRow(message, { channel, followUp, body, openThread, dismiss, inThread }) {
  const author = authorOf(message);
  const props = {
    class: ["message", followUp && "follow-up", message.ephemeral_to && "ephemeral", NOTICES.has(message.subtype) && "notice"],
    role: "listitem",
    tabindex: -1,
    "aria-label": `${author.name}, ${clock(message.ts)}`,
    dataset: { ts: message.ts, focusKey: `message/${message.ts}` },
  };
  if (NOTICES.has(message.subtype)) return h("div", props, h("div", { class: "gutter" }), h("div", { class: "message-main" }, body));
  return h(
    "div",
    props,
    h("div", { class: "gutter" }, followUp ? h("time", { class: "gutter-stamp", title: fullTime(message.ts) }, clock(message.ts)) : avatar(author.user)),
    h(
      "div",
      { class: "message-main" },
      ephemeralMark(message, dismiss),
      message.subtype === "thread_broadcast" && !inThread ? h("div", { class: "broadcast-mark" }, "replied to a thread") : null,
      followUp ? null : head(message, author),
      body,
      reactions(channel, message),
      inThread ? null : threadSummary(message, openThread),
    ),
  );
}
