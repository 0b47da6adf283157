/** Frames of the server -> changes of the store. One function a frame type; the table is the protocol. */
import { announce } from "./dom.js";
import { modalStack } from "./modals.js";
import { toPlainText } from "./mrkdwn.js";
import { optionsArrived } from "./options.js";
import { store } from "./state.js";
import { toast } from "./toasts.js";

function hello(frame) {
  const samePerson = store.me?.id === frame.me.id;
  store.reset();
  Object.assign(store, {
    me: frame.me,
    workspace: frame.workspace,
    bot: frame.bot,
    users: new Map(frame.users.map((user) => [user.id, user])),
    channels: new Map(frame.channels.map((channel) => [channel.id, channel])),
    commands: frame.commands || [],
    shortcuts: frame.shortcuts || [],
    pinned: frame.pinned || [],
    faults: frame.faults || {},
    panel: frame.panel || null,
  });
  store.emit("hello", { samePerson });
}

function history(frame) {
  store.log(frame.channel).fill(frame.messages, { hasMore: frame.has_more, cursor: frame.cursor });
  store.emit("messages", { channel: frame.channel, fresh: false });
}

function thread(frame) {
  const log = store.thread(frame.channel, frame.ts);
  log.fill(frame.messages, { hasMore: false });
  store.emit("thread", { channel: frame.channel, ts: frame.ts });
}

function mentionsMe(message) {
  return message.text?.includes(`<@${store.me.id}>`) || JSON.stringify(message.blocks || "").includes(`"user_id":"${store.me.id}"`);
}

function message({ channel, message: one }) {
  const fresh = store.place(channel, one);
  const mine = one.user === store.me.id && !one.bot_id;
  if (!fresh || mine) return;
  if (channel !== store.route.channel && mentionsMe(one)) {
    store.mentions.set(channel, (store.mentions.get(channel) || 0) + 1);
    store.emit("channels");
  }
  if (channel === store.route.channel) announce(`${one.username || store.nameOf(one.user)}: ${toPlainText(one.text, (id) => store.nameOf(id)).slice(0, 200)}`);
}

function ephemeral({ channel, message: one }) {
  store.place(channel, { ...one, ephemeral_to: one.ephemeral_to || store.me.id });
  announce(`Only visible to you: ${toPlainText(one.text, (id) => store.nameOf(id)).slice(0, 300)}`);
}

function channel({ channel: value }) {
  store.channels.set(value.id, value);
  if (!value.unread) store.mentions.delete(value.id);
  store.emit("channels", { channel: value.id });
}

function user({ user: value }) {
  store.users.set(value.id, value);
  store.emit("people");
}

function error(frame) {
  modalStack.unlock(frame.text);
  if (frame.for?.type === "options") optionsArrived({ ...frame.for, options: [] });
  toast("error", frame.text);
}

function view(frame) {
  modalStack.show(frame.mode, frame.view);
}

/** Keep the store's field `name` as `pick(frame)` and tell who watches `topic`. */
const keep = (name, topic, pick) => (frame) => {
  store[name] = pick(frame);
  store.emit(topic);
};

const FRAMES = {
  hello,
  history,
  thread,
  message,
  ephemeral,
  channel,
  user,
  error,
  view,
  message_changed: ({ channel: id, message: one }) => store.place(id, one, { changed: true }),
  message_deleted: ({ channel: id, ts }) => store.drop(id, ts),
  ephemeral_removed: ({ channel: id, ts }) => store.drop(id, ts),
  reaction: ({ channel: id, ts, reactions }) => store.patch(id, ts, { reactions }),
  view_errors: ({ view_id: id, errors }) => modalStack.errors(id, errors),
  view_closed: ({ view_id: id, all }) => modalStack.closed(id, all),
  home: keep("home", "home", (frame) => frame.view),
  pins: keep("pinned", "pins", (frame) => frame.pinned),
  progress: keep("progress", "progress", (frame) => (frame.done >= frame.total ? null : frame)),
  panel: keep("panel", "panel", (frame) => frame.panel),
  faults: keep("faults", "faults", (frame) => frame.faults),
  app_status: keep("appStatus", "status", ({ connected, mode }) => ({ connected, mode })),
  toast: ({ level, text }) => {
    if (level !== "info") modalStack.unlock(text);
    toast(level, text);
  },
  options: optionsArrived,
};

/** Take one frame of the server. A type this page does not know is reported in the console and left out. */
export function receive(frame) {
  const take = FRAMES[frame.type];
  if (take) take(frame);
  else console.warn("unknown frame", frame.type);
}
