// @ts-check
import { h } from "../preact/preact.mjs";
import { icon } from "../icons.js";
import { goTo, place, refresh, store, unread } from "../store.js";
import { userName } from "../text/mentions.js";

/** @import { Child } from "../preact/preact.mjs" */
/** @import { App, Conversation, Place } from "../types" */

/**
 * Shows a conversation, or the app's Home.
 * @param {string} id
 * @param {Place["tab"]} tab
 */
export function openConversation(id, tab = "messages") {
  goTo({ conversation: id, tab, thread: null });
  store.sidebarOpen = false;
  refresh();
}

export function sidebar() {
  const { teams, me, conversations, app } = store.state;
  const team = teams.find((one) => one.id === me.team_id);
  const channels = conversations.filter((one) => one.kind === "channel");
  const direct = conversations.find((one) => one.kind === "im");
  return h(
    "nav",
    { class: `sidebar${store.sidebarOpen ? " open" : ""}`, "aria-label": "Conversations" },
    h("div", { class: "team-name" }, h("span", { class: "grow" }, team?.name ?? ""), closeButton()),
    h("div", { class: "you" }, h("span", { class: "presence" }), `${userName(me)} (you)`),
    group("Channels", channels.map((one) => row(one, icon("hash", 16), one.name))),
    group("Apps", direct && team?.installed ? appRows(direct, app) : notInstalled()),
  );
}

/** On a narrow screen the list covers the conversation. */
function closeButton() {
  const close = () => {
    store.sidebarOpen = false;
    refresh();
  };
  const props = { type: "button", class: "icon-btn only-small", "aria-label": "Close conversations" };
  return h("button", { ...props, onclick: close }, icon("close", 18));
}

/** @param {string} title @param {Child} rows */
function group(title, rows) {
  return h("section", { class: "side-group" }, h("h2", {}, icon("down", 12), title), h("ul", {}, rows));
}

/**
 * @param {Conversation} conversation
 * @param {Child} mark
 * @param {string} name
 * @param {Place["tab"]} tab
 */
function row(conversation, mark, name, tab = "messages") {
  const here = place();
  const count = tab === "messages" ? unread(conversation.id) : 0;
  const on = here.conversation === conversation.id && here.tab === tab;
  return h("li", { key: `${conversation.id}-${tab}` }, h("button", {
    type: "button", class: `side-row${on ? " on" : ""}${count && !on ? " unread" : ""}`,
    "aria-current": on ? "page" : undefined, onclick: () => openConversation(conversation.id, tab),
  }, mark, h("span", { class: "side-name" }, name),
  count && !on ? h("span", { class: "badge" }, count, h("span", { class: "sr" }, " unread")) : null));
}

/** @param {Conversation} direct @param {App} app */
function appRows(direct, app) {
  return [
    row(direct, h("span", { class: "app-mark" }, icon("bolt", 12)), app.name),
    app.has_home ? row(direct, h("span", { class: "sub-mark" }), "Home", "home") : null,
  ];
}

function notInstalled() {
  return h("li", { class: "side-note" }, "The app is not installed here. Install it in the panel.");
}
