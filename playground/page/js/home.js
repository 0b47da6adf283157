/** The app's Home tab. */
import { blocks } from "./blocks.js";
import { focusKey, h, restoreFocus } from "./dom.js";
import { FormState } from "./form_state.js";
import { store } from "./state.js";
import { surface } from "./surface.js";

/** Draw the published view into `host`; before the first one there is a sentence. */
export function drawHome(host) {
  const view = store.home;
  const key = focusKey(host);
  const top = host.firstElementChild?.scrollTop || 0;
  const content = view
    ? blocks(view.blocks, surface({ type: "view", view_id: view.id }, new FormState()))
    : h("p", { class: "muted" }, `${store.bot.name || "The app"} is preparing this page…`);
  const page = h("div", { class: "home-view", tabindex: 0, role: "region", "aria-label": "App home" }, h("div", { class: "home-inner" }, content));
  host.replaceChildren(page);
  page.scrollTop = top;
  restoreFocus(host, key);
}
