// @ts-check
// The ⋯ menu, also used for the composer's shortcuts.

import { h } from "../preact/preact.mjs";
import { drawn } from "../drawn.js";
import { icon } from "../icons.js";
import { plain } from "../text/plain.js";
import { store } from "../store.js";
import { askFirst } from "./button.js";
import { actBusy } from "../server.js";
import { isSafeLink } from "../text/mentions.js";
import { closePopup, floating, isOpen, openPopup } from "./popup.js";
import { domId, marks } from "./values.js";

/** @import { Child } from "../preact/preact.mjs" */
/** @import { Choices, DrawControl, Option } from "../types" */

/** @typedef {{ label: string, note?: string, run: () => unknown }} MenuItem */

/**
 * An app's overflow menu.
 * @type {DrawControl<Choices>}
 */
export function overflow(element, block, ctx) {
  const key = `${block.block_id}|${element.action_id}`;
  const choose = (/** @type {Option} */ option) => () => {
    const details = { ...ctx.target, block_id: block.block_id, action_id: element.action_id };
    const state = { type: "overflow", selected_option: option };
    if (isSafeLink(option.url)) window.open(option.url, "_blank", "noopener");
    const send = () => actBusy(ctx.id, key, "click", { ...details, state });
    if (element.confirm) askFirst(element.confirm, send);
    else send();
  };
  const items = element.options.map((option) => ({
    label: plain(option.text), note: plain(option.description), run: choose(option),
  }));
  const props = { ...marks(element, block), class: "btn default more", "aria-label": "More actions" };
  const pressed = store.pending.get(ctx.id) === key;
  const face = pressed ? h("span", { class: "spinner", "aria-hidden": "true" }) : icon("more");
  return menu(domId("el", ctx.id, key), props, face, items);
}

/**
 * A button that opens a menu. Arrow keys move; Escape closes the menu and returns the focus.
 * @param {string} id
 * @param {Record<string, unknown>} props
 * @param {Child} face
 * @param {MenuItem[]} items
 */
export function menu(id, props, face, items) {
  const open = isOpen(id);
  return h(
    "span",
    { class: "menu-root", "data-popup": id, key: id },
    h("button", {
      type: "button", ...props, id, "aria-haspopup": "menu", "aria-expanded": String(open),
      onclick: () => (open ? closePopup() : openPopup(id)),
    }, face),
    open ? menuList(id, items) : null,
  );
}

/** @param {string} id @param {MenuItem[]} items */
function menuList(id, items) {
  const float = floating(id);
  return h(
    "div",
    {
      class: "menu", role: "menu", popover: "manual",
      ref: drawn((element, isNew) => {
        float(element, isNew);
        if (isNew) element.querySelector("button")?.focus();
      }),
      onkeydown: (event) => onKey(event, id),
    },
    items.map((item) => menuItem(id, item)),
  );
}

/** @param {string} id @param {MenuItem} item */
function menuItem(id, item) {
  return h("button", {
    type: "button", role: "menuitem", class: "menu-item",
    onclick: () => {
      closePopup();
      document.getElementById(id)?.focus();
      item.run();
    },
  }, h("span", {}, item.label), item.note ? h("span", { class: "option-note" }, item.note) : null);
}

/** @param {KeyboardEvent & { currentTarget: HTMLElement }} event @param {string} id */
function onKey(event, id) {
  const items = [...event.currentTarget.querySelectorAll("button")];
  const at = items.findIndex((item) => item === document.activeElement);
  const steps = new Map([["ArrowDown", at + 1], ["ArrowUp", at - 1], ["Home", 0], ["End", items.length - 1]]);
  const to = steps.get(event.key);
  if (to !== undefined) {
    event.preventDefault();
    items[(to + items.length) % items.length]?.focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    event.stopPropagation();
    document.getElementById(id)?.focus();
    closePopup();
  }
}
