import { h } from "../vdom.js";
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

/** New messages, read out but not shown. */
export function liveRegion() {
  return h("div", { class: "sr", "aria-live": "polite", id: "announcer" }, store.announcement);
}
