// @ts-check
// Dates in the time zone of the person who reads them.

import { store } from "../store.js";

const DAY_MS = 86_400_000;

/** @param {number | Date} date @param {Intl.DateTimeFormatOptions} options */
function format(date, options) {
  return new Intl.DateTimeFormat("en-US", { timeZone: store.state.me.tz, ...options }).format(date);
}

export function nowMs() {
  return Date.now() + store.state.clock.offset_seconds * 1000;
}

/** @param {Date} date */
export function timeOf(date) {
  return format(date, { hour: "numeric", minute: "2-digit" });
}

/** @param {Date} date */
export function fullTime(date) {
  return format(date, {
    weekday: "short", month: "short", day: "numeric", year: "numeric", hour: "numeric", minute: "2-digit",
  });
}

/** @param {Date} date */
export function dayKey(date) {
  return format(date, { year: "numeric", month: "2-digit", day: "2-digit" });
}

/** @param {Date} date */
function dayName(date) {
  const key = dayKey(date);
  if (key === dayKey(new Date(nowMs()))) return "Today";
  if (key === dayKey(new Date(nowMs() - DAY_MS))) return "Yesterday";
  if (key === dayKey(new Date(nowMs() + DAY_MS))) return "Tomorrow";
  return null;
}

/** @param {Date} date */
export function longDay(date) {
  return dayName(date) ?? format(date, { weekday: "long", month: "long", day: "numeric" });
}

/** @type {Record<string, (date: Date) => string>} */
const FORMATS = {
  date_num: (date) => new Intl.DateTimeFormat("en-CA", { timeZone: store.state.me.tz }).format(date),
  date: (date) => format(date, { year: "numeric", month: "long", day: "numeric" }),
  date_short: (date) => format(date, { year: "numeric", month: "short", day: "numeric" }),
  date_long: (date) =>
    format(date, { weekday: "long", year: "numeric", month: "long", day: "numeric" }),
  time: timeOf,
  time_secs: (date) => format(date, { hour: "numeric", minute: "2-digit", second: "2-digit" }),
  ago,
};

/** @param {string} name @param {Date} date */
function pretty(name, date) {
  const special = dayName(date);
  return special ? special.toLowerCase() : FORMATS[name](date);
}

/**
 * Fills in the `{tokens}` of Slack's date format. Unknown tokens stay as they are.
 * @param {string} pattern
 * @param {Date} date
 */
export function formatTokens(pattern, date) {
  return pattern.replace(/\{(\w+)\}/g, (whole, token, at) => {
    if (token.endsWith("_pretty")) {
      const base = token.slice(0, -"_pretty".length);
      if (!FORMATS[base]) return whole;
      const text = pretty(base, date);
      return at === 0 ? text[0].toUpperCase() + text.slice(1) : text;
    }
    return FORMATS[token]?.(date) ?? whole;
  });
}

/** @param {Date} date */
function ago(date) {
  const minutes = Math.round((nowMs() - date.getTime()) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  if (hours < 24) return `${hours} h ago`;
  const days = Math.round(hours / 24);
  return days === 1 ? "1 day ago" : `${days} days ago`;
}

/** @param {Date} date */
function offsetMs(date) {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: store.state.me.tz, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
    hour: "numeric", minute: "numeric", second: "numeric",
  }).formatToParts(date);
  const at = Object.fromEntries(parts.map((part) => [part.type, Number(part.value)]));
  return Date.UTC(at.year, at.month - 1, at.day, at.hour, at.minute, at.second) - date.getTime();
}

/**
 * Turns Unix seconds into the value of an `<input type="datetime-local">`, in the person's time zone.
 * @param {number | null} seconds
 */
export function toLocalInput(seconds) {
  if (seconds === null || seconds === undefined) return "";
  const date = new Date(seconds * 1000);
  return new Date(date.getTime() + offsetMs(date)).toISOString().slice(0, 16);
}

/** @param {string} text */
export function fromLocalInput(text) {
  if (!text) return null;
  const asUtc = Date.parse(`${text}:00Z`);
  const guess = asUtc - offsetMs(new Date(asUtc));
  return (asUtc - offsetMs(new Date(guess))) / 1000;
}
