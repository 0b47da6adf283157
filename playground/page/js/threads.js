/** The thread pane: a root, its replies and a composer. */
import { Composer } from "./composer.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { MessageList } from "./message_list.js";
import { send } from "./socket.js";
import { store } from "./state.js";

export class ThreadPane {
  #open = null;

  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    store.on("route", () => this.show());
    store.on("thread", () => this.list?.update());
    store.on("messages", ({ channel }) => channel === store.route.channel && this.list?.update());
    store.on("people", () => this.list?.forget());
    store.on("status", () => this.composer?.showWaiting(store.waiting));
    host.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented) this.close();
    });
  }

  /** Draw the thread that the route names, or hide the pane. */
  show({ again = false } = {}) {
    const { channel, thread, focusThread } = store.route;
    if (!channel || !thread || !store.channels.has(channel)) return this.#hide();
    const key = `${channel}:${thread}`;
    if (key !== this.#open || again) this.#draw(channel, thread);
    this.#open = key;
    if (focusThread) {
      store.route.focusThread = false;
      this.composer.focus();
    }
    return undefined;
  }

  /** Close the pane; focus goes back to the root message's summary. */
  close() {
    const { thread } = store.route;
    store.go({ thread: null });
    const row = document.querySelector(`#main [data-ts="${CSS.escape(thread || "")}"]`);
    (row?.querySelector(".thread-summary") || row || document.getElementById("main")).focus({ preventScroll: true });
  }

  #hide() {
    this.#open = null;
    this.list = this.composer = null;
    this.host.hidden = true;
    this.host.replaceChildren();
  }

  #draw(channel, ts) {
    const log = store.thread(channel, ts);
    const source = () => withRoot(channel, ts, log);
    this.list = new MessageList({ channel, inThread: true, label: "Thread", source });
    this.composer = new Composer({ channel, thread: ts, placeholder: "Reply…", sent: () => this.list?.toEnd() });
    const name = store.channels.get(channel);
    this.host.replaceChildren(
      h("header", { class: "pane-header" }, h("h2", {}, "Thread"), h("span", { class: "muted pane-place" }, name.kind === "im" ? store.titleOf(name) : `#${name.name}`), h("button", { type: "button", class: "icon-button", "aria-label": "Close thread", on: { click: () => this.close() } }, icon("close"))),
      this.list.element,
      this.composer.element,
    );
    this.host.hidden = false;
    this.list.draw();
    send({ type: "thread", channel, ts });
  }
}

// Until the thread itself is here, its root from the channel will do.
function withRoot(channel, ts, log) {
  const root = store.log(channel).find(ts);
  if (!root) return log.messages;
  if (!log.messages.length) return [root];
  return log.messages[0].ts === ts ? [root, ...log.messages.slice(1)] : log.messages;
}
