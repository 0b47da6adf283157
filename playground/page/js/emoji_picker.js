/** A searchable grid of emoji. */
import { h } from "./dom.js";
import { EMOJI_GROUPS, searchEmoji } from "./emoji.js";
import { closePopover, openPopover } from "./popover.js";

const COLUMNS = 9;

/**
 * Open the picker at `anchor`; `pick` gets the short name.
 * @param {HTMLElement} anchor  @param {(name: string) => void} pick
 */
export function emojiPicker(anchor, pick) {
  const grid = h("div", { class: "emoji-grid", role: "group", "aria-label": "Emoji" });
  const choose = (name) => {
    closePopover();
    pick(name);
  };
  const cell = ([name, character]) => h("button", { type: "button", class: "emoji-cell", "aria-label": name.replaceAll("_", " "), title: `:${name}:`, tabindex: -1, on: { click: () => choose(name) } }, character);
  const draw = (query) => {
    const groups = query ? [["Results", searchEmoji(query)]] : Object.entries(EMOJI_GROUPS);
    grid.replaceChildren(...groups.flatMap(([title, list]) => [h("div", { class: "emoji-group" }, list.length ? title : "No emoji by that name"), ...list.map(cell)]));
  };
  const search = h("input", { class: "field", type: "text", placeholder: "Find an emoji", "aria-label": "Find an emoji", on: { input: () => draw(search.value.trim()) } });
  draw("");
  const panel = h("div", { class: "emoji-picker", role: "dialog", "aria-label": "Pick an emoji", on: { keydown: (event) => move(event, grid, search) } }, search, grid);
  if (openPopover(anchor, panel, { align: "end" })) search.focus();
}

function move(event, grid, search) {
  const cells = [...grid.querySelectorAll(".emoji-cell")];
  const at = cells.indexOf(document.activeElement);
  if (event.key === "Enter" && document.activeElement === search) return void cells[0]?.click();
  if (at < 0 && event.key !== "ArrowDown") return undefined;
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[event.key];
  if (!step) return undefined;
  event.preventDefault();
  if (at < 0) cells[0]?.focus();
  else if (at + step < 0) search.focus();
  else cells[Math.min(cells.length - 1, at + step)]?.focus();
  return undefined;
}
