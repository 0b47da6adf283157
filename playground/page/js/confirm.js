/** A small question before an act: Block Kit's `confirm` and the page's own "really delete?". */
import { h, uid } from "./dom.js";
import { plainText, textObject } from "./text.js";

/**
 * Ask and wait.
 * @param {{title?: object, text?: object, confirm?: object, deny?: object, style?: string}} question a confirmation dialog object
 * @returns {Promise<boolean>} true when confirmed; Escape and "no" are false
 */
export function ask(question) {
  const id = uid("confirm");
  return new Promise((resolve) => {
    const dialog = h(
      "dialog",
      { class: "dialog confirm", "aria-labelledby": id, "aria-describedby": `${id}-text` },
      h("h2", { id }, plainText(question.title?.text || "Are you sure?")),
      h("div", { id: `${id}-text`, class: "confirm-text" }, textObject(question.text)),
      h(
        "div",
        { class: "dialog-actions" },
        h("button", { type: "button", class: "button", on: { click: () => dialog.close("no") } }, plainText(question.deny?.text || "Cancel")),
        h("button", { type: "button", class: ["button", question.style === "danger" ? "danger solid" : "primary"], autofocus: true, on: { click: () => dialog.close("yes") } }, plainText(question.confirm?.text || "Yes")),
      ),
    );
    const opener = document.activeElement;
    dialog.addEventListener("close", () => {
      dialog.remove();
      opener?.focus?.();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
