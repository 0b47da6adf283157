/** The menu that hovers over a message: react, reply in thread, the app's shortcuts, edit and delete of one's own. */
import { ask } from "./confirm.js";
import { editMessage } from "./edit.js";
import { emojiPicker } from "./emoji_picker.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { toPlainText } from "./mrkdwn.js";
import { openMenu, popoverAnchor } from "./popover.js";
import { toggleReaction } from "./reactions.js";
import { send } from "./socket.js";
import { store } from "./state.js";
import { emojiNode } from "./text.js";
import { toast } from "./toasts.js";

const QUICK = ["white_check_mark", "eyes", "raised_hands"];

export class Toolbar {
  #row = null;
  #message = null;

  constructor(channel, inThread) {
    this.channel = channel;
    this.inThread = inThread;
    this.element = h("div", { class: "toolbar", role: "toolbar", "aria-label": "Message actions" });
  }

  /** Follow pointer and focus over the rows of `items`. */
  watch(items, find) {
    this.find = find;
    const follow = (event) => {
      if (popoverAnchor() && this.element.contains(popoverAnchor())) return;
      const row = event.target.closest?.(".message");
      if (row) this.#attach(row);
    };
    items.addEventListener("pointerover", follow);
    items.addEventListener("focusin", follow);
    items.addEventListener("pointerleave", () => {
      if (!popoverAnchor() && !this.element.contains(document.activeElement) && this.#row !== document.activeElement) this.#detach();
    });
  }

  /** After a drawing: the row of this message may be another node now. */
  reattach(items) {
    if (!this.#row || this.#row.isConnected) return;
    const row = items.querySelector(`[data-ts="${CSS.escape(this.#row.dataset.ts)}"]`);
    this.#detach();
    if (row) this.#attach(row);
  }

  #detach() {
    this.element.remove();
    this.#row = null;
  }

  #attach(row) {
    const message = this.find(row.dataset.ts);
    if (!message || message.subtype === "tombstone" || row.classList.contains("notice") || row.querySelector(".edit-form")) return this.#detach();
    if (row === this.#row && message === this.#message) return undefined;
    this.#row = row;
    this.#message = message;
    this.element.replaceChildren(...this.#buttons(message));
    row.append(this.element);
    return undefined;
  }

  #buttons(message) {
    if (message.ephemeral_to) return [this.#button("close", "Dismiss", () => store.drop(this.channel, message.ts))];
    const quick = QUICK.map((name) => h("button", { type: "button", class: "icon-button", "aria-label": `React with ${name.replaceAll("_", " ")}`, title: `:${name}:`, on: { click: () => toggleReaction(this.channel, message, name) } }, emojiNode(name)));
    return [
      ...quick,
      this.#button("smile", "Find another reaction (R)", (anchor) => emojiPicker(anchor, (name) => toggleReaction(this.channel, message, name)), "react"),
      this.inThread ? null : this.#button("reply", "Reply in thread (T)", () => this.#reply(message), "reply"),
      this.#shortcuts().length ? this.#button("spark", `Ask ${store.bot.name || "the app"} about this message (S)`, (anchor) => this.#askMenu(anchor, message), "shortcuts") : null,
      this.#button("more", "More actions (M)", (anchor) => this.#menu(anchor, message), "more"),
    ].filter(Boolean);
  }

  #button(name, label, press, key = name) {
    const node = h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, dataset: { tool: key } }, icon(name));
    if (["react", "shortcuts", "more"].includes(key)) node.setAttribute("aria-haspopup", "true");
    node.addEventListener("click", () => press(node));
    return node;
  }

  #reply(message) {
    store.go({ thread: message.thread_ts || message.ts, focusThread: true });
  }

  #shortcuts() {
    return store.shortcuts.filter((shortcut) => shortcut.type === "message");
  }

  #shortcutItems(message) {
    const { channel } = this;
    return this.#shortcuts().map((shortcut) => ({
      label: shortcut.name,
      icon: icon("spark"),
      dataset: { callbackId: shortcut.callback_id },
      run: () => send({ type: "shortcut", callback_id: shortcut.callback_id, channel, ts: message.ts }),
    }));
  }

  #askMenu(anchor, message) {
    openMenu(anchor, "Shortcuts", [{ heading: store.bot.name || "App" }, ...this.#shortcutItems(message)], { align: "end" });
  }

  #menu(anchor, message) {
    const mine = message.user === store.me.id && !message.bot_id;
    const items = [...this.#shortcutItems(message)];
    if (items.length) items.push("-");
    items.push({ label: "Copy text", icon: icon("file"), run: () => copyText(message) });
    if (mine) items.push({ label: "Edit message", icon: icon("edit"), run: () => this.#edit(message) }, { label: "Delete message…", icon: icon("trash"), danger: true, run: () => this.#delete(message) });
    openMenu(anchor, "More actions", items, { align: "end" });
  }

  #edit(message) {
    const row = this.#row;
    this.#detach();
    if (row) editMessage(row, this.channel, message);
  }

  async #delete(message) {
    const sure = await ask({ title: { text: "Delete message" }, text: { type: "plain_text", text: "Are you sure? This cannot be undone." }, confirm: { text: "Delete" }, style: "danger" });
    if (sure) send({ type: "delete", channel: this.channel, ts: message.ts });
  }

  /** Keys on a focused message: T thread, R react, S shortcuts, M more, E edit. */
  shortcut(event) {
    const tool = { t: "reply", r: "react", s: "shortcuts", m: "more" }[event.key.toLowerCase()];
    if (tool) {
      event.preventDefault();
      this.element.querySelector(`[data-tool="${tool}"]`)?.click();
    } else if (event.key.toLowerCase() === "e" && this.#message?.user === store.me.id) {
      event.preventDefault();
      this.#edit(this.#message);
    }
  }
}

async function copyText(message) {
  try {
    await navigator.clipboard.writeText(toPlainText(message.text, (id) => store.nameOf(id)));
    toast("info", "Copied.");
  } catch {
    toast("warning", "The browser did not allow copying.");
  }
}
