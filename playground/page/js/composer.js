/** Where people write: a channel's composer and a thread's. */
import { commands, Completion } from "./completion.js";
import { emojiPicker } from "./emoji_picker.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { send } from "./socket.js";
import { store } from "./state.js";
import { toTokens } from "./typed_text.js";

const TALLEST = 220;
const WRAPS = { b: "*", i: "_", e: "`" };

/** Slack's wall, in its place. */
export const threadWall = () => `Slash commands do not work in threads: mention @${store.bot.name || "Ticket Intel"} instead.`;

export class Composer {
  /** @param {{channel: string, thread?: string, placeholder: string, editLast?: () => void, sent?: () => void}} options */
  constructor(options) {
    this.options = options;
    this.key = `${options.channel}:${options.thread || ""}`;
    this.field = h("textarea", {
      class: "composer-field", rows: 1, placeholder: options.placeholder, "aria-label": options.placeholder, value: store.drafts.get(this.key) || "",
      on: { input: () => this.#typed(), keydown: (event) => this.#keydown(event), blur: () => this.completion.close(), click: () => this.completion.refresh() },
    });
    this.notice = h("p", { class: "composer-notice", role: "alert", hidden: true });
    this.sendButton = h("button", { type: "button", class: "send-button", "aria-label": "Send", disabled: true, on: { click: () => this.submit() } }, icon("send"));
    this.waiting = h("span", { class: "composer-waiting", role: "status" });
    this.element = h("div", { class: "composer" }, this.notice, h("div", { class: "composer-box" }, this.field, this.#tools()));
    this.completion = new Completion(this.field);
    requestAnimationFrame(() => this.#grow());
    this.#enable();
  }

  #tools() {
    const insert = (text) => () => {
      this.field.focus();
      const spaced = this.field.value && !/\s$/.test(this.field.value) ? ` ${text}` : text;
      this.field.setRangeText(text === "/" ? text : spaced, this.field.selectionStart, this.field.selectionEnd, "end");
      this.#typed();
    };
    const smile = h("button", { type: "button", class: "icon-button", "aria-label": "Emoji", title: "Emoji" }, icon("smile"));
    smile.addEventListener("click", () => emojiPicker(smile, (name) => insert(`:${name}: `)()));
    return h(
      "div",
      { class: "composer-tools" },
      smile,
      h("button", { type: "button", class: "icon-button", "aria-label": "Mention someone", title: "Mention someone", on: { click: insert("@") } }, icon("at")),
      this.options.thread ? null : h("button", { type: "button", class: "icon-button", "aria-label": "Run a command", title: "Run a command", on: { click: insert("/") } }, icon("bolt")),
      this.waiting,
      h("span", { class: "composer-hint muted" }, h("kbd", {}, "Enter"), " sends, ", h("kbd", {}, "Shift+Enter"), " new line"),
      this.sendButton,
    );
  }

  focus() {
    this.field.focus();
  }

  /** Show what still waits for the connection. */
  showWaiting(count) {
    this.waiting.textContent = count ? `${count} waiting for the connection` : "";
  }

  #typed() {
    store.drafts.set(this.key, this.field.value);
    this.#grow();
    this.#enable();
    this.#say("");
    this.completion.refresh();
  }

  #grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(TALLEST, this.field.scrollHeight)}px`;
  }

  #enable() {
    this.sendButton.disabled = !this.field.value.trim();
  }

  #say(text) {
    this.notice.textContent = text;
    this.notice.hidden = !text;
  }

  #keydown(event) {
    if (this.completion.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "ArrowUp" && !this.field.value && this.options.editLast) {
      event.preventDefault();
      this.options.editLast();
    } else if ((event.ctrlKey || event.metaKey) && WRAPS[event.key]) {
      event.preventDefault();
      this.#wrap(WRAPS[event.key]);
    }
  }

  #wrap(mark) {
    const { selectionStart: from, selectionEnd: to, value } = this.field;
    this.field.setRangeText(`${mark}${value.slice(from, to)}${mark}`, from, to, "end");
    this.field.setSelectionRange(from + 1, to + 1);
    this.#typed();
  }

  /** Send what is typed: a command, or a message. */
  submit() {
    const text = this.field.value.trim();
    if (!text) return;
    const refusal = text.startsWith("/") ? this.#command(text) : this.#message(text);
    if (refusal) {
      this.#say(refusal);
      return;
    }
    this.field.value = "";
    this.#typed();
    this.completion.close();
    this.options.sent?.();
  }

  #message(text) {
    const frame = { type: "say", channel: this.options.channel, text: toTokens(text) };
    if (this.options.thread) frame.thread_ts = this.options.thread;
    send(frame);
    return "";
  }

  /** @returns {string} why the command is not run, or "" */
  #command(text) {
    if (this.options.thread) return threadWall();
    const [, command, rest] = /^(\/\S+)\s*([\s\S]*)$/.exec(text);
    const known = commands().find((one) => one.command === command);
    if (!known) return `${command} is not a command here. Type / to see them.`;
    if (known.own) return this.#invite(rest);
    send({ type: "slash", channel: this.options.channel, command, text: toTokens(rest) });
    return "";
  }

  #invite(rest) {
    const user = /^<@(\w+)>$/.exec(toTokens(rest.trim().startsWith("@") ? rest.trim() : `@${rest.trim()}`))?.[1];
    if (!user) return "Whom? Type /invite and a name, such as /invite @Ticket Intel.";
    send({ type: "invite", channel: this.options.channel, user });
    return "";
  }
}
