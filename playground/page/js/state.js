/**
 * What the page knows: one store, changed by server frames (frames.js) and by the person's own navigation.
 * Views subscribe by topic: "hello", "channels", "messages", "thread", "pins", "panel", "faults", "status",
 * "progress", "home", "route".
 */
import { inChannel, MessageLog } from "./log.js";

class Store {
  #listeners = new Map();

  constructor() {
    this.reset();
    /** Where the person is. `tab` matters in the bot's own conversation alone. */
    this.route = { channel: null, thread: null, tab: "messages" };
    this.connection = { state: "connecting", retryAt: 0 };
    this.drafts = new Map();
    /** Messages waiting for the connection: shown under the composer, sent when it is back. */
    this.waiting = 0;
  }

  /** Forget what came from the server: every hello starts anew (ephemeral messages are gone, as in Slack). */
  reset() {
    this.me = null;
    this.workspace = { name: "", domain: "" };
    this.bot = { user_id: "", name: "", app_id: "" };
    this.users = new Map();
    this.channels = new Map();
    this.commands = [];
    this.shortcuts = [];
    this.pinned = [];
    this.faults = {};
    this.panel = null;
    this.progress = null;
    this.home = null;
    this.appStatus = { connected: null, mode: "none" };
    this.logs = new Map();
    this.threads = new Map();
    /** Messages that were seen streaming: their text is Markdown. */
    this.streamed = new Set();
    /** channel -> mentions of this person not yet seen. */
    this.mentions = new Map();
  }

  /** @param {string} topic  @param {(detail: any) => void} listener */
  on(topic, listener) {
    if (!this.#listeners.has(topic)) this.#listeners.set(topic, new Set());
    this.#listeners.get(topic).add(listener);
  }

  emit(topic, detail) {
    for (const listener of this.#listeners.get(topic) || []) listener(detail);
  }

  user(id) {
    return this.users.get(id) ?? null;
  }

  nameOf(id) {
    const user = this.users.get(id);
    return user ? user.real_name || user.name : this.channels.get(id)?.name || id;
  }

  /** The log of a channel, made on first use. */
  log(channel) {
    if (!this.logs.has(channel)) this.logs.set(channel, new MessageLog());
    return this.logs.get(channel);
  }

  /** The log of a thread (root first), made on first use. */
  thread(channel, ts) {
    const key = `${channel}:${ts}`;
    if (!this.threads.has(key)) this.threads.set(key, new MessageLog());
    return this.threads.get(key);
  }

  /** The other side of a direct message, or null for a channel. */
  partner(channel) {
    if (channel?.kind !== "im") return null;
    const other = channel.members?.find((id) => id !== this.me?.id) ?? this.me?.id;
    return this.user(other);
  }

  /** A conversation's name as people see it. */
  titleOf(channel) {
    if (!channel) return "";
    return channel.kind === "im" ? this.partner(channel)?.real_name || channel.name : channel.name;
  }

  isBotChannel(channel) {
    return channel?.kind === "im" && Boolean(this.bot.user_id) && channel.members?.includes(this.bot.user_id);
  }

  botChannel() {
    return [...this.channels.values()].find((channel) => this.isBotChannel(channel)) ?? null;
  }

  /** Go somewhere: merges into the route; a new channel closes the thread unless one is named. */
  go(change) {
    const next = { ...this.route, ...change };
    if (change.channel && change.channel !== this.route.channel && !("thread" in change)) next.thread = null;
    const before = this.route;
    this.route = next;
    this.emit("route", { before });
  }

  /** A message arrived or changed: into its channel, its thread, and the summary under its root. */
  place(channel, message, { changed = false } = {}) {
    const log = this.log(channel);
    let fresh = false;
    if (inChannel(message)) {
      if (!changed || log.find(message.ts)) fresh = log.upsert(message);
    }
    const root = message.thread_ts;
    if (root) fresh = this.#placeInThread(channel, root, message, changed) || fresh;
    else if (this.threads.has(`${channel}:${message.ts}`)) this.thread(channel, message.ts).upsert(message);
    this.emit("messages", { channel, message, fresh: fresh && !changed });
    return fresh;
  }

  #placeInThread(channel, root, message, changed) {
    const known = this.threads.get(`${channel}:${root}`);
    const fresh = known ? known.upsert(message) : true;
    const isReply = root !== message.ts;
    if (isReply && !changed && !message.ephemeral_to) this.#countReply(channel, root, message);
    if (known) this.emit("thread", { channel, ts: root });
    return fresh && isReply;
  }

  /** The root's summary; the server's own count, when it comes, wins. */
  #countReply(channel, root, message) {
    const parent = this.log(channel).find(root);
    if (!parent || Number(parent.latest_reply || 0) >= Number(message.ts)) return;
    const author = message.user || message.bot_id;
    const change = {
      thread_ts: root,
      reply_count: (parent.reply_count || 0) + 1,
      latest_reply: message.ts,
      reply_users: [...new Set([...(parent.reply_users || []), author])],
    };
    this.patch(channel, root, change);
  }

  /** Change some fields of a message wherever it is shown. */
  patch(channel, ts, change) {
    this.log(channel).patch(ts, change);
    for (const [key, thread] of this.threads) if (key.startsWith(`${channel}:`)) thread.patch(ts, change);
    this.emit("messages", { channel, fresh: false });
  }

  /** Take a message away wherever it is shown. */
  drop(channel, ts) {
    this.log(channel).remove(ts);
    for (const [key, thread] of this.threads) if (key.startsWith(`${channel}:`)) thread.remove(ts);
    this.emit("messages", { channel, fresh: false });
    this.emit("thread", { channel });
  }
}

/** The page's one store. */
export const store = new Store();
