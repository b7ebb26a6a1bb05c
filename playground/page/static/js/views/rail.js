// @ts-check
// Far left: the workspace, and the person whom the page acts as.

import { h } from "../preact/preact.mjs";
import { flushDrafts, readState } from "../server.js";
import { refresh, setPerson, store } from "../store.js";
import { userName } from "../text/mentions.js";

/** @import { Team, User } from "../types" */

const COLOURS = 8;

/**
 * A stable colour class for a name.
 * @param {string} id
 */
function tint(id) {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 9973;
  return `tint-${sum % COLOURS}`;
}

/** @param {string} name */
function initials(name) {
  const words = name.trim().split(/\s+/);
  const [first, last] = [words[0], words[words.length - 1]];
  return (words.length > 1 ? first[0] + last[0] : first.slice(0, 2)).toUpperCase();
}

/** @param {string} id @param {string} name */
export function avatar(id, name, className = "") {
  return h("span", { class: `avatar ${tint(id)} ${className}`, "aria-hidden": "true" }, initials(name));
}

/** @param {string} userId */
async function switchTo(userId) {
  await flushDrafts();
  store.confirm = null;
  setPerson(userId);
  readState().catch(() => {});
  refresh();
}

export function rail() {
  const { teams, me } = store.state;
  const team = teams.find((one) => one.id === me.team_id) ?? teams[0];
  return h(
    "nav",
    { class: "rail", "aria-label": "Workspaces and people" },
    h("div", { class: "rail-group", role: "group", "aria-label": "Workspace" }, teams.map((one) => teamButton(one, team))),
    h("div", { class: "rail-title", id: "act-as" }, "Act as"),
    h("div", { class: "rail-group", role: "group", "aria-labelledby": "act-as" },
      team.users.map((user) => personButton(user, me))),
  );
}

/** @param {Team} one @param {Team} team */
function teamButton(one, team) {
  const on = one.id === team.id;
  return h("button", {
    type: "button", key: one.id, class: `rail-team ${tint(one.name)}${on ? " on" : ""}`,
    "aria-pressed": String(on), title: one.name, "aria-label": `Workspace ${one.name}`,
    onclick: () => switchTo(one.users[0]?.id),
  }, initials(one.name));
}

/** @param {User} user @param {User} me */
function personButton(user, me) {
  const on = user.id === me.id;
  const name = userName(user);
  return h("button", {
    type: "button", key: user.id, class: `rail-person${on ? " on" : ""}`, "aria-pressed": String(on),
    title: `Act as ${name}`, "aria-label": `Act as ${name}`, onclick: () => switchTo(user.id),
  }, avatar(user.id, name), h("span", { class: "rail-name" }, name.split(" ")[0]));
}
