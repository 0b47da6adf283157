/** Text, number and date inputs. */
import { h } from "./dom.js";

const TYPES = { plain_text_input: "text", number_input: "number", email_text_input: "email", url_text_input: "url" };
const DATE_TYPES = { datepicker: "date", timepicker: "time", datetimepicker: "datetime-local" };

function placeholderOf(element) {
  return element.placeholder?.text || null;
}

function listeners(element, blockId, ctx, read) {
  const when = element.dispatch_action_config?.trigger_actions_on || ["on_enter_pressed"];
  return {
    input: (event) => {
      ctx.form.set(blockId, element, read(event.target));
      if (ctx.dispatch && when.includes("on_character_entered")) ctx.act(blockId, element, event.target.value);
    },
    keydown: (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || !ctx.dispatch || !when.includes("on_enter_pressed")) return;
      event.preventDefault();
      ctx.act(blockId, element, event.target.value);
    },
  };
}

function asRichText(text) {
  if (!text) return null;
  return { type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text }] }] };
}

function richWords(value) {
  const words = (part) => part?.text ?? (part?.elements || []).map(words).join("");
  return typeof value === "string" ? value : words(value);
}

/** plain_text_input (one line or many), rich_text_input (its words), number, e-mail and address inputs. */
export function textInput(element, blockId, ctx, label) {
  const rich = element.type === "rich_text_input";
  const read = (field) => (rich ? asRichText(field.value) : field.value === "" ? null : field.value);
  ctx.form.set(blockId, element, element.initial_value ?? null, { initial: true });
  const stored = ctx.form.get(blockId, element);
  const props = {
    class: "field", value: rich ? richWords(stored) : stored ?? "", placeholder: placeholderOf(element), "aria-label": label || null,
    minlength: element.min_length, maxlength: element.max_length, autocomplete: "off",
    dataset: { focusKey: `${blockId}/${element.action_id}` }, on: listeners(element, blockId, ctx, read),
  };
  if (element.multiline || rich) return h("textarea", { ...props, rows: 4 });
  const number = element.type === "number_input";
  return h("input", { ...props, type: TYPES[element.type], min: element.min_value, max: element.max_value, step: number ? (element.is_decimal_allowed ? "any" : 1) : null });
}

function toLocal(seconds) {
  const date = new Date(seconds * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

/** datepicker ("YYYY-MM-DD"), timepicker ("HH:MM"), datetimepicker (Unix seconds). */
export function dateTimeInput(element, blockId, ctx, label) {
  const withBoth = element.type === "datetimepicker";
  const initial = element.initial_date ?? element.initial_time ?? element.initial_date_time ?? null;
  ctx.form.set(blockId, element, initial, { initial: true });
  const stored = ctx.form.get(blockId, element);
  const change = (event) => {
    const text = event.target.value;
    const value = !text ? null : withBoth ? Math.floor(new Date(text).getTime() / 1000) : text;
    ctx.form.set(blockId, element, value);
    ctx.act(blockId, element, value);
  };
  return h("input", {
    class: "field field-date", type: DATE_TYPES[element.type], value: stored === null || stored === undefined ? "" : withBoth ? toLocal(stored) : stored,
    "aria-label": label || placeholderOf(element) || "Choose a date", dataset: { focusKey: `${blockId}/${element.action_id}` }, on: { change },
  });
}
