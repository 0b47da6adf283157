/** Editing one's own message in place. */
import { h } from "./dom.js";
import { send } from "./socket.js";
import { fromStored, toTokens } from "./typed_text.js";

/** Replace the row's body with an edit box until it is saved or cancelled. */
export function editMessage(row, channel, message) {
  const body = row.querySelector(".message-body");
  const before = fromStored(message.text);
  const close = () => {
    form.replaceWith(body);
    row.focus();
  };
  const save = () => {
    const text = field.value.trim();
    if (text && text !== before) send({ type: "edit", channel, ts: message.ts, text: toTokens(text) });
    close();
  };
  const key = (event) => {
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) save();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const field = h("textarea", { class: "field", rows: Math.min(8, before.split("\n").length + 1), value: before, "aria-label": "Edit message", on: { keydown: key } });
  const form = h(
    "div",
    { class: "edit-form" },
    field,
    h("div", { class: "edit-actions" }, h("button", { type: "button", class: "button", on: { click: close } }, "Cancel"), h("button", { type: "button", class: "button primary", on: { click: save } }, "Save")),
  );
  body.replaceWith(form);
  field.focus();
  field.setSelectionRange(before.length, before.length);
}
