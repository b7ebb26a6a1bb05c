// @ts-check
import { h } from "../preact/preact.mjs";
import { drawn } from "../drawn.js";
import { icon } from "../icons.js";
import { menu } from "../blocks/menu.js";
import { closePopup, floating, isOpen, openPopup, popupOf } from "../blocks/popup.js";
import { act } from "../server.js";
import { refresh, store, toast } from "../store.js";

/** @import { Command, Conversation, Popup } from "../types" */

/**
 * One composer as drawn. `list` describes its list of commands while that list is open.
 * @typedef {{
 *   key: string, conversation: Conversation, threadTs: string | null, id: string,
 *   value: string, matches: Command[], list: Popup | null,
 * }} Self
 */

/**
 * Where people write. A text that begins with `/` is a command of the app; threads take none.
 * @param {Conversation} conversation
 * @param {string | null} threadTs
 */
export function composer(conversation, threadTs = null) {
  const key = `${store.me}|${conversation.id}|${threadTs ?? ""}`;
  const id = threadTs ? "composer-thread" : "composer";
  const value = store.composer.get(key) ?? "";
  const matches = threadTs ? [] : matchingCommands(value);
  const list = matches.length ? popupOf(id) : null;
  const self = { key, conversation, threadTs, id, value, matches, list };
  const name = conversation.kind === "channel" ? `#${conversation.name}` : store.state.app.name;
  const label = threadTs ? "Reply in the thread" : `Message ${name}`;
  return h(
    "div",
    { class: "composer-wrap", "data-popup": id },
    h("div", { class: "composer", id: `${id}-box` }, box(self, label), tools(self)),
    list ? commandList(self, list) : null,
  );
}

/**
 * Puts the beginning of a text into the composer, and the caret after it.
 * @param {Conversation} conversation
 * @param {string} text
 */
export function startWriting(conversation, text) {
  store.composer.set(`${store.me}|${conversation.id}|`, text);
  refresh();
  document.getElementById("composer")?.focus();
}

/** @param {string} value */
function matchingCommands(value) {
  if (!value.startsWith("/") || value.includes(" ")) return [];
  return store.state.app.commands.filter((one) => one.command.startsWith(value));
}

/** @param {Self} self @param {string} label */
function box(self, label) {
  return h("textarea", {
    id: self.id, key: `box-${self.key}`, class: "composer-box", rows: 1, value: self.value,
    placeholder: label, "aria-label": label, autocomplete: "off", spellcheck: true,
    role: "combobox", "aria-expanded": String(Boolean(self.list)), "aria-autocomplete": "list",
    "aria-controls": self.list ? `${self.id}-list` : undefined,
    "aria-activedescendant": self.list ? `${self.id}-${self.list.index}` : undefined,
    ref: drawn(fitHeight),
    oninput: (event) => typed(self, event.currentTarget.value),
    onkeydown: (event) => onKey(self, event),
    onblur: () => isOpen(self.id) && closePopup(),
  });
}

/** @param {HTMLElement} element */
function fitHeight(element) {
  element.style.height = "auto";
  element.style.height = `${Math.min(element.scrollHeight, 160)}px`;
}

/** @param {Self} self @param {string} value */
function typed(self, value) {
  store.composer.set(self.key, value);
  if (!self.threadTs && matchingCommands(value).length) openPopup(self.id, { index: 0 });
  else if (isOpen(self.id)) closePopup();
  refresh();
}

/** @param {Self} self */
function tools(self) {
  const { shortcuts, name } = store.state.app;
  const items = shortcuts.map((one) => ({
    label: one.name, note: name, run: () => act("shortcut", { callback_id: one.callback_id }),
  }));
  const empty = !self.value.trim();
  return h(
    "div",
    { class: "composer-tools" },
    items.length && !self.threadTs
      ? menu("shortcuts", { class: "icon-btn round", "aria-label": "Shortcuts", title: "Shortcuts" }, icon("plus", 18), items)
      : null,
    h("span", { class: "composer-tip" }, self.threadTs ? "" : "Enter sends"),
    h("button", {
      type: "button", class: `send${empty ? "" : " ready"}`, "aria-label": "Send", "aria-disabled": empty ? "true" : undefined,
      onclick: () => send(self),
    }, icon("send", 16)),
  );
}

/** @param {Self} self @param {Popup} list */
function commandList(self, list) {
  return h(
    "div",
    {
      class: "listbox commands", role: "listbox", id: `${self.id}-list`, popover: "manual",
      "aria-label": "Commands", ref: drawn(floating(`${self.id}-box`, { wide: true })),
      onpointerdown: (event) => event.preventDefault(), onmousedown: (event) => event.preventDefault(),
    },
    self.matches.map((one, index) => h("div", {
      id: `${self.id}-${index}`, class: "option", role: "option", key: one.command,
      "aria-selected": String(index === list.index), "data-active": String(index === list.index),
      onclick: () => complete(self, one),
    },
    h("span", { class: "app-mark big" }, icon("bolt", 14)),
    h("span", { class: "option-text" },
      h("span", {}, h("b", {}, one.command), " ", h("span", { class: "usage" }, one.usage_hint ?? "")),
      h("span", { class: "option-note" }, one.description ?? "")),
    h("span", { class: "option-note" }, store.state.app.name))),
  );
}

/** @param {Self} self @param {Command} command */
function complete(self, command) {
  store.composer.set(self.key, `${command.command} `);
  closePopup();
  refresh();
  document.getElementById(self.id)?.focus();
}

/** @param {Self} self @param {KeyboardEvent} event */
function onKey(self, event) {
  if (event.isComposing) return;
  const { list, matches } = self;
  const chosen = list ? matches[list.index] : null;
  if (list && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    list.index = (list.index + step + matches.length) % matches.length;
    refresh();
  } else if (chosen && (event.key === "Tab" || (event.key === "Enter" && self.value !== chosen.command))) {
    event.preventDefault();
    complete(self, chosen);
  } else if (event.key === "Escape" && list) {
    event.stopPropagation();
    closePopup();
  } else if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    send(self);
  }
}

/** @param {Self} self */
async function send(self) {
  const text = (store.composer.get(self.key) ?? "").trim();
  if (!text) return;
  if (self.threadTs && text.startsWith("/")) {
    toast(`Slack takes no commands in threads: ${text.split(" ")[0]}`, "warning");
    return;
  }
  store.composer.set(self.key, "");
  closePopup();
  refresh();
  const channel = self.conversation.id;
  const done = text.startsWith("/")
    ? await act("slash_command", { line: text, channel })
    : await act("say", { channel, text, thread_ts: self.threadTs });
  if (!done && !store.composer.get(self.key)) store.composer.set(self.key, text);
  refresh();
}
