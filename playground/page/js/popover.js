/** Floating surfaces in the browser's top layer, so that menus and lists open above dialogs. */
import { h } from "./dom.js";

const GAP = 4;
const EDGE = 8;

/**
 * Place `surface` (already open, position: fixed) under `anchor`, above it when there is no room.
 * @param {HTMLElement} surface  @param {Element} anchor
 * @param {{align?: "start" | "end", match?: boolean, above?: boolean}} [options] `match` gives it the anchor's width
 */
export function place(surface, anchor, { align = "start", match = false, above = false } = {}) {
  const box = anchor.getBoundingClientRect();
  if (match) surface.style.width = `${box.width}px`;
  const { offsetWidth: width, offsetHeight: height } = surface;
  const left = align === "end" ? box.right - width : box.left;
  const under = box.bottom + GAP;
  const over = box.top - height - GAP;
  const goUp = above ? over > EDGE : under + height > innerHeight - EDGE && over > EDGE;
  const top = Math.min(goUp ? over : under, innerHeight - height - EDGE);
  surface.style.left = `${Math.max(EDGE, Math.min(left, innerWidth - width - EDGE))}px`;
  surface.style.top = `${Math.max(EDGE, top)}px`;
}

let open = null;

/** Close the open menu, if any; focus goes back to what opened it. */
export function closePopover({ refocus = true } = {}) {
  if (!open) return;
  const { surface, anchor, stop, closed } = open;
  open = null;
  stop();
  const hadFocus = surface.contains(document.activeElement) || document.activeElement === document.body;
  surface.remove();
  anchor.setAttribute?.("aria-expanded", "false");
  if (refocus && hadFocus && anchor.isConnected) anchor.focus?.();
  closed?.();
}

/**
 * Open one menu-like surface at a time. It closes on Escape, on a press outside, on resize and when its anchor leaves.
 * @param {HTMLElement} anchor what opened it
 * @param {HTMLElement} content
 * @param {{align?: "start" | "end", label?: string, closed?: () => void, class?: string}} [options]
 */
export function openPopover(anchor, content, options = {}) {
  const same = open?.anchor === anchor;
  closePopover();
  if (same) return null;
  const surface = h("div", { class: ["popover", options.class], popover: "manual" }, content);
  (anchor.closest("dialog") || document.body).append(surface);
  surface.showPopover();
  place(surface, anchor, options);
  anchor.setAttribute("aria-expanded", "true");
  const outside = (event) => {
    if (!surface.contains(event.target) && !anchor.contains(event.target)) closePopover({ refocus: false });
  };
  const key = (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    closePopover();
  };
  const resized = () => closePopover({ refocus: false });
  document.addEventListener("pointerdown", outside, true);
  document.addEventListener("keydown", key, true);
  addEventListener("resize", resized);
  const stop = () => {
    document.removeEventListener("pointerdown", outside, true);
    document.removeEventListener("keydown", key, true);
    removeEventListener("resize", resized);
  };
  open = { surface, anchor, stop, closed: options.closed };
  return surface;
}

export const popoverAnchor = () => open?.anchor ?? null;

/**
 * A menu of actions. Items: `{label, run, icon?, danger?, hint?, href?, checked?}`, or "-" for a rule.
 * @param {HTMLElement} anchor  @param {string} label  @param {Array<object | "-">} items
 */
export function openMenu(anchor, label, items, options = {}) {
  const menu = h("div", { class: "menu", role: "menu", "aria-label": label }, items.map(menuItem));
  if (!openPopover(anchor, menu, options)) return;
  const entries = [...menu.querySelectorAll("[role^=menuitem]")];
  (entries.find((entry) => entry.getAttribute("aria-checked") === "true") || entries[0])?.focus();
  menu.addEventListener("keydown", (event) => moveInMenu(event, entries));
}

function menuItem(item) {
  if (item === "-") return h("div", { class: "menu-rule", role: "separator" });
  if (item.heading) return h("div", { class: "menu-heading", role: "presentation" }, item.heading);
  const checkable = "checked" in item;
  const run = () => {
    closePopover();
    item.run();
  };
  return h(
    "button",
    {
      class: ["menu-item", item.danger && "danger"],
      role: checkable ? "menuitemradio" : "menuitem",
      "aria-checked": checkable ? String(Boolean(item.checked)) : null,
      type: "button",
      tabindex: -1,
      dataset: item.dataset,
      on: { click: run },
    },
    item.icon,
    h("span", { class: "menu-label" }, item.label, item.hint ? h("span", { class: "menu-hint" }, item.hint) : null),
  );
}

function moveInMenu(event, entries) {
  const at = entries.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 }[event.key];
  if (event.key === "Tab") return closePopover();
  if (to === undefined) {
    if (event.key.length === 1 && /\S/.test(event.key)) byLetter(event.key, entries, at);
    return undefined;
  }
  event.preventDefault();
  return entries[(to + entries.length) % entries.length]?.focus();
}

function byLetter(letter, entries, at) {
  const order = [...entries.slice(at + 1), ...entries.slice(0, at + 1)];
  order.find((entry) => entry.textContent.trim().toLowerCase().startsWith(letter.toLowerCase()))?.focus();
}
