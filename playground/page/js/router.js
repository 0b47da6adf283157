/** The address bar: `#/C123`, `#/C123/home`, `#/C123/t/<ts>`, and Slack permalinks that lead into this workspace. */
import { permalink } from "./links.js";
import { store } from "./state.js";

function read() {
  const [, channel, kind, ts] = /^#\/(\w+)(?:\/(home|t)(?:\/([\d.]+))?)?$/.exec(location.hash) || [];
  return channel ? { channel, tab: kind === "home" ? "home" : "messages", thread: kind === "t" ? ts : null } : null;
}

function hashOf({ channel, tab, thread }) {
  if (thread) return `#/${channel}/t/${thread}`;
  return `#/${channel}${tab === "home" ? "/home" : ""}`;
}

/** The first conversation to show: the address, else where something is unread, else the first. */
function firstRoute() {
  const asked = read();
  if (asked && store.channels.has(asked.channel)) return asked;
  const query = new URLSearchParams(location.search);
  if (store.channels.has(query.get("channel"))) return { channel: query.get("channel"), tab: "messages", thread: query.get("thread_ts"), reveal: query.get("ts") };
  const rooms = [...store.channels.values()].filter((channel) => channel.kind !== "im" && !channel.is_archived);
  const pinned = rooms.find((channel) => store.pinned.some((pin) => pin.channel === channel.id));
  const first = pinned || rooms.find((channel) => channel.members?.includes(store.me.id)) || rooms[0] || [...store.channels.values()][0];
  return first ? { channel: first.id, tab: "messages", thread: null } : null;
}

/**
 * Keep route and address in step.
 * @param {(ts: string) => void} reveal shows one message of the open channel
 */
export function startRouter(reveal) {
  addEventListener("hashchange", () => {
    const route = read();
    if (route && location.hash !== hashOf(store.route)) store.go(route);
  });
  store.on("route", () => {
    if (store.route.channel && location.hash !== hashOf(store.route)) history.pushState(null, "", hashOf(store.route));
  });
  document.addEventListener("click", (event) => {
    const anchor = event.target.closest?.("a.permalink");
    const place = anchor && permalink(anchor.href);
    if (!place || !store.channels.has(place.channel) || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    store.go({ channel: place.channel, tab: "messages", thread: place.thread, focusThread: false });
    reveal(place.thread);
  });
}

/** After a hello: stay where the person was if they still see it. @returns {string | null} a message to show */
export function settleRoute() {
  const route = store.channels.has(store.route.channel) ? store.route : firstRoute();
  if (!route) return null;
  const { reveal, ...place } = route;
  store.go(place);
  return reveal || null;
}
