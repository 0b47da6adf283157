/** The bar on top: workspace, connection, who the visitor acts as, guide and theme switches. */
import { avatar } from "./avatar.js";
import { coalesce, h } from "./dom.js";
import { plural } from "./format.js";
import { icon } from "./icons.js";
import { closePopover, openPopover } from "./popover.js";
import { socket } from "./socket.js";
import { store } from "./state.js";
import { toggleTheme, themeNow } from "./theme.js";

const KINDS = [
  ["customer", "Customer", "Customers"],
  ["agent", "Support", "Support"],
  ["product", "Product", "Product"],
  ["admin", "Admin", "Admins"],
];

export class Topbar {
  /** @param {HTMLElement} host  @param {{actAs: (user: string) => void, guide: () => void, menu: () => void}} actions */
  constructor(host, actions) {
    this.host = host;
    this.actions = actions;
    this.progress = h("div", { class: "progress", hidden: true });
    this.bar = h("div", { class: "topbar-line" });
    this.status = h("div", { class: "status", role: "status" });
    host.append(this.bar, this.progress);
    this.draw = coalesce(() => this.#draw());
    for (const topic of ["hello", "people", "status", "panel", "route"]) store.on(topic, this.draw);
    store.on("progress", () => this.#drawProgress());
  }

  #draw() {
    const back = document.activeElement?.dataset?.topbar;
    this.host.dataset.kind = store.me?.kind || "";
    this.#drawStatus();
    const key = (name, label, press, content, extra = {}) => h("button", { type: "button", class: "icon-button on-dark", "aria-label": label, title: label, dataset: { topbar: name }, on: { click: press }, ...extra }, content);
    const dark = themeNow() === "dark";
    const parts = [
      key("menu", "Show channels", this.actions.menu, icon("menu"), { class: "icon-button on-dark menu-button" }),
      h("div", { class: "brand" }, h("img", { src: "/static/icon.svg", alt: "", class: "brand-mark" }), h("span", { class: "brand-name" }, store.workspace.name || "Playground")),
      this.status,
      h("span", { class: "spacer" }),
      this.#kinds(),
      this.#person(),
      key("theme", dark ? "Light theme" : "Dark theme", () => { toggleTheme(); this.draw(); }, icon(dark ? "sun" : "moon")),
      key("guide", `Guide ${this.#guideCount()}`.trim(), this.actions.guide, [icon("guide"), h("span", { class: "guide-count" }, this.#guideCount())], { class: "icon-button on-dark guide-button", "aria-expanded": String(!document.getElementById("panel").hidden) }),
    ];
    this.bar.replaceChildren(...parts);
    if (back) this.bar.querySelector(`[data-topbar="${back}"]`)?.focus();
  }

  #guideCount() {
    const steps = store.panel?.steps || [];
    return steps.length ? `${steps.filter((step) => step.done).length}/${steps.length}` : "";
  }

  #drawStatus() {
    const { state } = store.connection;
    const { connected, mode } = store.appStatus;
    const bot = store.bot.name || "The app";
    let look = "ok";
    let text = mode === "http" ? `${bot} connected (HTTP)` : `${bot} connected`;
    if (state !== "open") {
      look = "off";
      text = state === "connecting" && !store.me ? "Connecting…" : "Reconnecting…";
    } else if (connected === false) {
      look = "warn";
      text = store.faults.slack_down ? "Slack is down (on purpose)" : `${bot} is not connected`;
    }
    const pill = `${look}:${text}`;
    if (this.status.dataset.pill === pill) return;
    this.status.dataset.pill = pill;
    this.status.dataset.look = look;
    const retry = look === "off" ? h("button", { type: "button", class: "link-button", on: { click: () => socket.retryNow() } }, "Now") : null;
    this.status.replaceChildren(h("span", { class: "status-dot", "aria-hidden": "true" }), h("span", { class: "status-text" }, text), ...[retry].filter(Boolean));
  }

  #people(kind) {
    return [...store.users.values()].filter((user) => user.kind === kind && !user.is_bot);
  }

  // The four hats: one press each. Everybody is in the menu beside them.
  #kinds() {
    const choose = ([kind, label]) => {
      const people = this.#people(kind);
      if (!people.length) return null;
      const on = store.me?.kind === kind;
      const next = () => !on && this.actions.actAs(people[0].id);
      return h("button", { type: "button", class: "hat", "aria-pressed": String(on), dataset: { kind, topbar: `hat-${kind}` }, title: `Act as ${people[0].real_name}`, on: { click: next } }, label);
    };
    return h("div", { class: "hats", role: "group", "aria-label": "Act as" }, KINDS.map(choose));
  }

  #person() {
    const { me } = store;
    if (!me) return null;
    const button = h("button", { type: "button", class: "person-button", "aria-haspopup": "dialog", "aria-expanded": "false", dataset: { topbar: "person" } }, avatar(me, "small"), h("span", { class: "visually-hidden" }, "Acting as "), h("span", { class: "person-name" }, me.real_name), icon("chevron"));
    button.addEventListener("click", () => this.#choose(button));
    return button;
  }

  #choose(anchor) {
    const row = (user) => {
      const press = (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        closePopover();
        if (user.id !== store.me.id) this.actions.actAs(user.id);
      };
      return h("li", {}, h("a", { class: "person-row", href: `/?user=${encodeURIComponent(user.id)}`, target: "_blank", "aria-current": user.id === store.me.id ? "true" : null, dataset: { user: user.id }, on: { click: press } },
        avatar(user, "medium"), h("span", {}, h("span", { class: "person-row-name" }, user.real_name), h("span", { class: "menu-hint" }, user.title || user.kind)), user.id === store.me.id ? icon("check") : null));
    };
    const groups = KINDS.map(([kind, , title]) => [title, this.#people(kind)]).filter(([, people]) => people.length);
    const panel = h("div", { class: "person-panel", role: "dialog", "aria-label": "Act as" },
      groups.map(([title, people]) => h("section", {}, h("h3", {}, `${title} `, h("span", { class: "muted" }, plural(people.length, "person", "people"))), h("ul", {}, people.slice(0, 12).map(row)))),
      h("p", { class: "muted person-note" }, "Ctrl-click opens a second tab as that person: watch both sides at once."));
    if (openPopover(anchor, panel, { align: "end" })) (panel.querySelector("[aria-current]") || panel.querySelector("a"))?.focus();
  }

  #drawProgress() {
    const { progress } = store;
    this.progress.hidden = !progress;
    if (!progress) return;
    const done = Math.round((progress.done / Math.max(1, progress.total)) * 100);
    const fill = h("span", { class: "progress-fill" });
    fill.style.width = `${done}%`;
    this.progress.replaceChildren(
      h("div", { class: "progress-track", role: "progressbar", "aria-label": progress.label, "aria-valuemin": 0, "aria-valuemax": progress.total, "aria-valuenow": progress.done }, fill),
      h("span", { class: "progress-label" }, `${progress.label} · ${progress.done.toLocaleString("en")} of ${progress.total.toLocaleString("en")}`),
    );
  }
}
