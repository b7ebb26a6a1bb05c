// @ts-check
import { h } from "../preact/preact.mjs";
import { plain } from "../text/plain.js";
import { mrkdwn } from "../text/mrkdwn.js";
import { button } from "./button.js";
import { checkboxes, dateInput, radioButtons, textInput } from "./inputs.js";
import { overflow } from "./menu.js";
import { select } from "./select.js";

/** @import { DrawControl, Image, Part } from "../types" */

const SELECTS = [
  "static_select", "external_select", "users_select", "channels_select", "conversations_select",
];

/**
 * By type. The playground has checked that each element has what Slack documents for its type.
 * @type {Record<string, DrawControl<any>>}
 */
const ELEMENTS = {
  button, overflow, checkboxes,
  radio_buttons: radioButtons,
  plain_text_input: textInput, email_text_input: textInput, url_text_input: textInput,
  number_input: textInput,
  datepicker: dateInput, timepicker: dateInput, datetimepicker: dateInput,
  image: (one) => image(one, "thumb"),
  mrkdwn: (one) => h("span", { class: "context-text" }, mrkdwn(one.text)),
  plain_text: (one) => h("span", { class: "context-text plain" }, plain(one)),
  ...Object.fromEntries(SELECTS.flatMap((type) => [[type, select], [`multi_${type}`, select]])),
};

/**
 * Any element. Its placeholder or its id names it if it has no label.
 * @type {DrawControl<Part>}
 */
export function element(one, block, ctx, label) {
  const render = ELEMENTS[one.type];
  if (!render) return h("span", { class: "unknown" }, `Not shown here: ${one.type}`);
  return render(one, block, ctx, label ?? { "aria-label": plain(one.placeholder) || one.action_id });
}

/** @param {Image} one @param {string} className */
export function image(one, className) {
  return h("img", { class: className, src: one.image_url, alt: one.alt_text ?? "", loading: "lazy" });
}

/**
 * `aria-labelledby` names groups of choices and lists; `<label for>` names single fields.
 * @param {{ type: string }} one
 */
export function isGroup(one) {
  return one.type === "checkboxes" || one.type === "radio_buttons";
}
