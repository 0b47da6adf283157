/** Puts the page together: store, socket, panes, keys. */
import { ChannelView } from "./channel.js";
import { receive } from "./frames.js";
import { modalStack } from "./modals.js";
import { GuidePanel } from "./panel.js";
import { closePopover } from "./popover.js";
import { settleRoute, startRouter } from "./router.js";
import { Sidebar } from "./sidebar.js";
import { socket } from "./socket.js";
import { store } from "./state.js";
import { startTheme } from "./theme.js";
import { ThreadPane } from "./threads.js";
import { Topbar } from "./topbar.js";

const NARROW = matchMedia("(max-width: 1180px)");

const byId = (id) => document.getElementById(id);

/** Whether the visitor wants the guide; a thread takes its place on narrow screens. */
let guideWanted = !NARROW.matches;

function layout() {
  const threadOpen = Boolean(store.route.thread);
  const squeezed = threadOpen && innerWidth < 1560;
  byId("panel").hidden = !guideWanted || squeezed;
  byId("app").dataset.side = threadOpen ? "thread" : byId("panel").hidden ? "" : "guide";
}

function actAs(user) {
  closePopover();
  modalStack.clear();
  const address = new URL(location.href);
  address.searchParams.set("user", user);
  for (const name of ["channel", "ts", "thread_ts"]) address.searchParams.delete(name);
  history.replaceState(null, "", address);
  socket.connect(user);
}

function toggleGuide(topbar) {
  const shown = !byId("panel").hidden;
  guideWanted = !shown;
  if (guideWanted && innerWidth < 1560 && store.route.thread) store.go({ thread: null });
  layout();
  topbar.draw();
  if (guideWanted) byId("panel").querySelector("button")?.focus();
}

function toggleMenu(open = !document.body.classList.contains("menu-open")) {
  document.body.classList.toggle("menu-open", open);
  if (open) byId("sidebar").querySelector("a[aria-current], a")?.focus();
}

function walkChannels(step) {
  const links = [...byId("sidebar").querySelectorAll("a.channel-link")];
  const at = links.findIndex((link) => link.getAttribute("aria-current"));
  links[(at + step + links.length) % links.length]?.click();
}

function keys(event) {
  if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    walkChannels(event.key === "ArrowDown" ? 1 : -1);
  }
  if (event.key === "Escape") toggleMenu(false);
}

function start() {
  startTheme();
  const channel = new ChannelView(byId("main"));
  const thread = new ThreadPane(byId("thread"));
  new Sidebar(byId("sidebar"));
  const topbar = new Topbar(byId("topbar"), { actAs, guide: () => toggleGuide(topbar), menu: () => toggleMenu() });
  const guide = new GuidePanel(byId("panel"), () => toggleGuide(topbar));
  guide.draw();
  channel.show();
  startRouter((ts) => channel.reveal(ts));
  store.on("hello", ({ samePerson }) => {
    if (!samePerson) store.drafts.clear();
    modalStack.clear();
    const reveal = settleRoute();
    channel.show({ again: true });
    thread.show({ again: true });
    if (reveal) channel.reveal(reveal);
    document.documentElement.dataset.ready = store.me.id;
  });
  store.on("route", () => {
    layout();
    toggleMenu(false);
  });
  store.on("channels", ({ channel: id } = {}) => {
    if (!store.wantsBot || store.botChannel()?.id !== id) return;
    store.wantsBot = false;
    store.go({ channel: id, tab: "home" });
  });
  addEventListener("resize", layout);
  document.addEventListener("keydown", keys);
  document.addEventListener("visibilitychange", () => document.hidden || socket.retryNow());
  layout();
  topbar.draw();
  socket.onFrame(receive);
  socket.connect(new URLSearchParams(location.search).get("user") || "");
}

start();
