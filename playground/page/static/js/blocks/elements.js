import { h } from "../preact/preact.mjs";
import { plain } from "../text/plain.js";
import { mrkdwn } from "../text/mrkdwn.js";
import { button } from "./button.js";
import { checkboxes, dateInput, radioButtons, textInput } from "./inputs.js";
import { overflow } from "./menu.js";
import { select } from "./select.js";

const SELECTS = [
  "static_select", "external_select", "users_select", "channels_select", "conversations_select",
];

const ELEMENTS = {
  button, overflow, checkboxes,
  radio_buttons: radioButtons,
  plain_text_input: textInput, email_text_input: textInput, url_text_input: textInput,
  number_input: textInput,
  datepicker: dateInput, timepicker: dateInput, datetimepicker: dateInput,
  image: (element) => image(element, "thumb"),
  mrkdwn: (element) => h("span", { class: "context-text" }, mrkdwn(element.text)),
  plain_text: (element) => h("span", { class: "context-text plain" }, plain(element)),
  ...Object.fromEntries(SELECTS.flatMap((type) => [[type, select], [`multi_${type}`, select]])),
};

/** Any element; one that stands without a label is named by its placeholder or its id. */
export function element(one, block, ctx, label) {
  const render = ELEMENTS[one.type];
  if (!render) return h("span", { class: "unknown" }, `Not shown here: ${one.type}`);
  return render(one, block, ctx, label ?? { "aria-label": plain(one.placeholder) || one.action_id });
}

export function image(one, className) {
  return h("img", { class: className, src: one.image_url, alt: one.alt_text ?? "", loading: "lazy" });
}

/** Groups of choices and lists are named by `aria-labelledby`, single fields by `<label for>`. */
export function isGroup(one) {
  return one.type === "checkboxes" || one.type === "radio_buttons";
}
