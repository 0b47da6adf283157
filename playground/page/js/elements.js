/** Interactive elements of Block Kit -> controls. Buttons and menus here, selects, texts and choices in their own rooms. */
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { safeHref, safeImage } from "./links.js";
import { openMenu } from "./popover.js";
import { checkboxes, radioButtons } from "./choices.js";
import { dateTimeInput, textInput } from "./inputs.js";
import { optionLabel, select } from "./selects.js";
import { plainText } from "./text.js";

/**
 * What an element needs from the message or view it lives in.
 * @typedef {{form: import("./form_state.js").FormState, container: object, isInput?: boolean, dispatch?: boolean,
 *   act: (blockId: string, element: object, value?: any) => void}} Context
 */

function button(element, blockId, ctx) {
  const href = safeHref(element.url);
  const press = () => {
    if (href) window.open(href, "_blank", "noopener,noreferrer");
    ctx.act(blockId, element);
  };
  return h(
    "button",
    {
      type: "button",
      class: ["button", element.style === "primary" && "primary", element.style === "danger" && "danger"],
      "aria-label": element.accessibility_label || null,
      dataset: { focusKey: `${blockId}/${element.action_id}`, action: element.action_id },
      on: { click: press },
    },
    plainText(element.text?.text),
    href ? icon("share") : null,
  );
}

function overflow(element, blockId, ctx) {
  const items = (element.options || []).map((option) => ({
    label: optionLabel(option),
    hint: option.description?.text,
    run: () => {
      const href = safeHref(option.url);
      if (href) window.open(href, "_blank", "noopener,noreferrer");
      ctx.act(blockId, element, option);
    },
  }));
  const opener = h(
    "button",
    { type: "button", class: "button overflow", "aria-label": "More actions", "aria-haspopup": "menu", "aria-expanded": "false", dataset: { focusKey: `${blockId}/${element.action_id}`, action: element.action_id } },
    icon("more"),
  );
  opener.addEventListener("click", () => openMenu(opener, "More actions", items, { align: "end" }));
  return opener;
}

function feedbackButtons(element, blockId, ctx) {
  const choices = [
    [element.positive_button, "up", "Good answer"],
    [element.negative_button, "down", "Bad answer"],
  ];
  const group = h("span", { class: "feedback", role: "group", "aria-label": "Feedback" });
  for (const [option, name, fallback] of choices) {
    if (!option) continue;
    const press = (event) => {
      for (const other of group.children) other.setAttribute("aria-pressed", String(other === event.currentTarget));
      ctx.act(blockId, element, option.value);
    };
    const label = option.accessibility_label || option.text?.text || fallback;
    group.append(h("button", { type: "button", class: "icon-button", "aria-label": label, title: option.text?.text || label, "aria-pressed": "false", on: { click: press } }, icon(name)));
  }
  return group;
}

function iconButton(element, blockId, ctx) {
  const label = element.accessibility_label || element.text?.text || element.icon;
  const press = () => ctx.act(blockId, element, element.value);
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, dataset: { focusKey: `${blockId}/${element.action_id}` }, on: { click: press } }, icon(element.icon === "trash" ? "trash" : "spark"));
}

function slackFile(file) {
  return file?.url || (file?.id ? `/files/${encodeURIComponent(file.id)}/image` : "");
}

/** An image, or its words when the address is not one this page may load. */
export function imageElement(element, className) {
  const src = safeImage(element.image_url || slackFile(element.slack_file));
  if (!src) return h("span", { class: "image-missing" }, icon("file"), element.alt_text || "image");
  return h("img", { class: className, src, alt: element.alt_text || "", loading: "lazy" });
}

const ELEMENTS = {
  button,
  workflow_button: button,
  overflow,
  feedback_buttons: feedbackButtons,
  icon_button: iconButton,
  image: (element) => imageElement(element, "accessory-image"),
  radio_buttons: radioButtons,
  checkboxes,
  plain_text_input: textInput,
  rich_text_input: textInput,
  number_input: textInput,
  email_text_input: textInput,
  url_text_input: textInput,
  datepicker: dateTimeInput,
  timepicker: dateTimeInput,
  datetimepicker: dateTimeInput,
};

/**
 * Draw one element.
 * @param {object} element  @param {string} blockId  @param {Context} ctx
 * @param {string} [label] the words of the block's label, for elements that have none of their own
 * @returns {Node}
 */
export function drawElement(element, blockId, ctx, label = "") {
  if (element.type.endsWith("_select")) return select(element, blockId, ctx, label);
  const draw = ELEMENTS[element.type];
  return draw ? draw(element, blockId, ctx, label) : h("span", { class: "unsupported" }, `Element “${element.type}” is not shown here.`);
}
