// Selects with search: static, from the app (external), people and channels; one or many.

import { h } from "../preact/preact.mjs";
import { drawn } from "../drawn.js";
import { icon } from "../icons.js";
import { act, fill } from "../server.js";
import { refresh, store } from "../store.js";
import { plain, textInline } from "../text/plain.js";
import { findUser, userName } from "../text/mentions.js";
import { dispatch } from "./button.js";
import { closePopup, floating, isOpen, openPopup } from "./popup.js";
import { asState, current, domId, isMulti, marks, optionGroups } from "./values.js";

const SEARCH_AFTER_MS = 250;
let searchTimer = null;

/** A combobox with its list; `label` gives the accessible name (`labelledBy` or `aria-label`). */
export function select(element, block, ctx, label) {
  const id = domId("el", ctx.id, block.block_id, element.action_id);
  const self = { element, block, ctx, id, multi: isMulti(element) };
  self.chosen = chosenOptions(self);
  self.open = isOpen(id);
  self.shown = self.open ? matching(self) : [];
  return h(
    "div",
    { class: `select${self.open ? " open" : ""}${self.multi ? " multi" : ""}`, "data-popup": id },
    h(
      "div",
      { class: "select-box", id: `${id}-box`, onclick: () => document.getElementById(id)?.focus() },
      self.multi ? self.chosen.map((option) => chip(self, option)) : null,
      input(self, label),
      h("span", { class: "select-arrow" }, icon("down", 16)),
    ),
    self.open ? listbox(self) : null,
  );
}

function input(self, label) {
  const { element, id, open, multi, chosen } = self;
  const text = open ? store.popup.query : multi ? "" : plain(chosen[0]?.text);
  const active = open && store.popup.index >= 0 ? `${id}-${store.popup.index}` : undefined;
  return h("input", {
    ...marks(element, self.block), ...label, id, key: "input", type: "text", role: "combobox",
    autocomplete: "off", spellcheck: false, value: text,
    class: "select-input",
    placeholder: multi && chosen.length ? "" : plain(chosen[0]?.text) || plain(element.placeholder) || "Choose…",
    "aria-expanded": String(open), "aria-controls": open ? `${id}-list` : undefined,
    "aria-autocomplete": "list", "aria-activedescendant": active,
    "aria-disabled": self.ctx.busy || store.pending.has(self.ctx.id) ? "true" : undefined,
    onclick: () => open || openList(self),
    oninput: (event) => typed(self, event.target.value),
    onkeydown: (event) => onKey(self, event),
    onblur: () => isOpen(id) && closePopup(),
  });
}

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

function listbox(self) {
  const { id, shown, multi } = self;
  let index = -1;
  const rows = [];
  for (const group of shown) {
    if (group.label) rows.push(h("div", { class: "group-label", role: "presentation" }, plain(group.label)));
    for (const option of group.options) rows.push(row(self, option, (index += 1)));
  }
  const message = store.popup.loading ? "Searching…" : (store.popup.message ?? "No results");
  return h(
    "div",
    {
      id: `${id}-list`, class: "listbox", role: "listbox", popover: "manual",
      "aria-multiselectable": multi ? "true" : undefined, "aria-label": "Options",
      ref: drawn(floating(`${id}-box`, { wide: true })),
      // Keeps the focus in the input while the list is clicked or scrolled.
      onpointerdown: (event) => event.preventDefault(),
      onmousedown: (event) => event.preventDefault(),
    },
    index < 0 ? h("div", { class: "list-empty", role: "status" }, message) : rows,
  );
}

function row(self, option, index) {
  const selected = self.chosen.some((one) => one.value === option.value);
  const active = store.popup.index === index;
  return h(
    "div",
    {
      id: `${self.id}-${index}`, key: `row-${option.value}`, role: "option", class: "option",
      "aria-selected": String(selected), "data-active": String(active), "data-value": option.value,
      onclick: () => toggle(self, option),
    },
    h("span", { class: "option-text" }, textInline(option.text),
      option.description ? h("span", { class: "option-note" }, plain(option.description)) : null),
    selected ? icon("check", 16) : null,
  );
}

function openList(self) {
  if (store.pending.has(self.ctx.id) || self.ctx.busy) return;
  openPopup(self.id);
  if (isExternal(self.element)) askApp(self, "");
}

function typed(self, query) {
  const found = { query, index: query ? 0 : -1 };
  if (isOpen(self.id)) Object.assign(store.popup, found);
  else openPopup(self.id, found);
  if (isExternal(self.element)) {
    clearTimeout(searchTimer);
    searchTimer = setTimeout(() => askApp(self, query), SEARCH_AFTER_MS);
  }
  refresh();
}

async function askApp(self, query) {
  const least = self.element.min_query_length ?? 3;
  const popup = store.popup;
  if (popup?.id !== self.id) return;
  if (query.length < least) {
    Object.assign(popup, { groups: [], message: `Type at least ${least} letters` });
    return refresh();
  }
  popup.loading = true;
  refresh();
  const { block, element, ctx } = self;
  const answer = await act("search", {
    ...ctx.target, block_id: block.block_id, action_id: element.action_id, query,
  });
  if (store.popup !== popup || popup.query !== query) return;
  popup.loading = false;
  popup.groups = answer?.option_groups ?? [{ label: null, options: answer?.options ?? [] }];
  popup.message = "No results";
  refresh();
}

function onKey(self, event) {
  const flat = self.shown.flatMap((group) => group.options);
  const keys = {
    ArrowDown: () => (self.open ? move(1, flat.length) : openList(self)),
    ArrowUp: () => (self.open ? move(-1, flat.length) : openList(self)),
    Enter: () => (self.open ? pick(self, flat) : openList(self)),
    Escape: () => self.open && closePopup(),
    Backspace: () => self.multi && !event.target.value && self.chosen.length && toggle(self, self.chosen.at(-1)),
  };
  const run = keys[event.key];
  if (!run || (event.key === "Escape" && !self.open)) return;
  if (event.key !== "Backspace") {
    event.preventDefault();
    event.stopPropagation();
  }
  run();
}

function move(step, count) {
  if (!count) return;
  const at = store.popup.index;
  store.popup.index = at < 0 && step < 0 ? count - 1 : (at + step + count) % count;
  refresh();
}

function pick(self, flat) {
  const option = flat[store.popup.index] ?? (flat.length === 1 ? flat[0] : null);
  if (option) toggle(self, option);
}

function toggle(self, option) {
  const { element, block, ctx, multi } = self;
  const most = element.max_selected_items ?? Infinity;
  const has = self.chosen.some((one) => one.value === option.value);
  let next = [option];
  if (multi) next = has ? self.chosen.filter((one) => one.value !== option.value) : [...self.chosen, option];
  if (next.length > most) return;
  if (isOpen(self.id)) {
    if (multi) Object.assign(store.popup, { query: "" });
    else store.popup = null;
  }
  const state = asState(element, outward(element, next));
  fill(ctx, block, element, state);
  if (block.type !== "input" || block.dispatch_action) dispatch(element, block, ctx, state);
}

function isExternal(element) {
  return element.type.endsWith("external_select");
}

function isOfIds(element) {
  return /(users|channels|conversations)_select$/.test(element.type);
}

function outward(element, options) {
  const values = isOfIds(element) ? options.map((one) => one.value) : options;
  return isMulti(element) ? values : (values[0] ?? null);
}

function chosenOptions({ element, block, ctx }) {
  const value = current(element, block, ctx);
  const list = Array.isArray(value) ? value : value ? [value] : [];
  return isOfIds(element) ? list.map(idOption) : list;
}

function idOption(id) {
  const channel = store.state.conversations.find((one) => one.id === id);
  const name = channel ? `# ${channel.name}` : userName(findUser(id)) || id;
  return { value: id, text: { type: "plain_text", text: name, emoji: false } };
}

function everything(element) {
  if (isExternal(element)) return store.popup.groups ?? [];
  if (!isOfIds(element)) return optionGroups(element);
  const team = store.state.teams.find((one) => one.id === store.state.me.team_id);
  const people = element.type.includes("users") ? (team?.users ?? []) : [];
  const channels = element.type.includes("users") ? [] : store.state.conversations.filter((one) => one.kind === "channel");
  return [{ label: null, options: [...people, ...channels].map((one) => idOption(one.id)) }];
}

function matching(self) {
  const groups = everything(self.element);
  const query = store.popup.query.trim().toLowerCase();
  if (!query || isExternal(self.element)) return groups;
  const fits = (option) => plain(option.text).toLowerCase().includes(query);
  return groups.map((group) => ({ ...group, options: group.options.filter(fits) })).filter((group) => group.options.length);
}
