/** Modals: a stack of views in one dialog; only the top one is shown, the others keep what was typed. */
import { avatar } from "./avatar.js";
import { blocks } from "./blocks.js";
import { announce, focusKey, h, restoreFocus } from "./dom.js";
import { FormState } from "./form_state.js";
import { icon } from "./icons.js";
import { send } from "./socket.js";
import { store } from "./state.js";
import { surface } from "./surface.js";
import { plainText } from "./text.js";
import { problems } from "./validation.js";

class ModalStack {
  /** @type {{view: object, form: FormState, errors: Record<string, string>, busy: boolean, notice: string}[]} */
  #stack = [];
  #dialog = null;
  #opener = null;

  /** A view of the server: `open` starts a new stack, `push` goes on top, `update` replaces the one with its id. */
  show(mode, view) {
    const known = this.#stack.find((entry) => entry.view.id === view.id);
    if (known) this.#update(known, view);
    else if (mode !== "update") {
      if (mode === "open") this.#stack = [];
      this.#stack.push({ view, form: new FormState(), errors: {}, busy: false, notice: "" });
    } else return;
    this.#draw({ fresh: !known });
  }

  #update(entry, view) {
    const ids = view.blocks.map((block, index) => block.block_id || `block-${index}`);
    entry.form.keepOnly(ids);
    Object.assign(entry, { view, errors: {}, busy: false, notice: "" });
  }

  /** The app found something wrong: each sentence goes under its field. */
  errors(viewId, errors) {
    const entry = this.#stack.find((one) => one.view.id === viewId);
    if (!entry) return;
    Object.assign(entry, { errors: errors || {}, busy: false });
    this.#draw({ toErrors: true });
  }

  /** Nothing came back: let the person try again. */
  unlock(notice) {
    const top = this.#stack.at(-1);
    if (!top?.busy) return;
    Object.assign(top, { busy: false, notice });
    this.#draw({});
  }

  /** A view is closed by the server, with everything above it. */
  closed(viewId, all) {
    const at = this.#stack.findIndex((entry) => entry.view.id === viewId);
    if (all) this.#stack = [];
    else if (at >= 0) this.#stack.splice(at);
    this.#draw({ fresh: true });
  }

  /** Forget everything: the connection starts anew. */
  clear() {
    this.#stack = [];
    this.#draw({});
  }

  #close() {
    const top = this.#stack.pop();
    if (!top) return;
    if (top.view.clear_on_close) this.#stack = [];
    send({ type: "close", view_id: top.view.id });
    this.#draw({ fresh: true });
  }

  #submit(entry) {
    if (entry.busy) return;
    entry.errors = problems(entry.view, entry.form);
    if (Object.keys(entry.errors).length) return void this.#draw({ toErrors: true });
    Object.assign(entry, { busy: true, notice: "" });
    this.#draw({});
    send({ type: "submit", view_id: entry.view.id, state: { values: entry.form.values() } });
    return undefined;
  }

  #draw({ fresh = false, toErrors = false }) {
    const entry = this.#stack.at(-1);
    if (!entry) return this.#hide();
    if (!this.#dialog) this.#makeDialog();
    const key = fresh ? null : focusKey(this.#dialog);
    const scroll = fresh ? 0 : this.#dialog.querySelector(".modal-body")?.scrollTop || 0;
    this.#dialog.replaceChildren(...this.#parts(entry));
    this.#dialog.querySelector(".modal-body").scrollTop = scroll;
    if (!this.#dialog.open) this.#dialog.showModal();
    if (toErrors) this.#focusError();
    else if (fresh || !restoreFocus(this.#dialog, key)) this.#focusFirst();
    return undefined;
  }

  #focusError() {
    const field = this.#dialog.querySelector(".has-error :is(input, textarea, select, button)");
    field?.focus();
    const count = this.#dialog.querySelectorAll(".has-error").length;
    announce(`${count} field${count === 1 ? " needs" : "s need"} attention`, true);
  }

  #focusFirst() {
    const body = this.#dialog.querySelector(".modal-body");
    (body.querySelector("input, textarea, select") || this.#dialog.querySelector(".modal-submit") || body.querySelector("button") || body).focus({ preventScroll: true });
  }

  #makeDialog() {
    this.#opener = document.activeElement;
    this.#dialog = h("dialog", { class: "dialog modal", "aria-labelledby": "modal-title", on: { cancel: (event) => this.#cancel(event) } });
    document.body.append(this.#dialog);
  }

  #cancel(event) {
    if (event.target !== this.#dialog) return;
    event.preventDefault();
    this.#close();
  }

  #hide() {
    if (!this.#dialog) return;
    this.#dialog.close();
    this.#dialog.remove();
    this.#dialog = null;
    if (this.#opener?.isConnected) this.#opener.focus({ preventScroll: true });
    else document.getElementById("main")?.focus({ preventScroll: true });
  }

  #parts(entry) {
    const { view, form, errors, busy, notice } = entry;
    const deep = this.#stack.length > 1;
    const ctx = { ...surface({ type: "view", view_id: view.id }, form), errors };
    const submit = (event) => {
      event.preventDefault();
      this.#submit(entry);
    };
    const close = () => this.#close();
    return [
      h(
        "form",
        { class: "modal-form", novalidate: true, dataset: { viewId: view.id, callbackId: view.callback_id }, on: { submit } },
        h(
          "header",
          { class: "modal-header" },
          deep ? h("button", { type: "button", class: "icon-button", "aria-label": "Back", on: { click: close } }, icon("back")) : avatar(store.user(store.bot.user_id) || { kind: "bot" }, "small"),
          h("h2", { id: "modal-title" }, plainText(view.title?.text)),
          deep ? null : h("button", { type: "button", class: "icon-button", "aria-label": "Close", on: { click: close } }, icon("close")),
        ),
        h("div", { class: "modal-body", tabindex: -1 }, notice ? h("p", { class: "modal-notice", role: "alert" }, notice) : null, blocks(view.blocks, ctx)),
        this.#footer(view, busy, close),
      ),
    ];
  }

  #footer(view, busy, close) {
    const needsSubmit = view.submit || view.blocks.some((block) => block.type === "input");
    return h(
      "footer",
      { class: "modal-footer" },
      h("button", { type: "button", class: "button modal-close", on: { click: close } }, plainText(view.close?.text || (needsSubmit ? "Cancel" : "Close"))),
      needsSubmit ? h("button", { type: "submit", class: ["button primary modal-submit", busy && "busy"], disabled: busy || Boolean(view.submit_disabled), "aria-busy": busy ? "true" : null }, plainText(view.submit?.text || "Submit")) : null,
    );
  }
}

/** The page's one stack of modals. */
export const modalStack = new ModalStack();
