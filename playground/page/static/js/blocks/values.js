// @ts-check
// The value of a control, always in the form of Slack's own view state
// (`{type, value | selected_option | selected_date | …}`).

import { store } from "../store.js";

/** @import { Block, Control, Surface, Typed } from "../types" */

/**
 * By type: where view state and the app's own definition have the value.
 * @type {Record<string, [string, string]>}
 */
const FIELDS = {
  plain_text_input: ["value", "initial_value"],
  email_text_input: ["value", "initial_value"],
  url_text_input: ["value", "initial_value"],
  number_input: ["value", "initial_value"],
  datepicker: ["selected_date", "initial_date"],
  timepicker: ["selected_time", "initial_time"],
  datetimepicker: ["selected_date_time", "initial_date_time"],
  static_select: ["selected_option", "initial_option"],
  external_select: ["selected_option", "initial_option"],
  radio_buttons: ["selected_option", "initial_option"],
  users_select: ["selected_user", "initial_user"],
  channels_select: ["selected_channel", "initial_channel"],
  conversations_select: ["selected_conversation", "initial_conversation"],
  checkboxes: ["selected_options", "initial_options"],
  multi_static_select: ["selected_options", "initial_options"],
  multi_external_select: ["selected_options", "initial_options"],
  multi_users_select: ["selected_users", "initial_users"],
  multi_channels_select: ["selected_channels", "initial_channels"],
  multi_conversations_select: ["selected_conversations", "initial_conversations"],
};

/** @param {Control} element */
export function isMulti(element) {
  return element.type.startsWith("multi_") || element.type === "checkboxes";
}

/**
 * The value to show: typed here, else known to the server, else the app's initial one.
 * @param {Control} element
 * @param {Block} block
 * @param {Surface} ctx
 * @returns {any} a text, an option, an id, a number, or a list of them
 */
export function current(element, block, ctx) {
  const [field, initial] = FIELDS[element.type];
  const draft = store.drafts.get(`${ctx.id}|${block.block_id}|${element.action_id}`);
  const typed = draft ?? ctx.typed[block.block_id]?.[element.action_id];
  const value = typed ? typed[field] : Object(element)[initial];
  return value ?? (isMulti(element) ? [] : null);
}

/**
 * A new value in the form of view state.
 * @param {Control} element
 * @param {unknown} value
 * @returns {Typed}
 */
export function asState(element, value) {
  return { type: element.type, [FIELDS[element.type][0]]: value };
}

/**
 * Stable marks for tools that drive the page.
 * @param {Control} element
 * @param {Block} block
 */
export function marks(element, block) {
  return { "data-block-id": block.block_id, "data-action-id": element.action_id };
}

/** @param {string[]} parts */
export function domId(...parts) {
  return parts.join("-").replace(/[^\w-]/g, "_");
}
