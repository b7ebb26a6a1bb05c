// @ts-check
import { h } from "../preact/preact.mjs";
import { actBusy } from "../server.js";
import { refresh, store } from "../store.js";
import { plain } from "../text/plain.js";
import { isSafeLink } from "../text/mentions.js";
import { domId, marks } from "./values.js";

/** @import { Props } from "../preact/preact.mjs" */
/** @import { Block, Button, Confirm, Control, DrawControl, Surface, Typed } from "../types" */

/**
 * A button. One with a link opens it in a new tab and also tells the app.
 * @type {DrawControl<Button>}
 */
export function button(element, block, ctx) {
  const key = `${block.block_id}|${element.action_id}|${element.value ?? ""}`;
  const waiting = store.pending.get(ctx.id);
  const pressed = waiting === key;
  const busy = Boolean(waiting || ctx.busy);
  const isLink = isSafeLink(element.url);
  /** @type {Props<HTMLElement>} */
  const props = {
    ...marks(element, block),
    key: `button-${key}`,
    id: domId("el", ctx.id, key),
    class: `btn ${element.style ?? "default"}${pressed ? " pressed" : ""}`,
    "aria-disabled": busy ? "true" : undefined,
    "aria-busy": pressed ? "true" : undefined,
    "aria-label": element.accessibility_label,
    onclick: (event) => press(event, { element, block, ctx, key, busy }),
  };
  const words = h("span", { class: "btn-text" }, plain(element.text));
  const spinner = pressed ? h("span", { class: "spinner", "aria-hidden": "true" }) : null;
  if (!isLink) return h("button", { type: "button", ...props }, words, spinner);
  return h(
    "a",
    {
      ...props, role: "button", href: element.url, target: "_blank", rel: "noopener noreferrer",
      onkeydown: pressBySpace,
    },
    words, spinner,
  );
}

/** @param {KeyboardEvent & { currentTarget: HTMLElement }} event */
function pressBySpace(event) {
  if (event.key !== " ") return;
  event.preventDefault();
  event.currentTarget.click();
}

/**
 * @param {Event} event
 * @param {{ element: Button, block: Block, ctx: Surface, key: string, busy: boolean }} pressed
 */
function press(event, { element, block, ctx, key, busy }) {
  if (busy) {
    event.preventDefault();
    return;
  }
  const details = { ...ctx.target, block_id: block.block_id, action_id: element.action_id };
  const send = () => actBusy(ctx.id, key, "click", { ...details, value: element.value });
  if (element.confirm) {
    event.preventDefault();
    askFirst(element.confirm, () => {
      if (isSafeLink(element.url)) window.open(element.url, "_blank", "noopener");
      return send();
    });
  } else {
    send();
  }
}

/**
 * Shows the app's confirmation first. `proceed` runs only after a yes.
 * @param {Confirm} confirm
 * @param {() => unknown} proceed
 */
export function askFirst(confirm, proceed) {
  store.confirm = { confirm, proceed, returnTo: document.activeElement?.id };
  refresh();
}

/**
 * Sends one changed control to the app, after its confirmation if there is one.
 * @param {Control} element
 * @param {Block} block
 * @param {Surface} ctx
 * @param {Typed} state
 */
export function dispatch(element, block, ctx, state) {
  const details = { ...ctx.target, block_id: block.block_id, action_id: element.action_id };
  const send = () => actBusy(ctx.id, `${block.block_id}|${element.action_id}`, "click", { ...details, state });
  if (element.confirm) askFirst(element.confirm, send);
  else send();
}
