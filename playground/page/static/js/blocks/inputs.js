// @ts-check
// Text fields, dates and times, checkboxes and radio buttons.

import { h } from "../preact/preact.mjs";
import { fill } from "../server.js";
import { plain, textInline } from "../text/plain.js";
import { fromLocalInput, toLocalInput } from "../text/dates.js";
import { store } from "../store.js";
import { dispatch } from "./button.js";
import { asState, current, domId, marks } from "./values.js";

/** @import { Props } from "../preact/preact.mjs" */
/** @import { Block, Choices, Control, DrawControl, Label, Option, Surface, TextInput } from "../types" */

/** @type {Record<string, string>} */
const HTML_TYPES = {
  plain_text_input: "text", email_text_input: "email", url_text_input: "url",
  number_input: "text", datepicker: "date", timepicker: "time", datetimepicker: "datetime-local",
};

/** @param {Block} block */
function sendsAtOnce(block) {
  return block.type !== "input" || block.dispatch_action === true;
}

/** @param {Control} element @param {Block} block @param {Surface} ctx @param {unknown} value */
function change(element, block, ctx, value) {
  const state = asState(element, value);
  fill(ctx, block, element, state);
  if (sendsAtOnce(block)) dispatch(element, block, ctx, state);
}

/**
 * One line or many. A counter appears near the length limit.
 * @type {DrawControl<TextInput>}
 */
export function textInput(element, block, ctx, label) {
  const value = current(element, block, ctx) ?? "";
  const id = domId("el", ctx.id, block.block_id, element.action_id);
  const triggers = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  /** @type {Props<HTMLInputElement> & Props<HTMLTextAreaElement>} */
  const props = {
    ...marks(element, block), ...label, id, value,
    class: "field", placeholder: plain(element.placeholder), maxlength: element.max_length,
    autocomplete: "off", spellcheck: Boolean(element.multiline),
    inputmode: element.type === "number_input" ? "decimal" : undefined,
    oninput: (event) => {
      const state = asState(element, event.currentTarget.value || null);
      fill(ctx, block, element, state);
      if (block.dispatch_action && triggers.includes("on_character_entered")) dispatch(element, block, ctx, state);
    },
    onkeydown: (event) => onEnter(event, { element, block, ctx, triggers }),
  };
  const field = element.multiline
    ? h("textarea", { ...props, rows: 4 })
    : h("input", { ...props, type: HTML_TYPES[element.type] });
  return h("div", { class: "text-field" }, field, counter(element, value));
}

/**
 * @param {KeyboardEvent & { currentTarget: HTMLInputElement | HTMLTextAreaElement }} event
 * @param {{ element: TextInput, block: Block, ctx: Surface, triggers: string[] }} field
 */
function onEnter(event, { element, block, ctx, triggers }) {
  if (event.key !== "Enter" || event.isComposing || element.multiline) return;
  event.preventDefault();
  if (block.dispatch_action && triggers.includes("on_enter_pressed")) {
    dispatch(element, block, ctx, asState(element, event.currentTarget.value || null));
  } else {
    ctx.submit?.();
  }
}

/** @param {TextInput} element @param {string} value */
function counter(element, value) {
  const most = element.max_length;
  if (!most || value.length < most * 0.75) return null;
  return h("span", { class: "counter", "aria-live": "polite" }, `${value.length} / ${most}`);
}

/**
 * Date, time, or both, in the person's time zone.
 * @type {DrawControl<Control>}
 */
export function dateInput(element, block, ctx, label) {
  const both = element.type === "datetimepicker";
  const value = current(element, block, ctx);
  return h("input", {
    ...marks(element, block), ...label,
    id: domId("el", ctx.id, block.block_id, element.action_id),
    class: "field date", type: HTML_TYPES[element.type],
    value: both ? toLocalInput(value) : (value ?? ""),
    onchange: (event) => {
      const entered = both ? fromLocalInput(event.currentTarget.value) : event.currentTarget.value || null;
      change(element, block, ctx, entered);
    },
  });
}

/** @type {DrawControl<Choices>} */
export function checkboxes(element, block, ctx, label) {
  /** @type {Option[]} */
  const chosen = current(element, block, ctx) ?? [];
  const toggle = (/** @type {Option} */ option, /** @type {boolean} */ on) => {
    const rest = chosen.filter((one) => one.value !== option.value);
    const next = on ? [...rest, option] : rest;
    const order = element.options.filter((one) => next.some((other) => other.value === one.value));
    change(element, block, ctx, order);
  };
  const has = (/** @type {Option} */ option) => chosen.some((one) => one.value === option.value);
  return choices("checkbox", { element, block, ctx, label, has, toggle });
}

/** @type {DrawControl<Choices>} */
export function radioButtons(element, block, ctx, label) {
  const chosen = current(element, block, ctx);
  const has = (/** @type {Option} */ option) => chosen?.value === option.value;
  const toggle = (/** @type {Option} */ option) => change(element, block, ctx, option);
  return choices("radio", { element, block, ctx, label, has, toggle });
}

/**
 * @param {"checkbox" | "radio"} type
 * @param {{
 *   element: Choices, block: Block, ctx: Surface, label?: Label,
 *   has: (option: Option) => boolean, toggle: (option: Option, on: boolean) => void,
 * }} group
 */
function choices(type, { element, block, ctx, label, has, toggle }) {
  const name = domId("el", ctx.id, block.block_id, element.action_id);
  const busy = store.pending.has(ctx.id) && sendsAtOnce(block);
  const rows = element.options.map((option, index) => {
    const id = `${name}-${index}`;
    const note = option.description ? `${id}-note` : undefined;
    return h(
      "label",
      { class: "choice", for: id, key: option.value },
      h("input", {
        ...marks(element, block), id, type, name, checked: has(option), "data-value": option.value,
        "aria-labelledby": `${id}-text`, "aria-describedby": note, "aria-disabled": busy ? "true" : undefined,
        onchange: (event) => toggle(option, event.currentTarget.checked),
      }),
      h("span", { class: "choice-text" },
        h("span", { id: `${id}-text` }, textInline(option.text)),
        option.description ? h("span", { class: "option-note", id: note }, textInline(option.description)) : null),
    );
  });
  return h("div", { ...label, id: name, class: "choices", role: type === "radio" ? "radiogroup" : "group" }, rows);
}
