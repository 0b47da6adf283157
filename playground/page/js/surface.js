/** What ties blocks to the server: one interactive surface is one message or one view with its form state. */
import { ask } from "./confirm.js";
import { FormState } from "./form_state.js";
import { send } from "./socket.js";

/**
 * The context that elements of one message or view act through.
 * @param {{type: "message", channel: string, ts: string} | {type: "view", view_id: string}} container
 * @param {FormState} [form] kept by views across updates
 * @returns {import("./elements.js").Context}
 */
export function surface(container, form = new FormState()) {
  return {
    container,
    form,
    isInput: false,
    dispatch: false,
    async act(blockId, element, value) {
      if (this.isInput && !this.dispatch) return;
      if (element.confirm && !(await ask(element.confirm))) return;
      const frame = { type: "action", container, block_id: blockId, action_id: element.action_id, state: form.values() };
      if (value !== undefined) frame.value = value;
      send(frame);
    },
  };
}
