/** Between what a person types ("@Maya Chen") and what is sent ("<@U1>"). */
import { store } from "./state.js";
import { unescape } from "./mrkdwn.js";

function namesOf(user) {
  return [user.real_name, user.name].filter(Boolean);
}

function table() {
  const people = [...store.users.values()].flatMap((user) => namesOf(user).map((name) => [`@${name}`, `<@${user.id}>`]));
  const places = [...store.channels.values()].filter((one) => one.kind !== "im").map((one) => [`#${one.name}`, `<#${one.id}>`]);
  return [...people, ...places].sort((a, b) => b[0].length - a[0].length);
}

/** Names typed after @ and # become tokens, the longest name first; all else stays as typed. */
export function toTokens(text) {
  const known = table();
  let out = "";
  let at = 0;
  while (at < text.length) {
    const starts = (text[at] === "@" || text[at] === "#") && !/\w/.test(text[at - 1] || " ");
    const hit = starts && known.find(([name]) => text.slice(at, at + name.length).toLowerCase() === name.toLowerCase() && !/\w/.test(text[at + name.length] || " "));
    out += hit ? hit[1] : text[at];
    at += hit ? hit[0].length : 1;
  }
  return out;
}

/** A stored text as its author would type it, for the edit box. */
export function fromStored(source) {
  const shown = String(source || "")
    .replace(/<@(\w+)(?:\|[^>]*)?>/g, (_, id) => `@${store.nameOf(id)}`)
    .replace(/<#(\w+)(?:\|([^>]*))?>/g, (_, id, label) => `#${store.channels.get(id)?.name || label || id}`)
    .replace(/<!(here|channel|everyone)(?:\|[^>]*)?>/g, "@$1")
    .replace(/<mailto:([^|>]+)(?:\|[^>]*)?>/g, "$1")
    .replace(/<(https?:[^|>]+)(?:\|[^>]*)?>/g, "$1");
  return unescape(shown);
}
