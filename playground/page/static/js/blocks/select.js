// @ts-check
// Selects with search: static, from the app (external), people and channels; single or multiple.

import { h } from "../preact/preact.mjs";
import { drawn } from "../drawn.js";
import { icon } from "../icons.js";
import { act, fill } from "../server.js";
import { refresh, store } from "../store.js";
import { plain, textInline } from "../text/plain.js";
import { dispatch } from "./button.js";
import { chosenOptions, isExternal, matching, outward } from "./options.js";
import { closePopup, floating, isOpen, openPopup, popupOf } from "./popup.js";
import { asState, domId, isMulti, marks } from "./values.js";

/** @import { Block, DrawControl, Label, Option, OptionGroup, Popup, Select, Surface } from "../types" */

const SEARCH_AFTER_MS = 250;
let searchTimer = 0;

/**
 * One select as drawn. `list` describes its list while that list is open.
 * @typedef {{
 *   element: Select, block: Block, ctx: Surface, id: string, multi: boolean,
 *   chosen: Option[], list: Popup | null, shown: OptionGroup[],
 * }} Self
 */

/**
 * A combobox with its list.
 * @type {DrawControl<Select>}
 */
export function select(element, block, ctx, label) {
  const id = domId("el", ctx.id, block.block_id, element.action_id);
  const list = popupOf(id);
  const chosen = chosenOptions(element, block, ctx);
  const shown = list ? matching(element, list) : [];
  const self = { element, block, ctx, id, multi: isMulti(element), chosen, list, shown };
  return h(
    "div",
    { class: `select${list ? " open" : ""}${self.multi ? " multi" : ""}`, "data-popup": id },
    h(
      "div",
      { class: "select-box", id: `${id}-box`, onclick: () => document.getElementById(id)?.focus() },
      self.multi ? chosen.map((option) => chip(self, option)) : null,
      input(self, label),
      h("span", { class: "select-arrow" }, icon("down", 16)),
    ),
    list ? listbox(self, list) : null,
  );
}

/** @param {Self} self @param {Label} [label] */
function input(self, label) {
  const { element, id, list, multi, chosen } = self;
  const text = list ? list.query : multi ? "" : plain(chosen[0]?.text);
  const active = list && list.index >= 0 ? `${id}-${list.index}` : undefined;
  return h("input", {
    ...marks(element, self.block), ...label, id, key: "input", type: "text", role: "combobox",
    autocomplete: "off", spellcheck: false, value: text,
    class: "select-input",
    placeholder: multi && chosen.length ? "" : plain(chosen[0]?.text) || plain(element.placeholder) || "Choose…",
    "aria-expanded": String(Boolean(list)), "aria-controls": list ? `${id}-list` : undefined,
    "aria-autocomplete": "list", "aria-activedescendant": active,
    "aria-disabled": self.ctx.busy || store.pending.has(self.ctx.id) ? "true" : undefined,
    onclick: () => list || openList(self),
    oninput: (event) => typed(self, event.currentTarget.value),
    onkeydown: (event) => onKey(self, event),
    onblur: () => isOpen(id) && closePopup(),
  });
}

/** @param {Self} self @param {Option} option */
function chip(self, option) {
  const name = plain(option.text);
  return h(
    "span",
    { class: "chip", key: `chip-${option.value}` },
    h("span", { class: "chip-text" }, name),
    h("button", {
      type: "button", class: "chip-remove", "aria-label": `Remove ${name}`,
      onclick: (event) => {
        event.stopPropagation();
        toggle(self, option);
      },
    }, icon("close", 12)),
  );
}

/** @param {Self} self @param {Popup} list */
function listbox(self, list) {
  const { id, shown, multi } = self;
  let index = -1;
  const rows = [];
  for (const group of shown) {
    if (group.label) rows.push(h("div", { class: "group-label", role: "presentation" }, plain(group.label)));
    for (const option of group.options) rows.push(row(self, option, (index += 1)));
  }
  const message = list.loading ? "Searching…" : (list.message ?? "No results");
  return h(
    "div",
    {
      id: `${id}-list`, class: "listbox", role: "listbox", popover: "manual",
      "aria-multiselectable": multi ? "true" : undefined, "aria-label": "Options",
      ref: drawn(floating(`${id}-box`, { wide: true })),
      // Keep the focus in the input during a click or scroll in the list.
      onpointerdown: (event) => event.preventDefault(),
      onmousedown: (event) => event.preventDefault(),
    },
    index < 0 ? h("div", { class: "list-empty", role: "status" }, message) : rows,
  );
}

/** @param {Self} self @param {Option} option @param {number} index */
function row(self, option, index) {
  const selected = self.chosen.some((one) => one.value === option.value);
  return h(
    "div",
    {
      id: `${self.id}-${index}`, key: `row-${option.value}`, role: "option", class: "option",
      "aria-selected": String(selected), "data-active": String(self.list?.index === index), "data-value": option.value,
      onclick: () => toggle(self, option),
    },
    h("span", { class: "option-text" }, textInline(option.text),
      option.description ? h("span", { class: "option-note" }, plain(option.description)) : null),
    selected ? icon("check", 16) : null,
  );
}

/** @param {Self} self */
function openList(self) {
  if (store.pending.has(self.ctx.id) || self.ctx.busy) return;
  openPopup(self.id);
  if (isExternal(self.element)) askApp(self, "");
}

/** @param {Self} self @param {string} query */
function typed(self, query) {
  const found = { query, index: query ? 0 : -1 };
  const list = popupOf(self.id);
  if (list) Object.assign(list, found);
  else openPopup(self.id, found);
  if (isExternal(self.element)) {
    clearTimeout(searchTimer);
    searchTimer = window.setTimeout(() => askApp(self, query), SEARCH_AFTER_MS);
  }
  refresh();
}

/** @param {Self} self @param {string} query */
async function askApp(self, query) {
  const least = self.element.min_query_length ?? 3;
  const list = popupOf(self.id);
  if (!list) return;
  if (query.length < least) {
    Object.assign(list, { groups: [], message: `Type at least ${least} letters` });
    refresh();
    return;
  }
  list.loading = true;
  refresh();
  const { block, element, ctx } = self;
  const answer = await act("search", {
    ...ctx.target, block_id: block.block_id, action_id: element.action_id, query,
  });
  if (store.popup !== list || list.query !== query) return;
  list.loading = false;
  list.groups = [{ label: null, options: answer?.options ?? [] }];
  list.message = "No results";
  refresh();
}

/** @param {Self} self @param {KeyboardEvent & { currentTarget: HTMLInputElement }} event */
function onKey(self, event) {
  const { list, chosen } = self;
  const flat = self.shown.flatMap((group) => group.options);
  if (event.key === "Backspace") {
    const last = chosen.at(-1);
    if (self.multi && last && !event.currentTarget.value) toggle(self, last);
    return;
  }
  /** @type {Record<string, (list: Popup) => void>} */
  const keys = {
    ArrowDown: (open) => move(open, 1, flat.length),
    ArrowUp: (open) => move(open, -1, flat.length),
    Enter: (open) => pick(self, open, flat),
    Escape: closePopup,
  };
  const run = keys[event.key];
  if (!run || (event.key === "Escape" && !list)) return;
  event.preventDefault();
  event.stopPropagation();
  if (list) run(list);
  else openList(self);
}

/** @param {Popup} list @param {number} step @param {number} count */
function move(list, step, count) {
  if (!count) return;
  list.index = list.index < 0 && step < 0 ? count - 1 : (list.index + step + count) % count;
  refresh();
}

/** @param {Self} self @param {Popup} list @param {Option[]} flat */
function pick(self, list, flat) {
  const option = flat[list.index] ?? (flat.length === 1 ? flat[0] : null);
  if (option) toggle(self, option);
}

/** @param {Self} self @param {Option} option */
function toggle(self, option) {
  const { element, block, ctx, multi } = self;
  const most = element.max_selected_items ?? Infinity;
  const has = self.chosen.some((one) => one.value === option.value);
  let next = [option];
  if (multi) next = has ? self.chosen.filter((one) => one.value !== option.value) : [...self.chosen, option];
  if (next.length > most) return;
  const list = popupOf(self.id);
  if (list && multi) list.query = "";
  else if (list) store.popup = null;
  const state = asState(element, outward(element, next));
  fill(ctx, block, element, state);
  if (block.type !== "input" || block.dispatch_action) dispatch(element, block, ctx, state);
}
