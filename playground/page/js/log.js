/** One conversation's messages in order of `ts`: a channel's log or a thread's. */

/** True for a message that shows in the channel itself (a root, or a reply sent to the channel too). */
export function inChannel(message) {
  return !message.thread_ts || message.thread_ts === message.ts || message.subtype === "thread_broadcast";
}

/** Messages sorted by `ts`, each `ts` once. Ephemeral ones live here too and are lost on reload, as in Slack. */
export class MessageLog {
  constructor() {
    /** @type {object[]} */
    this.messages = [];
    this.loaded = false;
    this.loading = false;
    this.hasMore = false;
    this.cursor = null;
  }

  find(ts) {
    return this.messages[this.#index(ts)] ?? null;
  }

  /** Insert or replace by `ts`. @returns {boolean} true when it is new */
  upsert(message) {
    const known = this.#index(message.ts);
    if (known >= 0) {
      this.messages[known] = message;
      return false;
    }
    let at = this.messages.length;
    while (at > 0 && Number(this.messages[at - 1].ts) > Number(message.ts)) at -= 1;
    this.messages.splice(at, 0, message);
    return true;
  }

  /** Merge `change` into the message; a new object, so that whoever compares by identity sees the change. */
  patch(ts, change) {
    const at = this.#index(ts);
    if (at < 0) return null;
    this.messages[at] = { ...this.messages[at], ...change };
    return this.messages[at];
  }

  remove(ts) {
    const at = this.#index(ts);
    if (at < 0) return false;
    this.messages.splice(at, 1);
    return true;
  }

  /** A page of history: one that ends before ours is added in front, any other replaces everything but ephemerals. */
  fill(messages, { hasMore, cursor }) {
    const first = this.messages.find((message) => !message.ephemeral_to);
    const older = this.loaded && first && messages.length && Number(messages.at(-1).ts) < Number(first.ts);
    if (!older) this.messages = this.messages.filter((message) => message.ephemeral_to);
    for (const message of messages) this.upsert(message);
    Object.assign(this, { loaded: true, loading: false, hasMore: Boolean(hasMore), cursor: cursor ?? null });
  }

  #index(ts) {
    for (let i = this.messages.length - 1; i >= 0; i -= 1) if (this.messages[i].ts === ts) return i;
    return -1;
  }
}
