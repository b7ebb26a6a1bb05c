// @ts-check
import { h } from "../preact/preact.mjs";
import { icon } from "../icons.js";
import { blocks } from "../blocks/blocks.js";
import { goTo, refresh } from "../store.js";
import { longDay, timeOf } from "../text/dates.js";
import { mrkdwn } from "../text/mrkdwn.js";
import { avatar } from "./rail.js";

/** @import { Message, Surface } from "../types" */

/** @param {string} ts */
export function when(ts) {
  return new Date(Number(ts) * 1000);
}

/** @param {Message} message @param {string} conversation @returns {Surface} */
function context(message, conversation) {
  return {
    id: `message:${message.ts}`, typed: {}, target: { channel: conversation, ts: message.ts },
  };
}

export function appAvatar() {
  return h("span", { class: "avatar app-avatar", "aria-hidden": "true" }, icon("bolt", 20));
}

/**
 * One message. `inThread` leaves out the link to its own thread.
 * @param {Message} message
 * @param {string} conversation
 * @param {{ replies?: Message[], inThread?: boolean, follows?: boolean }} look
 */
export function messageView(message, conversation, { replies = [], inThread = false, follows = false } = {}) {
  const { author } = message;
  const date = when(message.ts);
  return h(
    "li",
    {
      key: `${message.ts}-${message.ephemeral ? "e" : "m"}`, "data-ts": message.ts,
      class: `message${message.ephemeral ? " ephemeral" : ""}${follows ? " follows" : ""}`,
    },
    follows
      ? h("time", { class: "gutter-time" }, timeOf(date).replace(/\s[AP]M$/, ""))  // no room for more
      : message.is_app ? appAvatar() : avatar(author.id, author.name),
    h("div", { class: "message-main" },
      message.ephemeral ? h("div", { class: "only-you" }, icon("eye", 14), "Only visible to you") : null,
      follows ? null : heading(message, date),
      body(message, conversation),
      replies.length && !inThread ? threadLink(message, replies) : null),
  );
}

/** @param {Message} message @param {Date} date */
function heading(message, date) {
  return h("div", { class: "message-head" },
    h("span", { class: "author" }, message.author.name),
    message.is_app ? h("span", { class: "app-badge" }, "APP") : null,
    h("time", { class: "stamp", datetime: date.toISOString(), title: date.toUTCString() }, timeOf(date)));
}

/** @param {Message} message */
function files(message) {
  return message.files.map((file) => h("figure", { class: "image-block", key: file.id },
    h("figcaption", {}, file.title),
    file.url ? h("img", { class: "big-image shared-file", src: file.url, alt: file.alt_text || file.title }) : null));
}

/** @param {Message} message @param {string} conversation */
function body(message, conversation) {
  const edited = message.edited ? h("span", { class: "edited" }, "(edited)") : null;
  if (!message.blocks.length) {
    return h("div", { class: "message-body" }, h("div", { class: "text" }, mrkdwn(message.text)), files(message), edited);
  }
  return h("div", { class: "message-body", "data-text": message.text },
    blocks(message.blocks, context(message, conversation)), edited);
}

/** @param {Message} message @param {Message[]} replies */
function threadLink(message, replies) {
  const last = when(replies[replies.length - 1].ts);
  return h("button", {
    type: "button", class: "thread-link",
    onclick: () => {
      goTo({ thread: message.ts });
      refresh();
    },
  }, icon("thread", 14), h("b", {}, replies.length === 1 ? "1 reply" : `${replies.length} replies`),
  h("span", {}, `Last: ${longDay(last)} at ${timeOf(last)}`));
}
