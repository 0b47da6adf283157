/** Questions for the choices of external selects: each waits for its own answer. */
import { send } from "./socket.js";

const waiting = new Map();
const PATIENCE = 5000;

const keyOf = (blockId, actionId) => `${blockId} ${actionId}`;

/**
 * Ask the app for choices.
 * @returns {Promise<object[]>} option objects; empty when no answer came in five seconds or a newer question replaced this one
 */
export function askOptions(container, blockId, actionId, query) {
  const key = keyOf(blockId, actionId);
  waiting.get(key)?.([]);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve([]), PATIENCE);
    waiting.set(key, (options) => {
      clearTimeout(timer);
      resolve(options);
    });
    send({ type: "options", container, block_id: blockId, action_id: actionId, query });
  });
}

/** The server's answer arrived. */
export function optionsArrived({ block_id: blockId, action_id: actionId, options, option_groups: groups }) {
  const key = keyOf(blockId, actionId);
  const flat = options?.length ? options : (groups || []).flatMap((group) => group.options);
  waiting.get(key)?.(flat || []);
  waiting.delete(key);
}
