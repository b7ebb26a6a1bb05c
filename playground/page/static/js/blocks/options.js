// @ts-check
// What a select offers and what is chosen in it, for every source of options.

import { store } from "../store.js";
import { plain } from "../text/plain.js";
import { findUser, userName } from "../text/mentions.js";
import { current, isMulti } from "./values.js";

/** @import { Block, Option, OptionGroup, Popup, Select, Surface } from "../types" */

/** @param {Select} element */
export function isExternal(element) {
  return element.type.endsWith("external_select");
}

/** @param {Select} element */
function isOfIds(element) {
  return /(users|channels|conversations)_select$/.test(element.type);
}

/** @param {Select} element @param {Block} block @param {Surface} ctx @returns {Option[]} */
export function chosenOptions(element, block, ctx) {
  const value = current(element, block, ctx);
  const list = Array.isArray(value) ? value : value ? [value] : [];
  return isOfIds(element) ? list.map(idOption) : list;
}

/**
 * The chosen options in the form of view state: ids or options, one or many.
 * @param {Select} element
 * @param {Option[]} options
 */
export function outward(element, options) {
  const values = isOfIds(element) ? options.map((one) => one.value) : options;
  return isMulti(element) ? values : (values[0] ?? null);
}

/**
 * The options that match the text typed into an open list. An external select is searched by the app.
 * @param {Select} element
 * @param {Popup} list
 */
export function matching(element, list) {
  const groups = everything(element, list);
  const query = list.query.trim().toLowerCase();
  if (!query || isExternal(element)) return groups;
  const fits = (/** @type {Option} */ option) => plain(option.text).toLowerCase().includes(query);
  return groups.map((group) => ({ ...group, options: group.options.filter(fits) })).filter((group) => group.options.length);
}

/** @param {Select} element @param {Popup} list @returns {OptionGroup[]} */
function everything(element, list) {
  if (isExternal(element)) return list.groups ?? [];
  if (!isOfIds(element)) return element.option_groups ?? [{ label: null, options: element.options ?? [] }];
  const team = store.state.teams.find((one) => one.id === store.state.me.team_id);
  const people = element.type.includes("users") ? (team?.users ?? []) : [];
  const channels = element.type.includes("users") ? [] : store.state.conversations.filter((one) => one.kind === "channel");
  return [{ label: null, options: [...people, ...channels].map((one) => idOption(one.id)) }];
}

/** @param {string} id @returns {Option} */
function idOption(id) {
  const channel = store.state.conversations.find((one) => one.id === id);
  const name = channel ? `# ${channel.name}` : userName(findUser(id)) || id;
  return { value: id, text: { type: "plain_text", text: name, emoji: false } };
}
