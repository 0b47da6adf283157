/** Who is in a channel, and who could be invited. */
import { avatar } from "./avatar.js";
import { openMenu } from "./popover.js";
import { send } from "./socket.js";
import { store } from "./state.js";

/** @param {HTMLElement} anchor  @param {object} channel */
export function memberMenu(anchor, channel) {
  const inside = new Set(channel.members);
  const people = [...store.users.values()];
  const outside = people.filter((user) => !inside.has(user.id)).sort((a, b) => Number(b.is_bot) - Number(a.is_bot));
  const face = (user) => avatar(user, "small");
  const items = [
    { heading: "In this channel" },
    ...people.filter((user) => inside.has(user.id)).map((user) => ({ label: user.real_name, hint: user.title, icon: face(user), run: () => {} })),
  ];
  if (outside.length) {
    items.push({ heading: "Invite" });
    items.push(...outside.slice(0, 12).map((user) => ({ label: `Invite ${user.real_name}`, icon: face(user), run: () => send({ type: "invite", channel: channel.id, user: user.id }) })));
  }
  openMenu(anchor, "Members", items, { align: "end" });
}
