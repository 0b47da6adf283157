/** Suggestions while typing: /commands and their verbs, @people, #channels, :emoji:. */
import { avatar } from "./avatar.js";
import { h, uid } from "./dom.js";
import { searchEmoji } from "./emoji.js";
import { icon } from "./icons.js";
import { place } from "./popover.js";
import { store } from "./state.js";

const MOST = 8;

/** Commands of the page itself. */
export const OWN_COMMANDS = [{ command: "/invite", description: "Add somebody, or the app, to this channel", usage_hint: "@name", own: true }];

/** All commands a person may type here. */
export const commands = () => [...store.commands, ...OWN_COMMANDS];

/** The alternatives that a usage hint names: "[themes | known <text>]" -> themes, known <text>. */
export function verbsOf(hint) {
  const inner = String(hint || "").trim().replace(/^\[(.*)\]$/, "$1");
  const parts = [];
  let depth = 0;
  let part = "";
  for (const sign of inner) {
    if ("[<(".includes(sign)) depth += 1;
    if ("]>)".includes(sign)) depth -= 1;
    if (depth === 0 && (sign === "|" || sign === "·")) {
      parts.push(part.trim());
      part = "";
    } else part += sign;
  }
  parts.push(part.trim());
  return parts.length > 1 ? parts.filter((text) => /^[a-z]/.test(text)) : [];
}

function commandSuggestions(before) {
  const word = /^\/(\S*)$/.exec(before);
  if (word) {
    const hits = commands().filter(({ command }) => command.slice(1).startsWith(word[1].toLowerCase()));
    return hits.map((one) => ({ insert: `${one.command} `, from: 0, title: one.command, hint: [one.usage_hint, one.description].filter(Boolean).join(" — "), mark: icon("bolt") }));
  }
  const rest = /^(\/\S+) ([a-z]*)$/.exec(before);
  const command = rest && commands().find((one) => one.command === rest[1]);
  if (!command) return [];
  const verbs = verbsOf(command.usage_hint).filter((verb) => verb.startsWith(rest[2]) && verb.split(" ")[0] !== rest[2]);
  return verbs.map((verb) => ({ insert: `${verb.split(/[ [<]/)[0]} `, from: rest[1].length + 1, title: verb, hint: "", mark: icon("spark") }));
}

function peopleSuggestions(query, from) {
  const members = new Set(store.channels.get(store.route.channel)?.members || []);
  const hits = [...store.users.values()].filter((user) => [user.real_name, user.name].some((name) => (name || "").toLowerCase().split(/[\s._-]+/).some((word) => word.startsWith(query)) || (name || "").toLowerCase().startsWith(query)));
  const rank = (user) => (user.id === store.bot.user_id ? 0 : members.has(user.id) ? 1 : 2);
  hits.sort((a, b) => rank(a) - rank(b) || String(a.real_name).localeCompare(b.real_name));
  return hits.map((user) => ({ insert: `@${user.real_name || user.name} `, from, title: user.real_name || user.name, hint: user.title || (user.kind === "bot" ? "App" : ""), mark: avatar(user, "small") }));
}

function channelSuggestions(query, from) {
  const hits = [...store.channels.values()].filter((one) => one.kind !== "im" && one.name.includes(query));
  return hits.map((one) => ({ insert: `#${one.name} `, from, title: `#${one.name}`, hint: one.topic || "", mark: icon("hash") }));
}

/** What fits the text before the caret. */
export function suggestions(before) {
  if (before.startsWith("/")) {
    const found = commandSuggestions(before);
    if (found.length) return found.slice(0, 24);
  }
  const token = /(?:^|[\s(])([@#:])([\w.+ -]{0,24})$/.exec(before);
  if (!token) return [];
  const [, sign, raw] = token;
  const query = raw.toLowerCase();
  const from = before.length - raw.length - 1;
  if (sign === "@") return /^ /.test(raw) ? [] : peopleSuggestions(query, from).slice(0, MOST);
  if (/\s/.test(raw)) return [];
  if (sign === "#") return channelSuggestions(query, from).slice(0, MOST);
  if (query.length < 2) return [];
  return searchEmoji(query, MOST).map(([name, character]) => ({ insert: `:${name}: `, from, title: `:${name}:`, hint: "", mark: character }));
}

/** The list under the caret's field: a combobox popup that the composer drives. */
export class Completion {
  #found = [];
  #active = 0;

  constructor(field) {
    this.field = field;
    this.id = uid("complete");
    this.list = h("div", { class: "completion popover", id: this.id, role: "listbox", popover: "manual", "aria-label": "Suggestions" });
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    // A textarea may not take the combobox role: these attributes of a textbox say the same to screen readers.
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-haspopup", "listbox");
  }

  get isOpen() {
    return this.#found.length > 0;
  }

  /** Look again at what stands before the caret. */
  refresh() {
    const { field } = this;
    this.#found = field.selectionStart === field.selectionEnd ? suggestions(field.value.slice(0, field.selectionStart)) : [];
    this.#active = 0;
    this.#draw();
  }

  close() {
    this.#found = [];
    this.#draw();
  }

  #draw() {
    if (!this.isOpen) {
      for (const name of ["aria-activedescendant", "aria-controls"]) this.field.removeAttribute(name);
      if (this.list.matches(":popover-open")) this.list.hidePopover();
      return;
    }
    this.list.replaceChildren(...this.#found.map((one, index) => this.#option(one, index)));
    if (!this.list.isConnected) this.field.after(this.list);
    if (!this.list.matches(":popover-open")) this.list.showPopover();
    place(this.list, this.field.closest(".composer-box") || this.field, { match: true, above: true });
    this.field.setAttribute("aria-controls", this.id);
    this.field.setAttribute("aria-activedescendant", `${this.id}-${this.#active}`);
    this.list.children[this.#active]?.scrollIntoView({ block: "nearest" });
  }

  #option(one, index) {
    return h(
      "div",
      { class: ["completion-option", index === this.#active && "active"], role: "option", id: `${this.id}-${index}`, "aria-selected": String(index === this.#active), on: { click: () => this.#take(one) } },
      h("span", { class: "completion-mark" }, one.mark),
      h("span", { class: "completion-title" }, one.title),
      one.hint ? h("span", { class: "muted completion-hint" }, one.hint) : null,
    );
  }

  #take(one) {
    const { field } = this;
    const end = field.selectionStart;
    field.setRangeText(one.insert, one.from, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }

  /** @returns {boolean} true when the key was for the list */
  key(event) {
    if (!this.isOpen) return false;
    const count = this.#found.length;
    if (event.key === "ArrowDown") this.#active = (this.#active + 1) % count;
    else if (event.key === "ArrowUp") this.#active = (this.#active - 1 + count) % count;
    else if (event.key === "Escape") this.#found = [];
    else if (event.key === "Tab" || (event.key === "Enter" && !this.#exact())) this.#take(this.#found[this.#active]);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    this.#draw();
    return true;
  }

  // "/ticket-intel" typed in full, or an emoji already closed: Enter sends instead of completing once more.
  #exact() {
    const one = this.#found[this.#active];
    const typed = this.field.value.slice(one.from, this.field.selectionStart);
    return typed === one.insert.trim();
  }
}
