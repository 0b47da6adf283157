/** Radio buttons and checkboxes. */
import { h, uid } from "./dom.js";
import { textObject } from "./text.js";

function choice(option, props, blockId, element, index) {
  const id = uid("choice");
  const described = option.description ? `${id}-d` : null;
  const focusKey = `${blockId}/${element.action_id}/${index}`;
  return h(
    "label",
    { class: "choice" },
    h("input", { ...props, id, "aria-describedby": described, dataset: { focusKey } }),
    h("span", { class: "choice-label" }, textObject(option.text), option.description ? h("span", { class: "choice-description", id: described }, textObject(option.description)) : null),
  );
}

/** @param {object} element a radio_buttons element */
export function radioButtons(element, blockId, ctx, label) {
  ctx.form.set(blockId, element, element.initial_option ?? null, { initial: true });
  const picked = ctx.form.get(blockId, element)?.value;
  const name = uid("radio");
  const options = element.options.map((option, index) => {
    const change = () => {
      ctx.form.set(blockId, element, option);
      ctx.act(blockId, element, option);
    };
    return choice(option, { type: "radio", name, value: option.value, checked: option.value === picked, on: { change } }, blockId, element, index);
  });
  return h("div", { class: "choices", role: "radiogroup", "aria-label": label || "Options" }, options);
}

/** @param {object} element a checkboxes element */
export function checkboxes(element, blockId, ctx, label) {
  ctx.form.set(blockId, element, element.initial_options ?? [], { initial: true });
  const picked = new Set((ctx.form.get(blockId, element) || []).map((option) => option.value));
  const group = h("div", { class: "choices", role: "group", "aria-label": label || "Options" });
  const change = () => {
    const boxes = [...group.querySelectorAll("input")];
    const chosen = element.options.filter((_, index) => boxes[index].checked);
    ctx.form.set(blockId, element, chosen);
    ctx.act(blockId, element, chosen);
  };
  element.options.forEach((option, index) => {
    group.append(choice(option, { type: "checkbox", value: option.value, checked: picked.has(option.value), on: { change } }, blockId, element, index));
  });
  return group;
}
