/** Who wrote a message: a person, the bot, another app, or the workspace itself. */
import { store } from "./state.js";

const WORKSPACE = "USLACKBOT";

/**
 * @param {object} message
 * @returns {{id: string, name: string, user: object, isApp: boolean}}
 */
export function authorOf(message) {
  const isApp = Boolean(message.bot_id || message.subtype === "bot_message");
  if (message.user === WORKSPACE) return { id: WORKSPACE, name: store.workspace.name || "Workspace", user: { real_name: store.workspace.name || "Workspace" }, isApp: true };
  const ours = isApp && message.app_id && message.app_id === store.bot.app_id ? store.user(store.bot.user_id) : null;
  const user = store.user(message.user) || ours;
  const profile = message.bot_profile?.name;
  const name = message.username || user?.real_name || user?.name || profile || message.user || "App";
  return { id: message.user || message.bot_id || name, name, user: user || { real_name: name, avatar_color: "", kind: "app" }, isApp };
}
