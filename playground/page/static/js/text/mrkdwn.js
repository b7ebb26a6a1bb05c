// @ts-check
// Turns Slack's mrkdwn into virtual nodes. Like Slack, works on the escaped text: `<…>` is markup,
// `&lt;` is a character.

import { h } from "../preact/preact.mjs";
import { emoji } from "./emoji.js";
import { formatTokens } from "./dates.js";
import { broadcast, channelMention, link, userMention } from "./mentions.js";

/** @import { Child } from "../preact/preact.mjs" */

/**
 * What was found in a line, and where it ends.
 * @typedef {{ node: Child, end: number }} Found
 */

/** @type {Record<string, "strong" | "em" | "s">} */
const STYLES = { "*": "strong", _: "em", "~": "s" };
const TOKEN = /<([^<>\n]+)>|`([^`\n]+)`|:([a-z0-9_+-]+):|([*_~])/g;
const BEFORE = /[\s([{"'“‘>*_~—–-]/;
const AFTER = /[\s)\]}"'”’.,:;!?<*_~—–-]/;

/** @param {string} text */
function unescape(text) {
  return text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}

/**
 * A whole text with code blocks, quotes and lists.
 * @param {string} text
 */
export function mrkdwn(text) {
  const parts = String(text ?? "").split(/```\n?([\s\S]*?)\n?```/g);
  return parts.map((part, index) => (index % 2 ? h("pre", { class: "code-block" }, unescape(part)) : lines(part)));
}

const QUOTES = /((?:^(?:>|&gt;).*\n?)+)/m;

/** @param {string} text */
function lines(text) {
  const parts = text.replace(/^\s*(?:\n|$)/, "").replace(/\n\s*$/, "").split(QUOTES);
  return parts.map((part, index) => (part ? (index % 2 ? quote(part) : split(part).map(oneLine)) : null));
}

/** @param {string} part */
function split(part) {
  return part.replace(/\n$/, "").split("\n");
}

/** @param {string} part */
function quote(part) {
  const said = split(part).map((line) => line.replace(/^(?:>|&gt;) ?/, ""));
  return h("blockquote", {}, said.map((line) => h("div", { class: "line" }, inline(line))));
}

/** @param {string} line */
function oneLine(line) {
  if (!line.trim()) return h("div", { class: "line gap" });
  const listed = /^\s*(?:•|◦|\d+[.)])\s/.test(line);
  return h("div", { class: listed ? "line listed" : "line" }, inline(line));
}

/**
 * One line: mentions, links, dates, styles, code and emoji.
 * @param {string} text
 * @returns {Child[]}
 */
export function inline(text) {
  const out = [];
  const scanner = new RegExp(TOKEN);
  let at = 0;
  for (let match = scanner.exec(text); match; match = scanner.exec(text)) {
    const found = token(text, match);
    if (!found) continue;
    out.push(unescape(text.slice(at, match.index)), found.node);
    at = found.end;
    scanner.lastIndex = at;
  }
  out.push(unescape(text.slice(at)));
  return out.filter((part) => part !== "");
}

/** @param {string} text @param {RegExpExecArray} match @returns {Found | null} */
function token(text, match) {
  const end = match.index + match[0].length;
  if (match[1] !== undefined) return { node: angle(match[1]), end };
  if (match[2] !== undefined) return { node: h("code", {}, unescape(match[2])), end };
  if (match[3] !== undefined) {
    const known = emoji(match[3]);
    return known ? { node: h("span", { class: "emoji" }, known), end } : null;
  }
  return styled(text, match.index, match[4]);
}

/**
 * @param {string} text
 * @param {number} start
 * @param {string} mark
 * @returns {Found | null}
 */
function styled(text, start, mark) {
  if (start > 0 && !BEFORE.test(text[start - 1])) return null;
  if (!text[start + 1] || /\s/.test(text[start + 1])) return null;
  for (let end = text.indexOf(mark, start + 2); end > 0; end = text.indexOf(mark, end + 1)) {
    const follows = text[end + 1];
    if (/\s/.test(text[end - 1]) || (follows && !AFTER.test(follows))) continue;
    return { node: h(STYLES[mark], {}, inline(text.slice(start + 1, end))), end: end + 1 };
  }
  return null;
}

/** @param {string} body */
function angle(body) {
  const [target, ...rest] = body.split("|");
  const label = rest.length ? unescape(rest.join("|")) : "";
  if (target.startsWith("@")) return userMention(target.slice(1), label);
  if (target.startsWith("#")) return channelMention(target.slice(1), label);
  if (target.startsWith("!date^")) return date(target, label);
  if (target.startsWith("!subteam^")) return broadcast(label.replace(/^@/, "") || "group");
  if (target.startsWith("!")) return broadcast(label || target.slice(1));
  const url = unescape(target);
  return label ? link(url, label) : link(url);
}

/** @param {string} target @param {string} fallback */
function date(target, fallback) {
  const [, seconds, pattern, url] = target.split("^");
  const when = new Date(Number(seconds) * 1000);
  if (Number.isNaN(when.getTime()) || !pattern) return fallback;
  const text = formatTokens(unescape(pattern), when);
  const title = when.toISOString().replace("T", " ").replace(/\.\d+Z/, " UTC");
  const node = h("time", { datetime: when.toISOString(), title }, text);
  return url ? link(unescape(url), text) : node;
}
