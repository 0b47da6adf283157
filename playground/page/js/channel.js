/** The middle of the page: one conversation with its header, pinned strip, messages and composer; or the app's home. */
import { avatar } from "./avatar.js";
import { Composer } from "./composer.js";
import { editMessage } from "./edit.js";
import { coalesce, h } from "./dom.js";
import { plural } from "./format.js";
import { drawHome } from "./home.js";
import { icon } from "./icons.js";
import { memberMenu } from "./members.js";
import { MessageList } from "./message_list.js";
import { toPlainText } from "./mrkdwn.js";
import { send } from "./socket.js";
import { store } from "./state.js";
import { plainText } from "./text.js";

const READ_DELAY = 250;

export class ChannelView {
  #open = null;
  #readTimer = 0;
  #reveal = null;

  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.header = h("header", { class: "channel-header" });
    this.strip = h("div", { class: "pinned-strip", hidden: true });
    this.body = h("div", { class: "channel-body" });
    host.append(this.header, this.strip, this.body);
    this.drawHeader = coalesce(() => this.#drawHeader());
    store.on("route", () => this.show());
    store.on("channels", () => this.drawHeader());
    store.on("pins", () => this.#drawStrip());
    store.on("home", () => this.#isHome() && drawHome(this.body));
    store.on("people", () => this.list?.forget());
    store.on("messages", (detail) => this.#changed(detail));
    store.on("thread", () => this.#drawStrip());
    store.on("status", () => this.composer?.showWaiting(store.waiting));
    document.addEventListener("visibilitychange", () => this.#read());
  }

  get channel() {
    return store.channels.get(store.route.channel) ?? null;
  }

  #isHome() {
    return store.route.tab === "home" && store.isBotChannel(this.channel);
  }

  /** Draw what the route names; nothing happens when it is already shown. */
  show({ again = false } = {}) {
    const { channel } = this;
    if (!channel) return this.#drawNothing();
    const key = `${channel.id}/${this.#isHome() ? "home" : "messages"}`;
    if (key === this.#open && !again) return this.drawHeader();
    this.#open = key;
    this.#drawHeader();
    this.#drawStrip();
    if (this.#isHome()) this.#showHome();
    else this.#showMessages(channel);
    document.title = `${store.titleOf(channel)} · ${store.workspace.name || "Playground"}`;
    return undefined;
  }

  #drawNothing() {
    this.#open = null;
    this.list = this.composer = null;
    this.header.replaceChildren();
    this.strip.hidden = true;
    this.body.replaceChildren(h("div", { class: "empty" }, h("p", {}, store.me ? "Choose a conversation." : "Connecting to the playground…")));
  }

  #showHome() {
    this.list = this.composer = null;
    drawHome(this.body);
    send({ type: "home_opened" });
  }

  #showMessages(channel) {
    const log = store.log(channel.id);
    const intro = drawIntro(channel);
    this.list = new MessageList({
      channel: channel.id, inThread: false, label: `Messages in ${store.titleOf(channel)}`,
      source: () => log.messages.filter((message) => !message.thread_ts || message.thread_ts === message.ts || message.subtype === "thread_broadcast"),
      older: () => this.#older(channel.id),
      intro: () => (log.loaded && !log.hasMore ? intro : null),
    });
    this.list.unreadFrom = null;
    this.wantsUnread = channel.unread;
    const name = channel.kind === "im" ? store.titleOf(channel) : `#${channel.name}`;
    this.composer = new Composer({ channel: channel.id, placeholder: `Message ${name}`, editLast: () => this.#editLast(), sent: () => this.list?.toEnd() });
    const foot = channel.is_archived ? h("p", { class: "archived muted" }, "This channel is archived.") : this.composer.element;
    this.body.replaceChildren(this.list.element, foot);
    if (!log.loaded) {
      this.list.items.append(skeleton());
      send({ type: "history", channel: channel.id });
    } else this.#markUnread(log);
    this.list.draw();
    if (!log.loaded) this.list.items.append(skeleton());
    if (matchMedia("(hover: hover)").matches && !store.route.thread) this.composer.focus();
    this.#read();
  }

  #markUnread(log) {
    if (!this.wantsUnread || !this.list) return;
    const others = log.messages.filter((message) => message.user !== store.me.id && !message.ephemeral_to);
    this.list.unreadFrom = others.at(-this.wantsUnread)?.ts ?? null;
    this.wantsUnread = 0;
  }

  #older(channel) {
    const log = store.log(channel);
    if (!log.loaded || !log.hasMore || log.loading) return false;
    log.loading = send({ type: "history", channel, cursor: log.cursor });
    return log.loading;
  }

  #changed({ channel }) {
    if (channel !== store.route.channel || !this.list) return;
    const log = store.log(channel);
    if (log.loaded) this.#markUnread(log);
    this.list.update();
    this.#drawStrip();
    this.#read();
    if (this.#reveal) requestAnimationFrame(() => this.#tryReveal());
  }

  /** Go to a message of the open channel, now or when its page of history is here. */
  reveal(ts) {
    this.#reveal = ts;
    this.#tryReveal();
  }

  #tryReveal() {
    if (!this.#reveal || !this.list) return;
    const loaded = store.log(store.route.channel).loaded;
    if (this.list.reveal(this.#reveal) || loaded) this.#reveal = null;
  }

  /** Say that this person has seen the channel, a moment after the last change. */
  #read() {
    clearTimeout(this.#readTimer);
    const { channel } = this;
    if (!channel?.unread || document.hidden || this.#isHome()) return;
    this.#readTimer = setTimeout(() => send({ type: "read", channel: channel.id }), READ_DELAY);
  }

  #editLast() {
    const mine = store.log(store.route.channel).messages.findLast((message) => message.user === store.me.id && !message.thread_ts && !message.ephemeral_to);
    const row = mine && this.list.items.querySelector(`[data-ts="${CSS.escape(mine.ts)}"]`);
    if (row) editMessage(row, store.route.channel, mine);
  }

  #drawHeader() {
    const { channel } = this;
    if (!channel) return;
    const partner = store.partner(channel);
    const mark = partner ? avatar(partner, "medium") : icon(channel.kind === "private" ? "lock" : "hash");
    const topic = partner ? partner.title : channel.topic;
    const title = h("div", { class: "channel-title" }, h("span", { class: "channel-mark" }, mark), h("h1", {}, store.titleOf(channel)), channel.is_shared ? h("span", { class: "shared-tag", title: "Customers outside the company read this channel" }, "shared with customers") : null);
    const members = channel.kind === "im" ? null : h("button", { type: "button", class: "button members-button", "aria-haspopup": "menu", "aria-label": `${plural(channel.members?.length || 0, "member")}: show and invite`, on: { click: (event) => memberMenu(event.currentTarget, channel) } }, icon("people"), String(channel.members?.length || 0));
    const tabs = store.isBotChannel(channel) ? this.#tabs() : null;
    this.header.replaceChildren(h("div", { class: "channel-line" }, title, topic ? h("p", { class: "topic" }, plainText(topic)) : null, members), ...[tabs].filter(Boolean));
  }

  #tabs() {
    const at = store.route.tab === "home" ? "home" : "messages";
    const tab = (key, label) => h("a", { class: "tab", href: `#/${store.route.channel}${key === "home" ? "/home" : ""}`, "aria-current": at === key ? "page" : null }, label);
    return h("nav", { class: "tabs", "aria-label": "App pages" }, tab("home", "Home"), tab("messages", "Messages"));
  }

  #drawStrip() {
    const { channel } = this;
    const pins = store.pinned.filter((pin) => pin.channel === channel?.id);
    this.strip.hidden = !pins.length || this.#isHome();
    if (this.strip.hidden) return;
    this.strip.replaceChildren(icon("pin"), h("span", { class: "visually-hidden" }, "Pinned: "), ...pins.slice(-3).reverse().map((pin) => this.#pin(pin)));
  }

  #pin({ channel, ts }) {
    const thread = store.threads.get(`${channel}:${ts}`);
    const message = store.log(channel).find(ts) || thread?.messages[0];
    if (!message && !thread) {
      store.thread(channel, ts);
      send({ type: "thread", channel, ts });
    }
    const words = message ? toPlainText(message.text, (id) => store.nameOf(id)).slice(0, 90) : "Pinned message";
    const jump = () => {
      if (!this.list?.reveal(ts)) store.go({ thread: ts, focusThread: true });
    };
    return h("button", { type: "button", class: "pin-button", on: { click: jump } }, plainText(words || "Pinned message"));
  }
}

/** What stands before a conversation's first message. */
function drawIntro(channel) {
  const name = store.titleOf(channel);
  const partner = store.partner(channel);
  const mark = partner ? avatar(partner) : h("span", { class: "intro-mark" }, icon(channel.kind === "private" ? "lock" : "hash"));
  const words = partner ? `This is the beginning of your conversation with ${name}.` : `This is the very beginning of #${name}.`;
  return h("div", { class: "intro", role: "listitem" }, mark, h("div", {}, h("h2", {}, name), h("p", { class: "muted" }, words, channel.topic ? ` ${channel.topic}` : "")));
}

function skeleton() {
  return h("div", { class: "skeleton", "aria-hidden": "true" }, [0, 1, 2, 3].map(() => h("div", { class: "skeleton-row" }, h("span"), h("div", {}, h("i"), h("i")))));
}
