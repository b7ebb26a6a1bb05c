// @ts-check
// On the right: everything that happens outside Slack, and what the playground noticed.

import { h } from "../preact/preact.mjs";
import { icon } from "../icons.js";
import { refresh, store, toast } from "../store.js";
import { askFirst } from "../blocks/button.js";
import { copyButton } from "../copy.js";
import { card, pressed } from "./card.js";
import { breachPanel, callLog } from "./watch.js";
import { segmentPanel } from "./segment.js";
import { inline } from "../text/mrkdwn.js";
import { fullTime, nowMs } from "../text/dates.js";

/** @import { Command, Confirm, Extra, Team } from "../types" */

const HOUR = 3600;
/** @type {[label: string, seconds: number][]} */
const STEPS = [["+1 hour", HOUR], ["+1 day", 24 * HOUR], ["+1 week", 168 * HOUR]];

export function panel() {
  return h(
    "aside",
    { class: "panel", id: "panel", "aria-label": "Control panel", hidden: !store.panelOpen, tabindex: "-1" },
    h("header", { class: "panel-top" },
      h("h2", {}, "Control panel"),
      h("span", { class: "quiet" }, "F6 jumps here and back"),
      h("button", {
        type: "button", class: "icon-btn", "aria-label": "Hide control panel",
        onclick: togglePanel,
      }, icon("close", 16))),
    h("div", { class: "panel-scroll" }, tryThis(), extras(), clock(), segmentPanel(), apps(), breachPanel(), callLog()),
  );
}

export function togglePanel() {
  store.panelOpen = !store.panelOpen;
  refresh();
}

function tryThis() {
  const lines = store.state.try_this;
  return card("try", "Try this", null, () => h("ol", { class: "try" }, lines.map((line) => h("li", {}, withCode(line)))));
}

/** Buttons that the program running this playground added. */
function extras() {
  const list = extrasOn("extras");
  if (!list.length) return null;
  return card("extras", "This playground", null, () => h("div", {}, list.map(extraButton)));
}

/** @param {string} place */
function extrasOn(place) {
  return store.state.extras.filter((one) => one.card === place);
}

/** @param {Extra} extra */
function extraButton({ id, label, hint, asks }) {
  const key = `extra-${id}`;
  const working = store.pending.has(key);
  const press = async () => {
    const result = await pressed(key, "extra", { id });
    if (result) toast(result.said);
  };
  return h("div", { key, class: "extra" },
    h("div", { class: "button-row" }, h("button", {
      type: "button", id: key, class: "btn small", "aria-disabled": working ? "true" : undefined,
      onclick: () => working || (asks ? askFirst(doubt(label, asks), press) : press()),
    }, label, working ? h("span", { class: "spinner" }) : null)),
    h("p", { class: "quiet" }, withCode(hint)));
}

/** @param {string} label @param {string} question @returns {Confirm} */
function doubt(label, question) {
  const [title, text, confirm, deny] = [`${label}?`, question, label, "Cancel"].map((words) => (
    { type: /** @type {const} */ ("plain_text"), text: words }));
  return { title, text, confirm, deny, style: "danger" };
}

/** @param {string} line @param {Command} command */
function markCommand(line, { command }) {
  return line.replace(new RegExp(`(^|\\s)(${command})(?=\\s|$)`, "g"), "$1`$2`");
}

/**
 * People can copy the app's commands and any text between backticks.
 * @param {string} line
 */
function withCode(line) {
  const marked = store.state.app.commands.reduce(markCommand, line);
  return marked.split(/`([^`]+)`/g).map((part, index) => (index % 2
    ? h("span", { class: "code-copy" }, h("code", {}, part), copyButton(part, `Copy ${part}`))
    : inline(part)));
}

function apps() {
  const { teams, app } = store.state;
  const installed = teams.filter((one) => one.installed).length;
  const aside = h("span", { class: "pill" }, `${installed} of ${teams.length} installed`);
  return card("app", app.name, aside, () => h("ul", { class: "rows" }, teams.map(teamRow)), false);
}

/** @param {Team} team */
function teamRow(team) {
  const type = team.installed ? "uninstall" : "install";
  const working = store.pending.has(`team-${team.id}`);
  return h("li", { class: "row", key: team.id },
    h("span", { class: `dot ${team.installed ? "good" : ""}` }),
    h("span", { class: "grow" }, team.name, " ",
      h("span", { class: "quiet" }, team.installed ? "installed" : "not installed")),
    h("button", {
      type: "button", class: `btn small${team.installed ? "" : " primary"}`,
      "aria-label": `${team.installed ? "Uninstall from" : "Install in"} ${team.name}`,
      "aria-disabled": working ? "true" : undefined,
      onclick: () => working || pressed(`team-${team.id}`, type, { team_id: team.id }),
    }, team.installed ? "Uninstall" : "Install", working ? h("span", { class: "spinner" }) : null));
}

function clock() {
  const offset = store.state.clock.offset_seconds;
  const ahead = h("span", { class: `pill${offset ? " warm" : ""}` }, offset ? `${duration(offset)} ahead` : "Now");
  return card("clock", "Clock", ahead, () => h("div", {},
    h("div", { class: "clock-face", id: "clock-face" }, icon("clock", 16), fullTime(new Date(nowMs())),
      h("span", { class: "quiet" }, `in ${store.state.me.tz.replace(/^.*\//, "").replace("_", " ")}`),
      isWeekend() ? h("span", { class: "pill warm" }, "weekend: no reminders") : null),
    h("div", { class: "button-row" }, STEPS.map(clockButton)),
    extrasOn("clock").map(extraButton)));
}

/** Whether it is Saturday or Sunday where the person is. */
function isWeekend() {
  const day = new Intl.DateTimeFormat("en-US", { weekday: "short", timeZone: store.state.me.tz }).format(new Date(nowMs()));
  return day === "Sat" || day === "Sun";
}

/** @param {(typeof STEPS)[number]} step */
function clockButton([label, seconds]) {
  const key = `clock-${seconds}`;
  const working = store.pending.has(key);
  return h("button", {
    type: "button", class: "btn small", key: label, "aria-disabled": working ? "true" : undefined,
    onclick: () => working || pressed(key, "clock_advance", { seconds }),
  }, label, working ? h("span", { class: "spinner" }) : null);
}

/** @param {number} seconds */
function duration(seconds) {
  const hours = Math.round(seconds / HOUR);
  const days = Math.floor(hours / 24);
  const rest = hours % 24;
  return [days ? `${days} d` : "", rest ? `${rest} h` : ""].join(" ").trim() || `${Math.round(seconds / 60)} min`;
}
