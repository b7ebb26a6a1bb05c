// `rich_text` blocks: sections, lists, quotes and preformatted text with a copy button.

import { h } from "../preact/preact.mjs";
import { icon } from "../icons.js";
import { copyButton } from "../copy.js";
import { emoji } from "./emoji.js";
import { formatTokens } from "./dates.js";
import { broadcast, channelMention, link, userMention } from "./mentions.js";

const MARKS = [["code", "code"], ["strike", "s"], ["italic", "em"], ["bold", "strong"]];

export function richText(block) {
  return h("div", { class: "rich-text" }, joinLists(block.elements ?? []));
}

function joinLists(elements) {
  return elements.map((element) => PARTS[element.type]?.(element) ?? unknown(element));
}

const PARTS = {
  rich_text_section: (part) => h("div", { class: "rt-section" }, part.elements.map(piece)),
  rich_text_quote: (part) => h("blockquote", {}, part.elements.map(piece)),
  rich_text_preformatted: preformatted,
  rich_text_list: list,
};

function preformatted(part) {
  const words = part.elements.map((one) => one.text ?? one.url ?? "").join("");
  return h(
    "div",
    { class: "pre-box" },
    h("pre", { class: "code-block", tabindex: "0" }, part.elements.map(piece)),
    copyButton(words, "Copy text"),
  );
}

function list(part) {
  const tag = part.style === "ordered" ? "ol" : "ul";
  const start = part.offset ? part.offset + 1 : undefined;
  const props = { class: `rt-list indent-${part.indent ?? 0}`, start };
  return h(tag, props, part.elements.map((one) => h("li", {}, one.elements.map(piece))));
}

function piece(element) {
  const node = PIECES[element.type]?.(element) ?? unknown(element);
  return MARKS.reduce((inner, [mark, tag]) => (element.style?.[mark] ? h(tag, {}, inner) : inner), node);
}

const PIECES = {
  text: (one) => one.text,
  link: (one) => link(one.url, one.text || one.url),
  user: (one) => userMention(one.user_id),
  channel: (one) => channelMention(one.channel_id),
  broadcast: (one) => broadcast(one.range),
  emoji: (one) => h("span", { class: "emoji" }, emoji(one.name) ?? `:${one.name}:`),
  date: (one) => formatTokens(one.format, new Date(one.timestamp * 1000)),
};

function unknown(element) {
  return h("span", { class: "unknown" }, icon("warning", 14), ` ${element.type}`);
}
