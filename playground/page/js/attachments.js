/** Legacy attachments (ticket notifications of other apps) and files under a message. */
import { blocks } from "./blocks.js";
import { h } from "./dom.js";
import { clock, fileSize, fullTime } from "./format.js";
import { icon } from "./icons.js";
import { safeHref, safeImage } from "./links.js";
import { link, mrkdwn, plainText } from "./text.js";

const NAMED_COLORS = { good: "#2f9e6e", warning: "#d99a1c", danger: "#c8373c" };

function barColor(color) {
  if (NAMED_COLORS[color]) return NAMED_COLORS[color];
  const hex = String(color || "").replace(/^#/, "");
  return /^[0-9a-f]{3}([0-9a-f]{3})?$/i.test(hex) ? `#${hex}` : "";
}

function fields(list) {
  if (!list?.length) return null;
  const cell = (field) => h("div", { class: ["attachment-field", field.short && "short"] }, h("div", { class: "attachment-field-title" }, plainText(field.title)), mrkdwn(field.value));
  return h("div", { class: "attachment-fields" }, list.map(cell));
}

function footer(attachment) {
  if (!attachment.footer && !attachment.ts) return null;
  const time = attachment.ts ? h("time", { title: fullTime(attachment.ts) }, clock(attachment.ts)) : null;
  return h("div", { class: "attachment-footer" }, plainText(attachment.footer || ""), attachment.footer && time ? " · " : null, time);
}

function picture(url, alt, className) {
  const src = safeImage(url);
  return src ? h("img", { src, alt: alt || "", class: className, loading: "lazy" }) : null;
}

/** One attachment: the colour bar, who, title, text, fields, footer; `blocks` replace the legacy parts. */
export function attachment(one, ctx) {
  const card = h("div", { class: "attachment" });
  const bar = h("span", { class: "attachment-bar", "aria-hidden": "true" });
  const color = barColor(one.color);
  if (color) bar.style.backgroundColor = color;
  const legacy = () => [
    one.author_name ? h("div", { class: "attachment-author" }, one.author_link ? link(one.author_link, one.author_name) : plainText(one.author_name)) : null,
    one.title ? h("div", { class: "attachment-title" }, one.title_link ? link(one.title_link, one.title) : plainText(one.title)) : null,
    one.text ? mrkdwn(one.text) : null,
    fields(one.fields),
    picture(one.image_url, one.fallback, "block-image"),
    footer(one),
  ];
  const body = h("div", { class: "attachment-body" }, one.blocks?.length ? blocks(one.blocks, ctx) : legacy());
  card.append(bar, body);
  const thumb = picture(one.thumb_url, "", "attachment-thumb");
  if (thumb) card.append(thumb);
  return h("div", { class: "attachment-wrap" }, one.pretext ? h("div", { class: "attachment-pretext" }, mrkdwn(one.pretext)) : null, card);
}

// A file that is still being processed has no type yet: its name has to do.
function isImage(one) {
  return /^image\//.test(one.mimetype || "") || (!one.mimetype && /\.(png|jpe?g|gif|webp)$/i.test(one.name || ""));
}

/** One file: an image is shown, anything else is a card with its name and size. */
export function file(one) {
  const src = isImage(one) ? safeImage(one.url_private || one.thumb_720 || one.permalink) : null;
  const name = one.title || one.name || "file";
  if (src) {
    return h("figure", { class: "file-image" }, h("figcaption", {}, name), h("a", { href: src, target: "_blank", rel: "noopener" }, h("img", { src, alt: one.alt_txt || name, loading: "lazy" })));
  }
  const href = safeHref(one.url_private_download || one.url_private || one.permalink);
  const inside = [icon("file"), h("span", {}, h("span", { class: "file-name" }, name), h("span", { class: "muted" }, [one.pretty_type || one.filetype, fileSize(one.size)].filter(Boolean).join(" · ")))];
  return href ? h("a", { class: "file-card", href, target: "_blank", rel: "noopener" }, inside) : h("div", { class: "file-card" }, inside);
}
