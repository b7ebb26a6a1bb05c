// @ts-check
// What the playground noticed: breaches of Slack's rules and the last calls.

import { h } from "../preact/preact.mjs";
import { icon } from "../icons.js";
import { store } from "../store.js";
import { card } from "./card.js";

/** @import { Breach, Call, Segment } from "../types" */

export function breachPanel() {
  const list = store.state.breaches;
  const aside = h("span", { class: `pill ${list.length ? "bad" : "good"}` }, String(list.length));
  return card("breaches", "Breaches", aside, () => (list.length ? breachList(list) : allGood()));
}

function allGood() {
  return h("p", { class: "all-good" }, icon("shield", 18), "No breaches: the app has respected every rule.");
}

/** @param {Breach[]} list */
function breachList(list) {
  return h("ul", { class: "breaches" }, [...list].reverse().map((one, index) => h("li", { key: `${one.at}-${index}` },
    h("div", { class: "breach-head" }, icon("warning", 14), h("code", {}, one.error), h("span", { class: "quiet" }, one.where)),
    one.detail ? h("div", { class: "breach-detail" }, one.detail) : null)));
}

export function callLog() {
  const list = store.state.calls;
  const asked = store.state.segment.calls;
  return card("calls", "Last calls", h("span", { class: "pill" }, String(list.length + asked.length)), () => h("div", {},
    h("div", { class: "mini-title" }, "Slack"),
    list.length ? h("ol", { class: "calls" }, [...list].reverse().map(call)) : h("p", { class: "quiet" }, "Nothing yet."),
    h("div", { class: "mini-title" }, "Segment"),
    asked.length ? h("ol", { class: "calls" }, asked.map(segmentCall)) : h("p", { class: "quiet" }, "Nothing yet.")), false);
}

/** @param {Segment["calls"][number]} one */
function segmentCall(one) {
  const good = one.status < 400;
  return h("li", { title: `${one.api} at ${one.at}` },
    h("span", { class: "arrow out" }, one.api),
    h("span", { class: "call-name" }, one.path),
    h("span", { class: good ? "call-status good" : "call-status bad" }, String(one.status)));
}

/** @param {Call} one */
function call(one) {
  const out = one.direction === "from_app";
  const good = one.status < 400 && !one.error;
  return h("li", { key: one.id },
    h("span", { class: `arrow ${out ? "out" : "in"}`, title: out ? "from the app" : "to the app" }, out ? "← app" : "→ app"),
    h("span", { class: "call-name", title: one.name }, one.name),
    h("span", { class: good ? "call-status good" : "call-status bad" }, one.error || String(one.status)));
}
