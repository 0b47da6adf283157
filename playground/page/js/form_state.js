/** What people typed and picked inside one message or view, in the shape of Slack's `state.values`. */

/** element type -> the key that holds its value in `state.values`. */
export const VALUE_KEY = {
  plain_text_input: "value",
  number_input: "value",
  email_text_input: "value",
  url_text_input: "value",
  rich_text_input: "rich_text_value",
  static_select: "selected_option",
  external_select: "selected_option",
  users_select: "selected_user",
  channels_select: "selected_channel",
  conversations_select: "selected_conversation",
  multi_static_select: "selected_options",
  multi_external_select: "selected_options",
  multi_users_select: "selected_users",
  multi_channels_select: "selected_channels",
  multi_conversations_select: "selected_conversations",
  radio_buttons: "selected_option",
  checkboxes: "selected_options",
  datepicker: "selected_date",
  timepicker: "selected_time",
  datetimepicker: "selected_date_time",
};

export class FormState {
  #values = {};

  /** Remember a value; the element's first value is set with `initial`, which never overwrites what a person did. */
  set(blockId, element, value, { initial = false } = {}) {
    const key = VALUE_KEY[element.type];
    if (!key) return;
    const block = (this.#values[blockId] ||= {});
    if (initial && block[element.action_id]?.type === element.type) return;
    block[element.action_id] = { type: element.type, [key]: value };
  }

  get(blockId, element) {
    return this.#values[blockId]?.[element.action_id]?.[VALUE_KEY[element.type]];
  }

  /** @returns {Record<string, Record<string, object>>} a copy to send */
  values() {
    return structuredClone(this.#values);
  }

  /** Forget blocks that an updated view no longer has. */
  keepOnly(blockIds) {
    const wanted = new Set(blockIds);
    for (const id of Object.keys(this.#values)) if (!wanted.has(id)) delete this.#values[id];
  }
}
