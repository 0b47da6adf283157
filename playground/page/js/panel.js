/** The guide on the right: what to try, and switches that break things on purpose. */
import { focusKey, h, restoreFocus } from "./dom.js";
import { icon } from "./icons.js";
import { send } from "./socket.js";
import { store } from "./state.js";
import { mrkdwn } from "./text.js";
import { toast } from "./toasts.js";

const MOST_BYTES = 5_000_000;

/** Fault names that the playground knows; another name is shown as words. */
const FAULTS = {
  slack_down: ["Slack is down", "Calls fail and the app loses its connection. What you write meanwhile is delivered later."],
  model_slow: ["The model is slow", "Answers of the language model take long; nothing waits for them that need not."],
  model_down: ["The model is unreachable", "The local analyser takes over."],
  rate_limited: ["Slack limits the rate", "Every post is refused for a while with 429."],
  tracker_down: ["The issue tracker is down", "Issues are created when it is back."],
};

export class GuidePanel {
  /** @param {HTMLElement} host  @param {() => void} close */
  constructor(host, close) {
    this.host = host;
    this.close = close;
    for (const topic of ["hello", "panel", "faults"]) store.on(topic, () => this.draw());
  }

  draw() {
    const key = focusKey(this.host);
    const { panel } = store;
    this.host.replaceChildren(
      h("header", { class: "pane-header" }, h("h2", {}, panel?.title || "Guide"), h("button", { type: "button", class: "icon-button", "aria-label": "Close guide", on: { click: this.close } }, icon("close"))),
      h("div", { class: "guide-scroll" }, panel ? [panel.text ? mrkdwn(panel.text) : null, steps(panel.steps || []), buttons(panel.buttons || []), results(panel.results)] : h("p", { class: "muted" }, "Look around: post a ticket, open a thread, press a button."), faults(), keys()),
    );
    restoreFocus(this.host, key);
  }
}

function steps(list) {
  if (!list.length) return null;
  const done = list.filter((step) => step.done).length;
  const next = list.findIndex((step) => !step.done);
  const fill = h("span", { class: "progress-fill" });
  fill.style.width = `${(done / list.length) * 100}%`;
  return [
    h("div", { class: "guide-progress" }, h("div", { class: "progress-track", "aria-hidden": "true" }, fill), h("span", { class: "muted" }, done === list.length ? "All done" : `${done} of ${list.length} done`)),
    h("ol", { class: "guide-steps" }, list.map((step, index) => h("li", { class: [step.done && "done", index === next && "next"] }, h("span", { class: "step-mark", "aria-hidden": "true" }, step.done ? icon("check") : String(index + 1)), h("div", { class: "step-text" }, h("span", { class: "visually-hidden" }, step.done ? "Done: " : ""), mrkdwn(step.text))))),
  ];
}

function buttons(list) {
  if (!list.length) return null;
  return h("div", { class: "guide-buttons" }, list.map((button) => {
    const picker = button.accept ? filePicker(button) : null;
    const press = () => (picker ? picker.click() : send({ type: "panel", action: button.action, value: button.value }));
    return [h("button", { type: "button", class: ["button", button.style === "primary" && "primary"], dataset: { focusKey: `panel/${button.action}`, panelAction: button.action }, on: { click: press } }, button.label), picker];
  }));
}

/** A button with `accept` asks for a text file and sends {name, text}. */
function filePicker({ action, accept }) {
  const input = h("input", { type: "file", accept, hidden: true, dataset: { panelFile: action }, "aria-label": "Choose a file" });
  input.addEventListener("change", async () => {
    const [file] = input.files;
    input.value = "";
    if (!file) return;
    if (file.size > MOST_BYTES) toast("warning", "The page takes files up to 5 MB.");
    else if (!send({ type: "panel", action, value: { name: file.name, text: await file.text() } })) toast("warning", "Not connected just now. Try again in a moment.");
  });
  return input;
}

function results(found) {
  if (!found) return null;
  return h("section", { class: "guide-results" }, h("h3", {}, found.title), h("p", { class: "muted" }, found.text), h("ol", {}, found.lines.map((line) => h("li", {}, mrkdwn(line)))));
}

function faults() {
  const names = Object.keys(store.faults);
  if (!names.length) return null;
  return h("section", { class: "faults" }, h("h3", {}, "Break something"), h("p", { class: "muted" }, "Nothing should be lost. See for yourself."), names.map(fault));
}

function fault(name) {
  const [label, hint] = FAULTS[name] || [name.replaceAll("_", " ").replace(/^./, (first) => first.toUpperCase()), ""];
  const on = Boolean(store.faults[name]);
  const press = () => send({ type: "fault", name, on: !on });
  return h(
    "button",
    { type: "button", class: "switch-row", role: "switch", "aria-checked": String(on), dataset: { focusKey: `fault/${name}`, fault: name }, on: { click: press } },
    h("span", {}, h("span", { class: "switch-label" }, label), hint ? h("span", { class: "menu-hint" }, hint) : null),
    h("span", { class: "switch", "aria-hidden": "true" }),
  );
}

function keys() {
  const row = (key, text) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, text)];
  return h("details", { class: "keys" }, h("summary", {}, "Keyboard"), h("dl", {}, row("↑ ↓", "walk through messages"), row("T", "reply in thread"), row("R", "react"), row("S", "ask about the message"), row("M", "more actions"), row("Esc", "close thread or dialog"), row("Alt ↑ ↓", "next or previous channel")));
}
