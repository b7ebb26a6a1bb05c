// @ts-check
import { h } from "../preact/preact.mjs";
import { store } from "../store.js";

/** @import { User } from "../types" */

const SAFE_LINK = /^(https?:|mailto:|tel:|slack:)/i;

/** @param {string} id */
export function findUser(id) {
  for (const team of store.state.teams) {
    const user = team.users.find((one) => one.id === id);
    if (user) return user;
  }
  return null;
}

/** @param {User | null} user */
export function userName(user) {
  return user?.real_name || user?.name || user?.id || "somebody";
}

/** @param {string} id @param {string} [label] */
export function userMention(id, label) {
  if (id === store.state.app.user_id) {
    return h("span", { class: "mention" }, `@${store.state.app.name}`);
  }
  const mine = id === store.state.me.id;
  const name = label || userName(findUser(id)) || id;
  return h("span", { class: mine ? "mention mine" : "mention" }, `@${name}`);
}

/** @param {string} id @param {string} [label] */
export function channelMention(id, label) {
  const channel = store.state.conversations.find((one) => one.id === id);
  return h("span", { class: "mention" }, `#${label || channel?.name || id}`);
}

/** @param {string} name */
export function broadcast(name) {
  return h("span", { class: "mention mine" }, `@${name}`);
}

/**
 * A link to a page, a mail address or a phone number. Anything else is shown as text.
 * @param {string} url
 * @param {string[]} label
 */
export function link(url, ...label) {
  const text = label.length ? label : [url.replace(/^mailto:/, "")];
  if (!SAFE_LINK.test(url)) return h("span", {}, text);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, text);
}

/** @param {string | undefined} url @returns {url is string} */
export function isSafeLink(url) {
  return SAFE_LINK.test(url ?? "");
}
