/** Faces: coloured initials, always legible. */
import { h } from "./dom.js";
import { initials } from "./format.js";
import { icon } from "./icons.js";

const FALLBACK = "#4d6b76";
/** Above this luminance the dark ink (luminance 0.012) stands out more than white: (L + .05)^2 = 1.05 * (.012 + .05). */
const EVEN = 0.205;

function cssColor(value) {
  const hex = String(value || "").replace(/^#/, "");
  return /^[0-9a-f]{3}([0-9a-f]{3})?$/i.test(hex) ? `#${hex}` : FALLBACK;
}

/** Relative luminance of WCAG 2.2 for a #rrggbb colour. */
function luminance(hex) {
  const full = hex.length === 4 ? `#${[...hex.slice(1)].map((c) => c + c).join("")}` : hex;
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(full.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/**
 * @param {{id?: string, real_name?: string, name?: string, avatar_color?: string, kind?: string, is_bot?: boolean} | null} user
 * @param {"large" | "medium" | "small" | "tiny"} [size]
 */
export function avatar(user, size = "large") {
  const color = cssColor(user?.avatar_color);
  const mark = user?.kind === "bot" ? icon("spark") : initials(user?.real_name || user?.name);
  const face = h("span", { class: ["avatar", `avatar-${size}`, user?.kind === "bot" && "avatar-bot"], "aria-hidden": "true" }, mark);
  if (user?.kind !== "bot") {
    face.style.backgroundColor = color;
    face.style.color = luminance(color) > EVEN ? "#10201f" : "#ffffff";
  }
  return face;
}
