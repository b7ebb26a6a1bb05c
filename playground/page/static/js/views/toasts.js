// @ts-check
import { h } from "../preact/preact.mjs";
import { icon } from "../icons.js";
import { dismiss, store } from "../store.js";

export function toasts() {
  return h(
    "div",
    { class: "toasts", role: "status", "aria-live": "polite" },
    store.toasts.map((one) => h(
      "div",
      { class: `toast ${one.kind}`, key: one.id },
      icon(one.kind === "warning" ? "warning" : "check", 16),
      h("span", {}, one.text),
      h("button", {
        type: "button", class: "toast-close", "aria-label": "Dismiss", onclick: () => dismiss(one.id),
      }, icon("close", 14)),
    )),
  );
}

/** New messages, read out but not shown. Each has an element of its own, so that none is skipped. */
export function liveRegion() {
  const lines = store.announcements.map((one) => h("p", { key: one.id }, one.text));
  return h("div", { class: "sr", role: "log", "aria-label": "New messages", id: "announcer" }, lines);
}
