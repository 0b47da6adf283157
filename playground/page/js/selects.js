/** Select elements -> a Combobox with the right choices. */
import { avatar } from "./avatar.js";
import { Combobox } from "./combobox.js";
import { h } from "./dom.js";
import { askOptions } from "./options.js";
import { store } from "./state.js";
import { toPlainText } from "./mrkdwn.js";
import { plainText } from "./text.js";

/** The words of an option, for searching and for the closed field. */
export function optionLabel(option) {
  const text = option.text?.text ?? option.value ?? "";
  return option.text?.type === "mrkdwn" ? toPlainText(text, (id) => store.nameOf(id)) : plainText(text).map((part) => part.textContent ?? part).join("");
}

function optionChoice(option, group = "") {
  const description = option.description ? plainText(option.description.text).map((part) => part.textContent ?? part).join("") : "";
  return { key: String(option.value), label: optionLabel(option), description, group, value: option };
}

function staticChoices(element) {
  if (element.option_groups) {
    return element.option_groups.flatMap((group) => group.options.map((option) => optionChoice(option, group.label?.text)));
  }
  return (element.options || []).map((option) => optionChoice(option));
}

function userChoice(id) {
  const user = store.user(id) || { id, real_name: id };
  const label = user.real_name || user.name || id;
  return { key: id, label, description: user.title || "", value: id, draw: () => h("span", { class: "person-option" }, avatar(user, "small"), label) };
}

function channelChoice(channel) {
  const direct = channel.kind === "im";
  return { key: channel.id, label: `${direct ? "" : "#"}${store.titleOf(channel)}`, value: channel.id };
}

function peopleChoices() {
  return [...store.users.values()].filter((user) => !user.is_bot).map((user) => userChoice(user.id));
}

function channelChoices(directToo) {
  return [...store.channels.values()].filter((channel) => directToo || channel.kind !== "im").map(channelChoice);
}

function matching(choices, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return choices.filter((choice) => {
    const text = `${choice.label} ${choice.description || ""} ${choice.group || ""}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

const fromId = (id) => (store.channels.has(id) ? channelChoice(store.channels.get(id)) : userChoice(id));

/** kind -> how its choices are found, its `initial_…` stem, and how a stored value becomes a choice. */
const KINDS = {
  static: { load: (element) => (query) => matching(staticChoices(element), query), stem: "option", choice: (option) => optionChoice(option) },
  external: { load: externalLoader, stem: "option", choice: (option) => optionChoice(option) },
  users: { load: () => (query) => matching(peopleChoices(), query), stem: "user", choice: userChoice },
  channels: { load: () => (query) => matching(channelChoices(false), query), stem: "channel", choice: fromId },
  conversations: { load: () => (query) => matching(channelChoices(true), query), stem: "conversation", choice: fromId },
};

function externalLoader(element, blockId, ctx) {
  const shortest = element.min_query_length ?? 3;
  return (query) => {
    if (query.length < shortest) return [];
    return askOptions(ctx.container, blockId, element.action_id, query).then((options) => options.map((option) => optionChoice(option)));
  };
}

function initialValues(element, kind, multi, ctx) {
  const value = element[`initial_${kind.stem}${multi ? "s" : ""}`];
  if (value !== undefined) return multi ? value : [value];
  return element.default_to_current_conversation && ctx.container.channel ? [ctx.container.channel] : [];
}

/**
 * Draw a select element.
 * @param {object} element  @param {string} blockId
 * @param {{form: FormState, container: object, act: Function}} ctx  @param {string} label
 */
export function select(element, blockId, ctx, label) {
  const multi = element.type.startsWith("multi_");
  const kind = KINDS[element.type.replace(/^multi_/, "").replace(/_select$/, "")];
  const out = (chosen) => (multi ? chosen.map((choice) => choice.value) : chosen[0]?.value ?? null);
  const initial = initialValues(element, kind, multi, ctx);
  ctx.form.set(blockId, element, multi ? initial : initial[0] ?? null, { initial: true });
  const stored = ctx.form.get(blockId, element);
  const now = (multi ? stored : [stored]).filter(Boolean).map((value) => kind.choice(value));
  const placeholder = element.placeholder?.text || (multi ? "Choose some" : "Choose one");
  const combo = new Combobox({
    label: label || placeholder, placeholder, multi, selected: now, max: element.max_selected_items,
    focusKey: `${blockId}/${element.action_id}`,
    load: kind.load(element, blockId, ctx),
    changed: (chosen) => {
      ctx.form.set(blockId, element, out(chosen));
      if (!multi) ctx.act(blockId, element, out(chosen));
    },
    closed: (chosen) => multi && ctx.act(blockId, element, out(chosen)),
  });
  return combo.element;
}
