/** Reaction chips under a message. */
import { emojiPicker } from "./emoji_picker.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { send } from "./socket.js";
import { store } from "./state.js";
import { emojiNode } from "./text.js";

/** Add or take back this person's reaction. */
export function toggleReaction(channel, message, name) {
  const mine = message.reactions?.find((reaction) => reaction.name === name)?.users.includes(store.me.id);
  const frame = { type: "react", channel, ts: message.ts, name };
  send(mine ? { ...frame, remove: true } : frame);
}

function who(reaction) {
  const names = reaction.users.map((id) => (id === store.me.id ? "You" : store.nameOf(id)));
  return `${names.join(", ")} reacted with :${reaction.name}:`;
}

function chip(channel, message, reaction) {
  const mine = reaction.users.includes(store.me.id);
  return h(
    "button",
    {
      type: "button", class: "reaction", "aria-pressed": String(mine), title: who(reaction), "aria-label": `${reaction.name}, ${reaction.count}. ${who(reaction)}`,
      dataset: { focusKey: `reaction/${message.ts}/${reaction.name}` }, on: { click: () => toggleReaction(channel, message, reaction.name) },
    },
    emojiNode(reaction.name),
    h("span", { class: "reaction-count" }, reaction.count ?? reaction.users.length),
  );
}

/** The row of chips, or null without reactions. */
export function reactions(channel, message) {
  if (!message.reactions?.length) return null;
  const add = h("button", { type: "button", class: "reaction reaction-add", "aria-label": "Add reaction" }, icon("smile"));
  add.addEventListener("click", () => emojiPicker(add, (name) => toggleReaction(channel, message, name)));
  return h("div", { class: "reactions", role: "group", "aria-label": "Reactions" }, message.reactions.map((reaction) => chip(channel, message, reaction)), add);
}
