/** The `table` and `data_table` blocks. A data_table sorts by its headings and shows a page at a time. */
import { h } from "./dom.js";
import { plural } from "./format.js";
import { richText, richTextWords } from "./rich_text.js";
import { plainText } from "./text.js";

function cellContent(cell) {
  if (!cell) return [];
  return cell.type === "rich_text" ? richText(cell) : plainText(cell.text);
}

function words(cell) {
  return cell?.type === "rich_text" ? richTextWords(cell) : String(cell?.text ?? "");
}

function sortValue(cell) {
  if (cell?.type === "raw_number") return cell.value;
  const text = words(cell);
  const number = Number.parseFloat(text.replace(/[,%+]/g, ""));
  return Number.isNaN(number) ? text.toLowerCase() : number;
}

function scroller(label, table) {
  return h("div", { class: "table-scroll", tabindex: 0, role: "region", "aria-label": label }, table);
}

function cellClass(settings, cell) {
  const align = settings?.align || (cell?.type === "raw_number" ? "right" : null);
  return [align && `align-${align}`, settings?.is_wrapped && "wrapped"].filter(Boolean).join(" ") || null;
}

/** @param {{rows: object[][], column_settings?: object[]}} block the first row is the heading */
export function table(block) {
  const settings = block.column_settings || [];
  const [head = [], ...body] = block.rows || [];
  const line = (row, tag) => row.map((cell, i) => h(tag, { class: cellClass(settings[i], cell), scope: tag === "th" ? "col" : null }, cellContent(cell)));
  return scroller("Table", h("table", { class: "table" }, h("thead", {}, h("tr", {}, line(head, "th"))), h("tbody", {}, body.map((row) => h("tr", {}, line(row, "td"))))));
}

/** @param {{caption: string, rows: object[][], page_size?: number, row_header_column_index?: number}} block */
export function dataTable(block) {
  const [head = [], ...body] = block.rows || [];
  const view = { sort: -1, down: true, shown: block.page_size || 5 };
  const root = h("div", { class: "data-table" });
  const draw = () => root.replaceChildren(...dataTableParts(block, head, body, view, draw));
  draw();
  return root;
}

function dataTableParts(block, head, body, view, draw) {
  const rows = view.sort < 0 ? body : body.toSorted((a, b) => compare(a[view.sort], b[view.sort]) * (view.down ? -1 : 1));
  const header = block.row_header_column_index ?? 0;
  const line = (row) => h("tr", {}, row.map((cell, i) => h(i === header ? "th" : "td", { scope: i === header ? "row" : null, class: cellClass(null, cell) }, cellContent(cell))));
  const grid = h("table", { class: "table" }, h("caption", {}, block.caption), h("thead", {}, h("tr", {}, head.map((cell, i) => sortHeading(cell, i, view, draw)))), h("tbody", {}, rows.slice(0, view.shown).map(line)));
  const left = rows.length - view.shown;
  const more = () => {
    view.shown = rows.length;
    draw();
  };
  return [scroller(block.caption || "Table", grid), left > 0 ? h("button", { type: "button", class: "link-button", on: { click: more } }, `Show ${plural(left, "more row")}`) : ""];
}

function sortHeading(cell, index, view, draw) {
  const sorted = view.sort === index;
  const press = () => {
    Object.assign(view, { sort: index, down: sorted ? !view.down : true });
    draw();
  };
  return h("th", { scope: "col", "aria-sort": sorted ? (view.down ? "descending" : "ascending") : "none" }, h("button", { type: "button", class: "sort-button", on: { click: press } }, words(cell), sorted ? (view.down ? " ↓" : " ↑") : ""));
}

function compare(a, b) {
  const [x, y] = [sortValue(a), sortValue(b)];
  if (typeof x === "number" && typeof y === "number") return x - y;
  return String(x).localeCompare(String(y));
}
