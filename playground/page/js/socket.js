/** The page's WebSocket: reconnects by itself, keeps what people wrote until it can be sent. */
import { store } from "./state.js";

const FIRST_DELAY = 300;
const LONGEST_DELAY = 5000;
/** Frames that are a person's act and must not be lost; the others (history, read, ...) are asked again after a reconnect. */
const KEPT = new Set(["say", "slash", "edit", "delete", "react", "submit", "shortcut", "action"]);

class PageSocket {
  #socket = null;
  #user = "";
  #delay = FIRST_DELAY;
  #timer = 0;
  #outbox = [];
  #receive = () => {};
  #ready = false;

  /** @param {(frame: object) => void} receive called with every frame of the server */
  onFrame(receive) {
    this.#receive = receive;
  }

  /** Open as `user` ("" lets the server choose); an open connection of another person is closed. */
  connect(user) {
    this.#user = user;
    this.#delay = FIRST_DELAY;
    this.#open();
  }

  /** Try again at once (the "Reconnect now" button, the tab is looked at again). */
  retryNow() {
    if (store.connection.state !== "open") this.#open();
  }

  /** Send now, or keep it for later if it is a person's act. @returns {boolean} true when sent now */
  send(frame) {
    if (this.#ready && this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify(frame));
      return true;
    }
    if (KEPT.has(frame.type)) {
      this.#outbox.push({ user: this.#user, frame });
      this.#status(store.connection.state);
    }
    return false;
  }

  #open() {
    clearTimeout(this.#timer);
    const old = this.#socket;
    this.#socket = null;
    this.#ready = false;
    old?.close();
    this.#status("connecting");
    const query = this.#user ? `?user=${encodeURIComponent(this.#user)}` : "";
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/page/ws${query}`);
    this.#socket = socket;
    socket.addEventListener("message", (event) => {
      if (socket === this.#socket) this.#read(event.data);
    });
    socket.addEventListener("close", () => {
      if (socket === this.#socket) this.#closed();
    });
  }

  #read(data) {
    const frame = JSON.parse(data);
    if (frame.type === "hello") this.#ready = true; // what the views ask for while they draw may go out at once
    this.#receive(frame);
    if (frame.type === "hello") this.#opened(frame.me.id);
  }

  #opened(user) {
    this.#user = user;
    this.#delay = FIRST_DELAY;
    const mine = this.#outbox.filter((entry) => entry.user === user);
    this.#outbox = this.#outbox.filter((entry) => entry.user !== user);
    for (const { frame } of mine) this.#socket.send(JSON.stringify(frame));
    this.#status("open");
  }

  #closed() {
    this.#ready = false;
    const wait = this.#delay * (0.75 + Math.random() / 2);
    this.#delay = Math.min(LONGEST_DELAY, this.#delay * 2);
    this.#status("waiting", Date.now() + wait);
    this.#timer = setTimeout(() => this.#open(), wait);
  }

  #status(state, retryAt = 0) {
    store.connection = { state, retryAt };
    store.waiting = this.#outbox.length;
    store.emit("status");
  }
}

/** The page's one connection. */
export const socket = new PageSocket();

/** Shorthand for `socket.send`. */
export const send = (frame) => socket.send(frame);
