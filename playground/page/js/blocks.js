/** Block Kit blocks -> DOM. */
import { h, uid } from "./dom.js";
import { drawElement, imageElement } from "./elements.js";
import { plural } from "./format.js";
import { link, mrkdwn, plainText, textObject } from "./text.js";
import { markdown } from "./markdown.js";
import { richText } from "./rich_text.js";
import { dataTable, table } from "./table.js";

const INLINE_ACCESSORIES = new Set(["button", "overflow", "workflow_button", "image"]);

function section(block, id, ctx) {
  const fields = block.fields?.length ? h("div", { class: "fields" }, block.fields.map((field) => h("div", { class: "field-cell" }, textObject(field)))) : null;
  const body = h("div", { class: "section-body" }, block.text ? h("div", { class: "section-text" }, textObject(block.text)) : null, fields);
  if (!block.accessory) return h("div", { class: "block section" }, body);
  const label = block.text?.text && block.text.text.length < 120 ? body.textContent : "";
  const wide = !INLINE_ACCESSORIES.has(block.accessory.type);
  return h("div", { class: ["block section", wide && "section-wide"] }, body, h("div", { class: "accessory" }, drawElement(block.accessory, id, ctx, label)));
}

function context(block) {
  const draw = (element) => (element.type === "image" ? imageElement(element, "context-image") : h("span", { class: "context-text" }, textObject(element)));
  return h("div", { class: "block context" }, (block.elements || []).map(draw));
}

function image(block) {
  const title = block.title?.text || "";
  return h("figure", { class: "block image-block" }, title ? h("figcaption", {}, plainText(title)) : null, imageElement(block, "block-image"));
}

function input(block, id, ctx) {
  const fieldId = uid("input");
  const hintId = `${fieldId}-hint`;
  const label = plainText(block.label?.text).map((part) => part.textContent ?? part).join("");
  const control = drawElement(block.element, id, { ...ctx, isInput: true, dispatch: Boolean(block.dispatch_action) }, label);
  const field = control.matches("input, textarea") ? control : control.querySelector("input, textarea");
  if (field && !control.matches(".choices")) field.id = fieldId;
  const error = ctx.errors?.[id];
  const targets = control.matches(".choices") ? [control] : [field].filter(Boolean);
  for (const target of targets) {
    if (block.hint || error) target.setAttribute("aria-describedby", [error && `${fieldId}-error`, block.hint && hintId].filter(Boolean).join(" "));
    if (error) target.setAttribute("aria-invalid", "true");
    if (!block.optional && target !== control) target.setAttribute("aria-required", "true");
  }
  return h(
    "div",
    { class: ["block input-block", error && "has-error"] },
    h("label", { class: "input-label", for: control.matches(".choices") ? null : fieldId }, plainText(block.label?.text), block.optional ? h("span", { class: "optional" }, " (optional)") : null),
    control,
    error ? h("p", { class: "input-error", id: `${fieldId}-error`, role: "alert" }, error) : null,
    block.hint ? h("p", { class: "input-hint", id: hintId }, plainText(block.hint.text)) : null,
  );
}

function alert(block) {
  return h("div", { class: ["block alert-block", `alert-${block.level || "default"}`], role: "note" }, textObject(block.text));
}

function container(block, id, ctx) {
  const title = block.rich_text_title ? richText(block.rich_text_title) : plainText(block.title?.text || "");
  const children = blocks(block.child_blocks || [], ctx);
  const subtitle = block.subtitle ? h("div", { class: "muted" }, textObject(block.subtitle)) : null;
  if (!block.is_collapsible) return h("div", { class: "block container-block" }, h("strong", {}, title), subtitle, children);
  return h("details", { class: "block container-block", open: !block.default_collapsed }, h("summary", {}, title), subtitle, children);
}

function card(block, id, ctx) {
  return h(
    "div",
    { class: "block card-block" },
    block.hero_image ? imageElement(block.hero_image, "block-image") : null,
    block.title ? h("div", { class: "card-title" }, mrkdwn(block.title.text)) : null,
    block.subtitle ? h("div", { class: "muted" }, mrkdwn(block.subtitle.text)) : null,
    block.body ? mrkdwn(block.body.text) : null,
    block.actions?.length ? h("div", { class: "actions" }, block.actions.map((element) => drawElement(element, id, ctx))) : null,
  );
}

function taskCard(block) {
  const mark = { complete: "✓", error: "!", in_progress: "…" }[block.status] || "·";
  return h("div", { class: ["block task-card", `task-${block.status}`] }, h("span", { class: "task-mark", "aria-label": block.status }, mark), h("div", {}, h("strong", {}, block.title), block.details ? richText(block.details) : null, block.output ? richText(block.output) : null, (block.sources || []).map((source) => h("div", {}, link(source.url, source.text)))));
}

const BLOCKS = {
  section,
  context,
  image,
  input,
  table,
  container,
  card,
  alert,
  data_table: dataTable,
  rich_text: (block) => h("div", { class: "block" }, richText(block)),
  header: (block) => h("div", { class: "block header-block", role: "heading", "aria-level": "3" }, plainText(block.text?.text)),
  divider: () => h("hr", { class: "block divider" }),
  markdown: (block) => h("div", { class: "block" }, markdown(block.text)),
  actions: (block, id, ctx) => h("div", { class: "block actions" }, (block.elements || []).map((element) => drawElement(element, id, ctx))),
  context_actions: (block, id, ctx) => h("div", { class: "block actions context-actions" }, (block.elements || []).map((element) => drawElement(element, id, ctx))),
  video: (block) => h("div", { class: "block" }, link(block.title_url || block.video_url, block.title?.text || "Video")),
  file: (block) => h("div", { class: "block muted" }, `File ${block.external_id}`),
  task_card: taskCard,
  plan: (block) => h("div", { class: "block plan-block" }, h("strong", {}, block.title), h("span", { class: "muted" }, ` ${plural(block.tasks?.length || 0, "step")}`), (block.tasks || []).map(taskCard)),
};

/** One block; a type this page does not know says so instead of vanishing. */
export function drawBlock(block, index, ctx) {
  const id = block.block_id || `block-${index}`;
  const draw = BLOCKS[block.type];
  const node = draw ? draw(block, id, ctx) : h("div", { class: "block unsupported" }, `Block “${block.type}” is not shown here.`);
  node.dataset.blockId = id;
  return node;
}

/**
 * A list of blocks.
 * @param {object[]} list  @param {import("./elements.js").Context & {errors?: Record<string, string>}} ctx
 * @returns {HTMLElement}
 */
export function blocks(list, ctx) {
  return h("div", { class: "blocks" }, list.map((block, index) => drawBlock(block, index, ctx)));
}
