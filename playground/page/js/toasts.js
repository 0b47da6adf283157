/** Short notices in the corner. Errors stay until they are dismissed. */
import { announce, h } from "./dom.js";
import { icon } from "./icons.js";

const SECONDS = { info: 6, warning: 10 };
const MOST = 4;

/** @param {"info" | "warning" | "error"} level  @param {string} text */
export function toast(level, text) {
  const host = document.getElementById("toasts");
  const close = () => node.remove();
  const node = h(
    "div",
    { class: ["toast", `toast-${level}`] },
    h("span", { class: "toast-text" }, text),
    h("button", { type: "button", class: "icon-button", "aria-label": "Dismiss", on: { click: close } }, icon("close")),
  );
  host.append(node);
  while (host.children.length > MOST) host.firstElementChild.remove();
  announce(text, level === "error");
  if (SECONDS[level]) setTimeout(close, SECONDS[level] * 1000);
}
