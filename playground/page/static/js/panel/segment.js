// @ts-check
// What happens in Segment: workspaces, tokens, sources, and the switches of a destination.

import { h } from "../preact/preact.mjs";
import { icon } from "../icons.js";
import { refresh, store } from "../store.js";
import { copyButton } from "../copy.js";
import { card, pressed } from "./card.js";

/** @import { Segment, Source, Token, Workspace } from "../types" */

const EVENTS_AT_ONCE = 100;
const SHOWN_AT_FIRST = 6;
/** @type {[value: string, label: string][]} */
const WEATHERS = [["fine", "Fine"], ["down", "Down"], ["slow", "Slow"], ["limiting", "Limiting"]];
/** @type {Map<string, string>} */
const found = new Map(); // workspace -> the text typed to find a source
/** @type {Set<string>} */
const unfolded = new Set(); // workspaces that show their whole list of sources

export function segmentPanel() {
  const state = store.state.segment;
  const aside = state.weather === "fine" ? null : h("span", { class: "pill warm" }, state.weather);
  return card("segment", "Segment", aside, () => h("div", {},
    h("div", { class: "mini-title", id: "weather-title" }, "Segment's API right now"),
    weather(state),
    state.workspaces.map((one, index) => workspace(one, state, index === 0))));
}

/** @type {string | null} */
let wished = null; // the picked weather, until the server has it

/** @param {string} value */
async function pickWeather(value) {
  wished = value;
  await pressed("weather", "segment_weather", { weather: value });
  wished = null;
  refresh();
}

/** @param {Segment} state */
function weather(state) {
  const props = { class: "weather", "aria-labelledby": "weather-title" };
  return h("fieldset", props, WEATHERS.map(([value, label]) => h(
    "label",
    { key: value },
    h("input", {
      type: "radio", name: "weather", value, checked: (wished ?? state.weather) === value,
      onchange: () => pickWeather(value),
    }),
    label,
  )));
}

/** @param {Workspace} one @param {Segment} state @param {boolean} openAtFirst */
function workspace(one, state, openAtFirst) {
  const id = `workspace-${one.slug}`;
  const open = store.openCards.get(id) ?? openAtFirst;
  const toggle = () => {
    store.openCards.set(id, !open);
    refresh();
  };
  return h(
    "section",
    { class: "workspace", key: one.id, "data-workspace": one.slug },
    h("h4", {}, h("button", {
      type: "button", class: "card-toggle", "aria-expanded": String(open), "aria-controls": id, onclick: toggle,
    },
      h("span", { class: `fold${open ? " open" : ""}` }, icon("chevron", 14)),
      h("span", { class: "card-name" }, one.name),
      h("span", { class: "pill" }, `${title(one.plan)} · ${one.region.toUpperCase()}`))),
    h("div", { class: "workspace-body", id, hidden: !open }, open ? [slug(one), tokens(one), sources(one, state)] : null),
  );
}

/** @param {string} word */
function title(word) {
  return word[0].toUpperCase() + word.slice(1);
}

/** @param {Workspace} one */
function slug(one) {
  return h("div", { class: "facts", key: "facts" },
    "Slug ", h("code", {}, one.slug), copyButton(one.slug, `Copy the slug of ${one.name}`));
}

/** @param {Workspace} one */
function tokens(one) {
  const key = `new-token-${one.slug}`;
  const add = () => pressed(key, "segment_new_token", { workspace: one.slug });
  return h("div", { key: "tokens" },
    h("div", { class: "mini-title" }, "Access tokens ", h("button", {
      type: "button", class: "link-btn", "aria-label": `New token of ${one.name}`, onclick: add,
    }, "New token")),
    h("div", { class: "tokens" }, one.tokens.map((token) => tokenRow(token, one))));
}

/** @param {Token} token @param {Workspace} one */
function tokenRow(token, one) {
  const revoke = () => pressed(`revoke-${token.value}`, "segment_revoke_token", { value: token.value });
  const name = `${token.label} token of ${one.name}`;
  const props = {
    class: `secret${token.revoked ? " revoked" : ""}`, key: token.value, "data-token": token.label,
    title: `${token.kind} API, role ${token.role}`,
  };
  return h("div", props,
    h("span", { class: "secret-label" }, token.label),
    h("code", {}, `${token.value.slice(0, 9)}…${token.value.slice(-4)}`),
    copyButton(token.value, `Copy the ${name}`),
    token.revoked
      ? h("span", { class: "pill bad" }, "revoked")
      : h("button", { type: "button", class: "link-btn", "aria-label": `Revoke the ${name}`, onclick: revoke }, "Revoke"));
}

/** @param {Workspace} one @param {Segment} state */
function sources(one, state) {
  const query = (found.get(one.id) ?? "").toLowerCase();
  const matching = one.sources.filter((source) => `${source.name} ${source.slug}`.toLowerCase().includes(query));
  const all = unfolded.has(one.id);
  const shown = all ? matching : matching.slice(0, SHOWN_AT_FIRST);
  return h("div", { key: "sources" },
    h("div", { class: "mini-title" }, `Sources (${one.sources.length})`),
    h("div", { class: "sources" },
      one.sources.length > SHOWN_AT_FIRST ? finder(one) : null,
      shown.map((source) => sourceCard(source, state)),
      matching.length > shown.length
        ? h("button", {
          type: "button", class: "link-btn", key: "more", onclick: () => showAll(one.id),
        }, `Show all ${matching.length}`)
        : null));
}

/** @param {Workspace} one */
function finder(one) {
  return h("input", {
    class: "field find", key: "find", type: "search", placeholder: "Find a source",
    "aria-label": `Find a source of ${one.name}`,
    value: found.get(one.id) ?? "",
    oninput: (event) => {
      found.set(one.id, event.currentTarget.value);
      refresh();
    },
  });
}

/** @param {string} id */
function showAll(id) {
  unfolded.add(id);
  refresh();
}

/** @type {Record<Source["destination"]["state"], [words: string, colour: string]>} */
const STATES = {
  missing: ["not connected", ""], disabled: ["connected, switched off", "warm"], enabled: ["switched on", "good"],
};

/** @param {Source} source @param {Segment} state */
function sourceCard(source, state) {
  const name = source.name || source.slug;
  const [words, colour] = STATES[source.destination.state];
  const delivered = source.destination.delivered;
  return h(
    "div",
    { class: "source", key: source.id, "data-source": source.slug },
    h("div", { class: "source-head" },
      h("span", { class: "grow" }, name, " ", h("span", { class: "quiet" }, rate(source))),
      sourceSwitch(source, name)),
    h("div", { class: "copies" },
      copyWord("Source ID", source.id, name),
      copyWord("Write key", source.write_keys[0], name),
      copyWord("Slug", source.slug, name)),
    h("div", { class: "destination" }, h("span", { class: `dot ${colour}` }),
      h("span", { class: "grow" }, `${state.destination}: ${words}`),
      delivered ? h("span", { class: "pill good" }, `${delivered.toLocaleString("en-US")} delivered`) : null),
    h("div", { class: "button-row" }, switches(source, name)),
  );
}

/** @param {Source} source */
function rate(source) {
  return source.enabled ? `${source.per_day.toLocaleString("en-US")} events a day` : "source is off";
}

/** @param {Source} source @param {string} name */
function sourceSwitch(source, name) {
  const word = source.enabled ? "Turn off" : "Turn on";
  return h("button", {
    type: "button", class: "link-btn", "aria-label": `${word} the source ${name}`,
    onclick: () => pressed(`source-${source.id}`, "segment_source", { source_id: source.id, enabled: !source.enabled }),
  }, word);
}

/** @param {string} word @param {string | undefined} value @param {string} name */
function copyWord(word, value, name) {
  if (!value) return null;
  return copyButton(value, `Copy ${word} of ${name}`, word);
}

/** @param {Source} source @param {string} name */
function switches(source, name) {
  const id = source.id;
  const now = source.destination.state;
  /** @type {[label: string, type: string, details: Record<string, unknown>][]} */
  const list = [];
  if (now === "missing") list.push(["Connect destination", "segment_connect", { source_id: id }]);
  if (now === "disabled") list.push(["Switch on", "segment_enable", { source_id: id, enabled: true }]);
  if (now === "enabled") list.push(["Switch off", "segment_enable", { source_id: id, enabled: false }]);
  list.push([`Send ${EVENTS_AT_ONCE} events`, "segment_send_events", { source_id: id, count: EVENTS_AT_ONCE }]);
  return list.map(([label, type, details]) => h("button", {
    type: "button", class: "btn small", key: type, "aria-label": `${label}: ${name}`,
    "aria-disabled": store.pending.has(`${type}-${id}`) ? "true" : undefined,
    onclick: () => pressed(`${type}-${id}`, type, details),
  }, label));
}
