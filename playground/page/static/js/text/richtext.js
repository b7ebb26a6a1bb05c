// @ts-check
// `rich_text` blocks: sections, lists, quotes and preformatted text with a copy button.

import { h } from "../preact/preact.mjs";
import { icon } from "../icons.js";
import { copyButton } from "../copy.js";
import { emoji } from "./emoji.js";
import { formatTokens } from "./dates.js";
import { broadcast, channelMention, link, userMention } from "./mentions.js";

/** @import { Child, VNode } from "../preact/preact.mjs" */
/** @import { RichList, RichPart, RichPiece, RichText } from "../types" */

/** @type {[mark: string, tag: "code" | "s" | "em" | "strong"][]} */
const MARKS = [["code", "code"], ["strike", "s"], ["italic", "em"], ["bold", "strong"]];

/** @param {RichText} block */
export function richText(block) {
  return h("div", { class: "rich-text" }, block.elements.map((part) => (PARTS[part.type] ?? unknown)(part)));
}

/** @type {Record<string, (part: any) => VNode>} */
const PARTS = {
  rich_text_section: (part) => h("div", { class: "rt-section" }, part.elements.map(piece)),
  rich_text_quote: (part) => h("blockquote", {}, part.elements.map(piece)),
  rich_text_preformatted: preformatted,
  rich_text_list: list,
};

/** @param {RichPart} part */
function preformatted(part) {
  const words = part.elements.map((one) => one.text ?? one.url ?? "").join("");
  return h(
    "div",
    { class: "pre-box" },
    h("pre", { class: "code-block", tabindex: "0" }, part.elements.map(piece)),
    copyButton(words, "Copy text"),
  );
}

/** @param {RichList} part */
function list(part) {
  const tag = part.style === "ordered" ? "ol" : "ul";
  const start = part.offset ? part.offset + 1 : undefined;
  const props = { class: `rt-list indent-${part.indent ?? 0}`, start };
  return h(tag, props, part.elements.map((one) => h("li", {}, one.elements.map(piece))));
}

/** @param {RichPiece} element */
function piece(element) {
  const node = (PIECES[element.type] ?? unknown)(element);
  return MARKS.reduce((inner, [mark, tag]) => (element.style?.[mark] ? h(tag, {}, inner) : inner), node);
}

/**
 * By type. The playground has checked that each element has what Slack documents for its type.
 * @type {Record<string, (one: any) => Child>}
 */
const PIECES = {
  text: (one) => one.text,
  link: (one) => link(one.url, one.text || one.url),
  user: (one) => userMention(one.user_id),
  channel: (one) => channelMention(one.channel_id),
  broadcast: (one) => broadcast(one.range),
  emoji: (one) => h("span", { class: "emoji" }, emoji(one.name) ?? `:${one.name}:`),
  date: (one) => formatTokens(one.format, new Date(one.timestamp * 1000)),
};

/** @param {{ type: string }} element */
function unknown(element) {
  return h("span", { class: "unknown" }, icon("warning", 14), ` ${element.type}`);
}
