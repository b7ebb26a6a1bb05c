// @ts-check
import { h } from "../preact/preact.mjs";
import { mrkdwn, inline } from "./mrkdwn.js";
import { replaceEmoji } from "./emoji.js";

/** @import { Text } from "../types" */

/**
 * The text of a `plain_text` object (or a bare string), as a string.
 * @param {Text | string | undefined} object
 */
export function plain(object) {
  if (!object) return "";
  if (typeof object === "string") return object;
  return "emoji" in object && object.emoji === false ? object.text : replaceEmoji(object.text ?? "");
}

/**
 * Any text object as a block of text.
 * @param {Text | undefined} object
 */
export function text(object, className = "text") {
  if (!object) return null;
  if (object.type === "mrkdwn") return h("div", { class: className }, mrkdwn(object.text));
  return h("div", { class: `${className} plain` }, plain(object));
}

/**
 * Any text object inside a line.
 * @param {Text | undefined} object
 */
export function textInline(object) {
  if (!object) return null;
  return object.type === "mrkdwn" ? inline(object.text.replace(/\n/g, " ")) : plain(object);
}
