/** A scrolling list of messages that keeps its place: the channel's and the thread's. */
import { coalesce, focusKey, h, reconcile, restoreFocus } from "./dom.js";
import { dayKey, dayLabel } from "./format.js";
import { FormState } from "./form_state.js";
import { icon } from "./icons.js";
import { contentKey, isFollowUp, messageBody, messageRow } from "./messages.js";
import { store } from "./state.js";
import { Toolbar } from "./toolbar.js";

const NEAR = 80;
const WINDOW = 120;
const STEP = 80;

export class MessageList {
  #rows = new Map();
  #dividers = new Map();
  #shown = WINDOW;
  #stuck = true;
  #messages = [];

  /**
   * @param {{channel: string, inThread: boolean, label: string, source: () => object[], older?: () => boolean, intro?: () => Node | null}} options
   *   `source` gives the messages to show, oldest first; `older` asks for earlier ones and says whether there are any;
   *   `intro` stands before the very first message
   */
  constructor(options) {
    this.options = options;
    /** The first message not yet read when the channel was opened, or null. */
    this.unreadFrom = null;
    this.items = h("div", { class: "message-items", role: "list", "aria-label": options.label });
    this.jump = h("button", { type: "button", class: "jump-new", hidden: true, on: { click: () => this.toEnd() } }, icon("chevron"), "New messages");
    this.scroller = h("div", { class: "message-scroll", on: { scroll: () => this.#scrolled(), keydown: (event) => this.#key(event) } }, this.items);
    this.element = h("div", { class: "message-list" }, this.scroller, this.jump);
    this.toolbar = new Toolbar(options.channel, options.inThread);
    this.toolbar.watch(this.items, (ts) => this.#messages.find((message) => message.ts === ts));
    this.update = coalesce(() => this.draw());
    new ResizeObserver(() => this.#stuck && this.#pin()).observe(this.items);
  }

  /** Draw now; `update()` draws in the next frame. */
  draw() {
    const all = this.options.source();
    const grew = all.length && this.#messages.length && all.at(-1).ts !== this.#messages.at(-1)?.ts;
    this.#messages = all.slice(-this.#shown);
    const key = focusKey(this.items);
    const height = this.scroller.scrollHeight;
    const top = this.scroller.scrollTop;
    const first = this.items.querySelector(".message")?.dataset.ts;
    reconcile(this.items, this.#nodes());
    this.#roving();
    this.toolbar.reattach(this.items);
    if (key && focusKey(this.items) !== key) restoreFocus(this.items, key);
    if (this.#stuck) this.#pin();
    else {
      const prepended = first && this.#messages.length && Number(this.#messages[0].ts) < Number(first);
      this.scroller.scrollTop = prepended ? top + this.scroller.scrollHeight - height : top;
      if (grew && !prepended) this.jump.hidden = false;
    }
  }

  /** Forget drawn rows (names changed). */
  forget() {
    this.#rows.clear();
    this.update();
  }

  /** Go to the newest message. */
  toEnd() {
    this.#stuck = true;
    this.jump.hidden = true;
    this.#pin();
  }

  /** Scroll to a message and mark it. @returns {boolean} false when it is not loaded */
  reveal(ts) {
    const at = this.options.source().findIndex((message) => message.ts === ts);
    if (at < 0) return false;
    this.#shown = Math.max(this.#shown, this.options.source().length - at + STEP);
    this.draw();
    const row = this.items.querySelector(`[data-ts="${CSS.escape(ts)}"]`);
    if (!row) return false;
    this.#stuck = false;
    row.scrollIntoView({ block: "center" });
    row.focus({ preventScroll: true });
    row.classList.add("flash");
    setTimeout(() => row.classList.remove("flash"), 2200);
    return true;
  }

  #pin() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  #nodes() {
    const complete = this.#messages.length === this.options.source().length;
    const nodes = complete ? [this.options.intro?.()].filter(Boolean) : [];
    let before = null;
    const days = new Set();
    for (const message of this.#messages) {
      const day = dayKey(message.ts);
      if (!days.has(day)) nodes.push(this.#rule(day), this.#divider(`day-${day}`, dayLabel(message.ts)));
      days.add(day);
      const unread = message.ts === this.unreadFrom;
      if (unread) nodes.push(this.#divider("unread", "New"));
      const sameDay = before && dayKey(before.ts) === day;
      nodes.push(this.#row(message, sameDay && !unread && isFollowUp(message, before)));
      if (this.options.inThread && !before && this.options.source().length > 1) nodes.push(this.#replyCount());
      before = message;
    }
    this.#prune();
    return nodes;
  }

  #replyCount() {
    const count = this.options.source().filter((message) => !message.ephemeral_to).length - 1;
    return this.#divider(`replies-${count}`, `${count} ${count === 1 ? "reply" : "replies"}`);
  }

  #divider(key, text) {
    if (!this.#dividers.has(key)) {
      const kind = key === "unread" ? "unread-divider" : key.startsWith("day") ? "day-divider" : "reply-divider";
      this.#dividers.set(key, h("div", { class: ["divider-line", kind], role: "listitem", "aria-label": text }, h("span", {}, text)));
    }
    return this.#dividers.get(key);
  }

  // The line under a day's name stays where it is while the name sticks to the top.
  #rule(day) {
    const key = `rule-${day}`;
    if (!this.#dividers.has(key)) this.#dividers.set(key, h("div", { class: "day-rule", role: "presentation" }));
    return this.#dividers.get(key);
  }

  #row(message, followUp) {
    const known = this.#rows.get(message.ts);
    if (known && known.message === message && known.followUp === followUp) return known.node;
    const content = contentKey(message);
    const form = known?.form ?? new FormState();
    const body = known?.content === content ? known.body : messageBody(this.options.channel, message, form);
    const { channel, inThread } = this.options;
    const root = message.thread_ts || message.ts;
    const node = messageRow(message, {
      channel, inThread, followUp, body,
      openThread: () => store.go({ thread: root, focusThread: true }),
      dismiss: () => store.drop(channel, message.ts),
    });
    if (known?.node.tabIndex === 0) node.tabIndex = 0;
    this.#rows.set(message.ts, { message, followUp, content, body, form, node });
    return node;
  }

  #prune() {
    if (this.#rows.size < this.#messages.length + 200) return;
    const wanted = new Set(this.#messages.map((message) => message.ts));
    for (const ts of this.#rows.keys()) if (!wanted.has(ts)) this.#rows.delete(ts);
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.#stuck = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.#stuck) this.jump.hidden = true;
    if (scrollTop > 240) return;
    const all = this.options.source().length;
    if (all > this.#shown) {
      this.#shown += STEP;
      this.update();
    } else if (this.options.older?.()) this.#shown += STEP;
  }

  // One row is in the tab order; arrow keys walk through them.
  #roving() {
    if (this.items.querySelector('.message[tabindex="0"]')) return;
    const last = [...this.items.querySelectorAll(".message")].at(-1);
    if (last) last.tabIndex = 0;
  }

  #key(event) {
    if (!event.target.matches?.(".message")) return;
    const rows = [...this.items.querySelectorAll(".message")];
    const at = rows.indexOf(event.target);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined) {
      if (!event.ctrlKey && !event.metaKey && !event.altKey) this.toolbar.shortcut(event);
      return;
    }
    event.preventDefault();
    const next = rows[Math.max(0, Math.min(rows.length - 1, to))];
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }
}
