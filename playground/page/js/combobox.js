/**
 * A select with search: one widget behind every select element (static, external, users, channels, conversations;
 * single and multi). ARIA 1.2 combobox with a listbox in the top layer.
 */
import { announce, append, h, uid } from "./dom.js";
import { icon } from "./icons.js";
import { place } from "./popover.js";

/**
 * @typedef {{key: string, label: string, draw?: () => Node, description?: string, group?: string, value: any}} Choice
 */
export class Combobox {
  #choices = [];
  #active = -1;
  #listId = uid("list");
  #touched = false;

  /**
   * @param {{placeholder: string, label: string, multi?: boolean, selected: Choice[], max?: number, focusKey?: string,
   *   load: (query: string) => Choice[] | Promise<Choice[]>, changed: (selected: Choice[]) => void, closed?: (selected: Choice[]) => void}} options
   */
  constructor(options) {
    this.options = options;
    this.selected = [...options.selected];
    this.input = h("input", {
      class: "combo-input", type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-autocomplete": "list",
      "aria-expanded": "false", "aria-controls": this.#listId, "aria-label": options.label, dataset: { focusKey: options.focusKey },
      on: {
        input: () => this.#search(this.input.value), keydown: (event) => this.#key(event), blur: () => this.close(),
        click: () => this.openList(), focus: () => this.input.select(),
      },
    });
    this.list = h("div", { class: "combo-list popover", role: "listbox", id: this.#listId, popover: "manual", "aria-label": options.label, "aria-multiselectable": options.multi ? "true" : null });
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.chips = h("span", { class: "combo-chips" });
    this.element = h("span", { class: ["combo", options.multi && "combo-multi"] }, this.chips, this.input, icon("chevron"), this.list);
    this.#show();
  }

  get isOpen() {
    return this.list.matches(":popover-open");
  }

  async openList() {
    if (this.isOpen) return;
    this.list.showPopover();
    this.input.setAttribute("aria-expanded", "true");
    addEventListener("scroll", this.#follow, true);
    await this.#search("");
  }

  close() {
    if (!this.isOpen) return;
    removeEventListener("scroll", this.#follow, true);
    this.list.hidePopover();
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.#active = -1;
    this.#show();
    if (this.#touched) this.options.closed?.(this.selected);
    this.#touched = false;
  }

  #follow = (event) => {
    if (!this.list.contains(event.target)) place(this.list, this.element, { match: true });
  };

  async #search(query) {
    if (!this.isOpen) {
      this.list.showPopover();
      this.input.setAttribute("aria-expanded", "true");
    }
    const asked = query.trim();
    this.lastQuery = asked;
    const found = this.options.load(asked);
    if (found instanceof Promise) this.list.replaceChildren(h("div", { class: "combo-empty" }, "Searching…"));
    const choices = await found;
    if (!this.isOpen || this.lastQuery !== asked) return;
    this.#choices = choices;
    this.#active = -1;
    this.#drawList();
  }

  #drawList() {
    const nodes = [];
    let group = "";
    this.#choices.forEach((choice, index) => {
      if (choice.group && choice.group !== group) nodes.push(h("div", { class: "combo-group", role: "presentation" }, choice.group));
      group = choice.group;
      nodes.push(this.#optionNode(choice, index));
    });
    if (!nodes.length) nodes.push(h("div", { class: "combo-empty" }, "No results"));
    this.list.replaceChildren(...nodes);
    place(this.list, this.element, { match: true });
    announce(`${this.#choices.length} options`);
  }

  #optionNode(choice, index) {
    const chosen = this.selected.some((one) => one.key === choice.key);
    return h(
      "div",
      { class: "combo-option", role: "option", id: `${this.#listId}-${index}`, "aria-selected": String(chosen), on: { click: () => this.#pick(choice) } },
      h("span", { class: "combo-option-label" }, choice.draw ? choice.draw() : choice.label, choice.description ? h("span", { class: "menu-hint" }, choice.description) : null),
      chosen ? icon("check") : null,
    );
  }

  #pick(choice) {
    this.#touched = true;
    if (!this.options.multi) {
      this.selected = [choice];
      this.#touched = false;
      this.close();
      this.options.changed(this.selected);
      return;
    }
    const has = this.selected.some((one) => one.key === choice.key);
    if (!has && this.options.max && this.selected.length >= this.options.max) {
      announce(`At most ${this.options.max}`, true);
      return;
    }
    this.selected = has ? this.selected.filter((one) => one.key !== choice.key) : [...this.selected, choice];
    this.input.value = "";
    this.options.changed(this.selected);
    this.#drawChips();
    this.#drawList();
  }

  #remove(choice) {
    this.selected = this.selected.filter((one) => one.key !== choice.key);
    this.options.changed(this.selected);
    this.#show();
    if (this.isOpen) {
      this.#touched = true;
      this.#drawList();
    } else this.options.closed?.(this.selected);
    this.input.focus();
  }

  #show() {
    if (this.options.multi) this.#drawChips();
    else this.input.value = this.selected[0]?.label ?? "";
    this.input.placeholder = this.options.multi && this.selected.length ? "" : this.options.placeholder;
  }

  #drawChips() {
    this.chips.replaceChildren();
    append(this.chips, this.selected.map((choice) => h("span", { class: "chip" }, choice.label,
      h("button", { type: "button", class: "chip-remove", "aria-label": `Remove ${choice.label}`, on: { click: () => this.#remove(choice) } }, icon("close")))));
    this.input.placeholder = this.selected.length ? "" : this.options.placeholder;
  }

  #key(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!this.isOpen) return void this.openList();
      return void this.#move(event.key === "ArrowDown" ? 1 : -1);
    }
    if (event.key === "Enter" && this.isOpen) {
      event.preventDefault();
      const choice = this.#choices[this.#active] ?? (this.#choices.length === 1 ? this.#choices[0] : null);
      if (choice) this.#pick(choice);
    } else if (event.key === "Escape" && this.isOpen) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (event.key === "Backspace" && this.options.multi && !this.input.value && this.selected.length) this.#remove(this.selected.at(-1));
    return undefined;
  }

  #move(step) {
    const count = this.#choices.length;
    if (!count) return;
    this.#active = (this.#active + step + count + (this.#active < 0 && step < 0 ? 1 : 0)) % count;
    for (const node of this.list.querySelectorAll(".combo-option")) node.classList.toggle("active", node.id === `${this.#listId}-${this.#active}`);
    const node = document.getElementById(`${this.#listId}-${this.#active}`);
    node?.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", `${this.#listId}-${this.#active}`);
  }
}
