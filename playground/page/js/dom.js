/**
 * DOM building. Text enters the page only as text nodes: there is no path from data to markup.
 */

const SVG_NS = "http://www.w3.org/2000/svg";

/**
 * Create an element. `props` keys: `class`, `dataset`, `on` (event -> listener), DOM properties that exist on the
 * element (`value`, `disabled`, ...), everything else becomes an attribute; null, undefined and false are left out.
 * @param {string} tag
 * @param {Record<string, any>} [props]
 * @param {...any} children nodes, strings (as text), arrays, or null
 * @returns {HTMLElement}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(props || {})) setProp(element, key, value);
  append(element, children);
  return element;
}

const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "selected", "multiple", "required", "htmlFor", "open"]);
const FORBIDDEN = /^(on|srcdoc$|style$|innerhtml$|outerhtml$)/i;

function setProp(element, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key === "on") {
    for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
  } else if (key === "class") {
    element.className = Array.isArray(value) ? value.filter(Boolean).join(" ") : value;
  } else if (key === "dataset") {
    for (const [name, text] of Object.entries(value)) if (text !== null && text !== undefined) element.dataset[name] = text;
  } else if (PROPERTIES.has(key)) {
    element[key] = value;
  } else if (FORBIDDEN.test(key)) {
    throw new TypeError(`refused attribute ${key}`);
  } else {
    element.setAttribute(key, value === true ? "" : String(value));
  }
}

/** Append nodes, strings and nested arrays to `parent`; null and false are skipped. */
export function append(parent, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    parent.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return parent;
}

/** An SVG icon made of stroke paths on a 20 x 20 grid. */
export function svgIcon(paths, label = "") {
  const svg = document.createElementNS(SVG_NS, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", "icon");
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else svg.setAttribute("aria-hidden", "true");
  for (const d of paths) {
    const path = document.createElementNS(SVG_NS, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

/**
 * Make `parent`'s children exactly `wanted`, moving only what is out of place: a node that stays keeps its focus,
 * scroll position and half-typed input.
 * @param {Element} parent
 * @param {Node[]} wanted
 */
export function reconcile(parent, wanted) {
  const keep = new Set(wanted);
  for (const child of [...parent.childNodes]) if (!keep.has(child)) child.remove();
  let cursor = parent.firstChild;
  for (const node of wanted) {
    if (node === cursor) cursor = cursor.nextSibling;
    else parent.insertBefore(node, cursor);
  }
}

/** Say `text` to screen readers. */
export function announce(text, urgent = false) {
  const region = document.getElementById(urgent ? "live-assertive" : "live-polite");
  if (region) region.textContent = text;
}

/** Run `work` once in the next frame however often it is asked for. */
export function coalesce(work) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    const run = () => {
      if (!asked) return;
      asked = false;
      work();
    };
    if (document.hidden) setTimeout(run, 50);
    else requestAnimationFrame(run);
  };
}

let lastId = 0;
/** A document-unique id for labels and ARIA relations. */
export function uid(prefix = "n") {
  lastId += 1;
  return `${prefix}-${lastId}`;
}

/**
 * Where keyboard focus is inside `root`, as a path that survives a re-render: data-focus-key of the focused element.
 * @returns {string | null}
 */
export function focusKey(root) {
  const active = document.activeElement;
  if (!active || !root.contains(active)) return null;
  return active.closest("[data-focus-key]")?.dataset.focusKey ?? null;
}

/** Give focus back to the element with this data-focus-key inside `root`, if it is there. */
export function restoreFocus(root, key) {
  if (!key) return false;
  const target = root.querySelector(`[data-focus-key="${CSS.escape(key)}"]`);
  if (!target) return false;
  target.focus({ preventScroll: true });
  return true;
}
