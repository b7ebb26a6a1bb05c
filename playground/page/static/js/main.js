// @ts-check
// The page: draws the store, listens for changes, and handles the few keys that work everywhere.

import { h, render } from "./preact/preact.mjs";
import { icon } from "./icons.js";
import { watchOutside } from "./blocks/popup.js";
import { panel, togglePanel } from "./panel/panel.js";
import { watchPermalinks } from "./permalinks.js";
import { listen, readState } from "./server.js";
import { onRefresh, refresh, refreshNow, store, unread } from "./store.js";
import { conversation } from "./views/conversation.js";
import { confirmation, manageModalFocus, modals } from "./views/modal.js";
import { rail } from "./views/rail.js";
import { sidebar } from "./views/sidebar.js";
import { liveRegion, toasts } from "./views/toasts.js";

const CLOCK_TICK_MS = 20_000;
const root = /** @type {HTMLElement} */ (document.getElementById("page"));

function page() {
  if (!store.state) return loading();
  const covered = store.state.modals.length > 0 || Boolean(store.confirm);
  return [
    topBar(),
    h("div", { class: `desk${store.panelOpen ? " with-panel" : ""}` },
      h("div", { class: "client" },
        // A modal belongs to one person, so the page can still act as another.
        rail(),
        h("div", { class: "stage" },
          h("div", { class: "stage-inner", inert: covered, "aria-hidden": covered ? "true" : undefined },
            sidebar(), conversation()),
          h("div", { inert: Boolean(store.confirm) }, modals()),
          confirmation())),
      panel()),
    toasts(),
    liveRegion(),
  ];
}

function loading() {
  return h("div", { class: "loading", role: "status" }, h("span", { class: "spinner" }), "Opening the playground…");
}

function title() {
  const count = store.state.conversations.reduce((sum, one) => sum + unread(one.id), 0);
  return `${count ? `(${count}) ` : ""}${store.state.app.name} · Playground`;
}

/** @param {number} count */
function breachWords(count) {
  if (!count) return "No breaches";
  return count === 1 ? "1 breach" : `${count} breaches`;
}

function showBreaches() {
  store.panelOpen = true;
  store.openCards.set("breaches", true);
  refreshNow();
  /** @type {HTMLElement | null} */
  const card = document.querySelector("[data-card=breaches] button");
  card?.scrollIntoView({ block: "center" });
  card?.focus();
}

function topBar() {
  const count = store.state.breaches.length;
  return h(
    "header",
    { class: "top-bar" },
    h("span", { class: "brand" }, h("span", { class: "brand-mark" }, icon("bolt", 15)), "Playground"),
    h("span", { class: "top-note" }, `${store.state.app.name} in a Slack on this machine`),
    store.connected ? null : h("span", { class: "pill bad", role: "status" }, "Reconnecting…"),
    h("button", { type: "button", class: `pill on-dark ${count ? "bad" : "good"}`, onclick: showBreaches },
      icon(count ? "warning" : "shield", 13), breachWords(count)),
    h("button", {
      type: "button", class: "top-btn", "aria-label": store.panelOpen ? "Hide panel" : "Control panel",
      "aria-expanded": String(store.panelOpen), "aria-controls": "panel", onclick: togglePanel,
    }, icon("panel", 16), h("span", {}, store.panelOpen ? "Hide panel" : "Control panel")),
  );
}

let greeted = false;

function draw() {
  render(page(), root);
  if (!store.state) return;
  manageModalFocus();
  document.title = title();
  if (!greeted) document.getElementById("composer")?.focus();
  greeted = true;
}

/** @type {HTMLElement | null} */
let before = null;

/**
 * F6 moves between the control panel and the rest of the page.
 * @param {KeyboardEvent} event
 */
function onKey(event) {
  if (event.key !== "F6") return;
  event.preventDefault();
  const aside = document.getElementById("panel");
  if (aside?.contains(document.activeElement)) {
    (before?.isConnected ? before : document.getElementById("composer"))?.focus();
    return;
  }
  before = /** @type {HTMLElement | null} */ (document.activeElement);
  store.panelOpen = true;
  refresh();
  requestAnimationFrame(() => document.querySelector("#panel .panel-scroll")?.querySelector("button")?.focus());
}

onRefresh(draw);
watchOutside();
watchPermalinks();
document.addEventListener("keydown", onKey);
setInterval(refresh, CLOCK_TICK_MS);
refreshNow();
listen();
readState().catch(() => setTimeout(() => readState().catch(() => {}), 1000));
