// @ts-check
import { h } from "../preact/preact.mjs";
import { icon } from "../icons.js";
import { act } from "../server.js";
import { refresh, store } from "../store.js";

/** @import { Child } from "../preact/preact.mjs" */

/**
 * A part of the panel with a title that folds it.
 * @param {string} id
 * @param {string} title
 * @param {Child} aside
 * @param {() => Child} body
 */
export function card(id, title, aside, body, openAtFirst = true) {
  const open = store.openCards.get(id) ?? openAtFirst;
  return h(
    "section",
    { class: "panel-card", key: id, "data-card": id },
    h("h3", {}, h("button", {
      type: "button", class: "card-toggle", "aria-expanded": String(open), "aria-controls": `card-${id}`,
      onclick: () => {
        store.openCards.set(id, !open);
        refresh();
      },
    }, h("span", { class: `fold${open ? " open" : ""}` }, icon("chevron", 14)), h("span", { class: "card-name" }, title), aside)),
    h("div", { class: "card-body-wrap", id: `card-${id}`, hidden: !open }, open ? body() : null),
  );
}

/**
 * Runs one act of the panel and shows its control as busy. Returns the server's answer.
 * @param {string} key
 * @param {string} type
 * @param {Record<string, unknown>} details
 */
export async function pressed(key, type, details) {
  store.pending.set(key, key);
  refresh();
  const result = await act(type, details);
  store.pending.delete(key);
  refresh();
  return result;
}
