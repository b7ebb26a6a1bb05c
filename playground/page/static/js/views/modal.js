// @ts-check
// Modals cover only the Slack part of the page. The control panel stays usable, because people copy
// from it what the app asks for. F6 moves between the two.

import { h } from "../preact/preact.mjs";
import { drawn } from "../drawn.js";
import { icon } from "../icons.js";
import { blocks } from "../blocks/blocks.js";
import { appAvatar } from "./message.js";
import { actBusy } from "../server.js";
import { refresh, store } from "../store.js";
import { plain, text } from "../text/plain.js";

/** @import { Modal } from "../types" */

const FOCUSABLE = "a[href],button,input,textarea,select,[tabindex]:not([tabindex='-1'])";
/**
 * What was last drawn of a modal.
 * @typedef {{ id: string, look: string, errors: string }} Shown
 */

/** @type {Shown[]} */
let shown = [];
/** @type {HTMLElement | null} */
let returnTo = null;

export function modals() {
  const list = store.state.modals;
  return h("div", { class: "modal-layer" }, list.map((view, index) => modal(view, index, index === list.length - 1)));
}

/** @param {Modal} view @param {number} index @param {boolean} isTop */
function modal(view, index, isTop) {
  const busy = view.busy || store.pending.has(view.id);
  const submit = () => !busy && actBusy(view.id, "submit", "submit", { view_id: view.id });
  // Closing never waits: a person may leave before the app has answered.
  const close = () => actBusy(`${view.id}-close`, "close", "close", { view_id: view.id });
  const leave = () => actBusy(`${view.id}-close`, "close", "close", { view_id: view.id, everything: true });
  const ctx = {
    id: view.id, target: { view_id: view.id }, typed: view.typed, errors: view.errors,
    busy: view.busy, submit: view.submit ? submit : null,
  };
  return h(
    "div",
    // As in Slack, a pushed modal takes the place of the one below, which an arrow brings back.
    { class: "modal-back", key: view.id, hidden: !isTop },
    h(
      "section",
      {
        class: "modal", role: "dialog", "aria-modal": "true", "aria-labelledby": `title-${view.id}`,
        "aria-busy": busy ? "true" : undefined, tabindex: "-1", id: `modal-${view.id}`,
        "data-callback-id": view.callback_id, onkeydown: (event) => onKey(event, close),
      },
      h("header", { class: "modal-top" },
        index ? h("button", { type: "button", class: "icon-btn back", "aria-label": "Back to the one below", onclick: close }, icon("chevron", 18)) : appAvatar(),
        h("h2", { id: `title-${view.id}` }, plain(view.title)),
        h("button", { type: "button", class: "icon-btn", "aria-label": "Close", onclick: leave }, icon("close", 20))),
      h("div", { class: "modal-body", tabindex: "-1" }, blocks(view.blocks, ctx)),
      foot(view, { busy, submit, close }),
    ),
  );
}

/**
 * @param {Modal} view
 * @param {{ busy: boolean, submit: () => unknown, close: () => unknown }} doing
 */
function foot(view, { busy, submit, close }) {
  const sending = store.pending.get(view.id) === "submit" || view.busy;
  return h(
    "footer",
    { class: "modal-foot" },
    h("button", { type: "button", class: "btn default", onclick: close }, plain(view.close) || "Cancel"),
    view.submit
      ? h("button", {
        type: "button", class: `btn primary${sending ? " pressed" : ""}`, onclick: submit,
        "aria-disabled": busy ? "true" : undefined, "aria-busy": sending ? "true" : undefined,
      },
      h("span", { class: "btn-text" }, plain(view.submit)),
      sending ? h("span", { class: "spinner", "aria-hidden": "true" }) : null)
      : null,
  );
}

/** @param {KeyboardEvent & { currentTarget: HTMLElement }} event @param {() => unknown} close */
function onKey(event, close) {
  if (event.key === "Escape") {
    event.stopPropagation();
    close();
  } else if (event.key === "Tab") {
    trap(event);
  }
}

/**
 * Tab cycles inside the dialog.
 * @param {KeyboardEvent & { currentTarget: HTMLElement }} event
 */
function trap(event) {
  const root = event.currentTarget;
  /** @type {NodeListOf<HTMLElement>} */
  const found = root.querySelectorAll(FOCUSABLE);
  const all = [...found].filter((one) => one.offsetParent !== null && one.tabIndex >= 0);
  const [first, last] = [all[0], all[all.length - 1]];
  const [edge, other] = event.shiftKey ? [first, last] : [last, first];
  const at = document.activeElement;
  if (!all.length || (at !== edge && at !== root)) return;
  event.preventDefault();
  other.focus();
}

/** After each drawing: moves the focus into a new dialog, and back after the last one closes. */
export function manageModalFocus() {
  const list = store.state.modals.map((view) => ({
    id: view.id, look: `${view.callback_id}|${plain(view.title)}`, errors: JSON.stringify(view.errors),
  }));
  const top = list.at(-1);
  const before = shown.at(-1);
  if (top && !shown.length) returnTo ??= /** @type {HTMLElement | null} */ (document.activeElement);
  if (!top && before) focusBack();
  else if (top && top.id !== before?.id) focusInto(top.id);
  else if (top && before) followChange(top, before);
  shown = list;
}

/**
 * The same dialog, redrawn by the app.
 * @param {Shown} top
 * @param {Shown} before
 */
function followChange(top, before) {
  const inPanel = document.activeElement?.closest(".panel, .dialog");
  if (top.errors !== before.errors && top.errors !== "{}") focusFirstError(top.id);
  else if (top.look !== before.look && !inPanel) focusInto(top.id);
  else if (document.activeElement === document.body) document.getElementById(`modal-${top.id}`)?.focus();
}

/** @param {string} id */
function focusInto(id) {
  const dialog = document.getElementById(`modal-${id}`);
  /** @type {HTMLElement | null | undefined} */
  const first = dialog?.querySelector(".modal-body :is(input, textarea)");
  const body = dialog?.querySelector(".modal-body");
  (first ?? dialog)?.focus({ preventScroll: true });
  if (body) body.scrollTop = 0; // a date's field scrolls there all the same
}

function focusBack() {
  const target = returnTo?.isConnected && returnTo !== document.body ? returnTo : document.getElementById("composer");
  target?.focus();
  returnTo = null;
}

/**
 * After an answer with errors, the first wrong field gets the focus.
 * @param {string} id
 */
function focusFirstError(id) {
  /** @type {HTMLElement | null | undefined} */
  const wrong = document.getElementById(`modal-${id}`)?.querySelector("[aria-invalid=true]");
  (wrong?.querySelector("input") ?? wrong)?.focus();
}

/** @param {HTMLElement} dialog @param {boolean} isNew */
function focusYes(dialog, isNew) {
  /** @type {HTMLElement | null} */
  const yes = dialog.querySelector("[data-yes]");
  if (isNew) yes?.focus();
}

export function confirmation() {
  const open = store.confirm;
  if (!open) return null;
  const { confirm } = open;
  const end = (/** @type {boolean} */ yes) => {
    store.confirm = null;
    refresh();
    if (open.returnTo) document.getElementById(open.returnTo)?.focus();
    if (yes) open.proceed();
  };
  return h(
    "div",
    { class: "modal-back over", key: "confirm" },
    h(
      "section",
      {
        class: "dialog", role: "alertdialog", "aria-modal": "true", "aria-labelledby": "confirm-title",
        "aria-describedby": "confirm-text", tabindex: "-1",
        ref: drawn(focusYes),
        onkeydown: (event) => (event.key === "Escape" ? end(false) : event.key === "Tab" && trap(event)),
      },
      h("h2", { id: "confirm-title" }, plain(confirm.title)),
      h("div", { id: "confirm-text" }, text(confirm.text)),
      h("footer", {},
        h("button", { type: "button", class: "btn default", onclick: () => end(false) }, plain(confirm.deny) || "Cancel"),
        h("button", {
          type: "button", "data-yes": "", class: `btn ${confirm.style ?? "primary"}`, onclick: () => end(true),
        }, plain(confirm.confirm) || "Yes")),
    ),
  );
}
