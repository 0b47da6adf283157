/** The list of conversations. */
import { avatar } from "./avatar.js";
import { coalesce, focusKey, h, restoreFocus } from "./dom.js";
import { icon } from "./icons.js";
import { send } from "./socket.js";
import { store } from "./state.js";

export class Sidebar {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.draw = coalesce(() => this.#draw());
    for (const topic of ["hello", "channels", "people", "route"]) store.on(topic, this.draw);
  }

  #draw() {
    const key = focusKey(this.host);
    const all = [...store.channels.values()];
    const rooms = all.filter((channel) => channel.kind !== "im" && !channel.is_archived).sort((a, b) => a.name.localeCompare(b.name));
    const direct = all.filter((channel) => channel.kind === "im" && !store.isBotChannel(channel));
    this.host.replaceChildren(
      h("div", { class: "sidebar-scroll" }, group("Channels", rooms.map(row)), direct.length ? group("Direct messages", direct.map(row)) : null, group("Apps", [this.#bot()])),
    );
    restoreFocus(this.host, key);
  }

  #bot() {
    const channel = store.botChannel();
    if (channel) return row(channel);
    const open = () => {
      store.wantsBot = true;
      send({ type: "open_im", user: store.bot.user_id });
    };
    return h("li", {}, h("button", { type: "button", class: "channel-link", on: { click: open } }, avatar(store.user(store.bot.user_id) || { kind: "bot" }, "tiny"), h("span", { class: "channel-name" }, store.bot.name || "App")));
  }
}

function group(title, rows) {
  return h("section", { class: "channel-group" }, h("h2", {}, title), h("ul", {}, rows));
}

function mark(channel) {
  const partner = store.partner(channel);
  if (partner) return avatar(partner, "tiny");
  return icon(channel.kind === "private" ? "lock" : "hash");
}

function row(channel) {
  const here = channel.id === store.route.channel;
  const unread = !here && channel.unread > 0;
  const loud = here ? 0 : channel.kind === "im" ? channel.unread : store.mentions.get(channel.id) || 0;
  const name = store.titleOf(channel);
  const said = [channel.kind === "private" && "private", channel.is_shared && "shared with customers", unread && `${channel.unread} unread`, loud && channel.kind !== "im" && `${loud} mentions`].filter(Boolean).join(", ");
  return h(
    "li",
    {},
    h(
      "a",
      {
        class: ["channel-link", unread && "unread"], href: `#/${channel.id}${store.isBotChannel(channel) && !channel.unread ? "/home" : ""}`, "aria-current": here ? "page" : null,
        dataset: { channel: channel.id, name: channel.name, focusKey: `channel/${channel.id}` },
      },
      mark(channel),
      h("span", { class: "channel-name" }, name),
      said ? h("span", { class: "visually-hidden" }, `, ${said}`) : null,
      channel.is_shared ? h("span", { class: "shared-dot", "aria-hidden": "true", title: "Shared with customers" }, icon("rings")) : null,
      loud ? h("span", { class: "badge", "aria-hidden": "true" }, loud > 99 ? "99+" : String(loud)) : unread ? h("span", { class: "unread-dot" }) : null,
    ),
  );
}
