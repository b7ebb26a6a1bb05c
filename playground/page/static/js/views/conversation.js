// @ts-check
import { h } from "../preact/preact.mjs";
import { drawn } from "../drawn.js";
import { icon } from "../icons.js";
import { blocks } from "../blocks/blocks.js";
import { goTo, markRead, place, refresh, store } from "../store.js";
import { act } from "../server.js";
import { dayKey, longDay } from "../text/dates.js";
import { composer, startWriting } from "./composer.js";
import { messageView, when } from "./message.js";
import { openConversation } from "./sidebar.js";

/** @import { Conversation, Message, Place } from "../types" */

const GROUP_SECONDS = 300;

export function conversation() {
  const here = place();
  const one = store.state.conversations.find((each) => each.id === here.conversation);
  if (!one) return h("main", { class: "conversation empty" }, "No conversations yet.");
  const isApp = one.kind === "im";
  const onHome = isApp && here.tab === "home";
  if (!onHome) markRead(one.id, store.state.messages[one.id].at(-1)?.ts);
  return h(
    "main",
    { class: "conversation", "aria-label": isApp ? store.state.app.name : one.name },
    top(one, isApp, here),
    h("div", { class: `columns${here.thread ? " with-thread" : ""}` },
      onHome ? home(one) : h("div", { class: "column" }, messageList(one), writing(one, isApp)),
      here.thread && !onHome ? thread(one, here.thread) : null),
  );
}

/** @param {Conversation} one @param {boolean} isApp @param {Place} here */
function top(one, isApp, here) {
  const name = isApp ? store.state.app.name : one.name;
  return h(
    "header",
    { class: "conversation-top" },
    h("button", {
      type: "button", class: "icon-btn only-small", "aria-label": "Conversations",
      onclick: () => {
        store.sidebarOpen = !store.sidebarOpen;
        refresh();
      },
    }, icon("panel", 18)),
    h("h1", {}, isApp ? h("span", { class: "app-mark big" }, icon("bolt", 14)) : icon("hash", 18), name),
    isApp && store.state.app.has_home ? tabs(one, here) : null,
  );
}

/** @param {Conversation} one @param {Place} here */
function tabs(one, here) {
  const tab = (/** @type {Place["tab"]} */ id, /** @type {string} */ label) => h("button", {
    type: "button", role: "tab", class: "tab", "aria-selected": String(here.tab === id),
    tabindex: here.tab === id ? "0" : "-1", id: `tab-${id}`,
    onclick: () => openConversation(one.id, id),
    onkeydown: (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      const next = id === "home" ? "messages" : "home";
      openConversation(one.id, next);
      document.getElementById(`tab-${next}`)?.focus();
    },
  }, label);
  return h("div", { class: "tabs", role: "tablist", "aria-label": "App" }, tab("home", "Home"), tab("messages", "Messages"));
}

/** @param {Conversation} one */
function home(one) {
  const view = store.state.home;
  const ctx = { id: "home", target: { view_id: view?.id ?? "home" }, typed: view?.typed ?? {} };
  const props = {
    class: "home scroll", role: "tabpanel", "aria-labelledby": "tab-home", key: `home-${one.id}`,
    ref: drawn((_element, isNew) => isNew && tellOpened("home")),
  };
  return h("div", props,
    h("div", { class: "home-inner" }, view
      ? blocks(view.blocks, ctx)
      : h("p", { class: "quiet" }, "The app has not published a Home yet.")));
}

/**
 * Slack tells the app each time somebody opens a tab of it.
 * @param {Place["tab"]} tab
 */
function tellOpened(tab) {
  if (store.state.app.has_home) act("open_home", { tab });
}

/** @param {Conversation} one @param {boolean} isApp */
function writing(one, isApp) {
  if (!isApp || store.state.app.can_write) return composer(one);
  return h("p", { class: "quiet no-writing" }, "Sending messages to this app has been turned off.");
}

/** @param {Conversation} one */
function messageList(one) {
  const all = store.state.messages[one.id];
  const roots = all.filter((each) => !each.thread_ts || each.thread_ts === each.ts);
  const replies = new Map();
  for (const each of all) {
    if (!each.thread_ts || each.thread_ts === each.ts) continue;
    replies.set(each.thread_ts, [...(replies.get(each.thread_ts) ?? []), each]);
  }
  return h(
    "div",
    {
      class: "scroll messages", key: `messages-${one.id}`, tabindex: "0",
      "aria-label": "Messages", role: "region",
      ref: drawn((element, isNew) => {
        stickToEnd(element, isNew);
        if (isNew && one.kind === "im") tellOpened("messages");
      }),
    },
    h("ol", { class: "message-list" }, roots.length ? rows(roots, replies, one) : emptyNote(one)),
  );
}

/** @param {Message[]} roots @param {Map<string, Message[]>} replies @param {Conversation} one */
function rows(roots, replies, one) {
  return roots.flatMap((each, index) => {
    const before = roots[index - 1];
    const newDay = !before || dayKey(when(before.ts)) !== dayKey(when(each.ts));
    const follows = !newDay && continues(before, each);
    const message = messageView(each, one.id, { replies: replies.get(each.ts) ?? [], follows });
    return newDay ? [day(each.ts), message] : [message];
  });
}

/** @param {string} ts */
function day(ts) {
  return h("li", { class: "day", key: `day-${ts}` }, h("span", {}, longDay(when(ts))));
}

/** @param {Message} before @param {Message} each */
function continues(before, each) {
  return before.author.id === each.author.id && !before.ephemeral && !each.ephemeral
    && Number(each.ts) - Number(before.ts) < GROUP_SECONDS;
}

/** @param {Conversation} one */
function emptyNote(one) {
  const { commands } = store.state.app;
  const name = one.kind === "channel" ? `#${one.name}` : store.state.app.name;
  return h("li", { class: "quiet first", key: "first" },
    h("span", { class: "first-mark" }, one.kind === "channel" ? icon("hash", 26) : icon("bolt", 26)),
    h("b", {}, `This is the beginning of ${name}.`),
    commands.length ? "Commands of the app work here:" : "Install the app in the control panel to begin.",
    h("div", { class: "first-commands" }, commands.map((each) => h("button", {
      type: "button", class: "btn small", key: each.command, title: each.description,
      onclick: () => startWriting(one, `${each.command} `),
    }, each.command))));
}

const atEnd = new WeakMap();

/**
 * Keeps the newest message in view, unless the person has scrolled up to read.
 * @param {Element} element
 * @param {boolean} isNew
 */
function stickToEnd(element, isNew) {
  if (isNew) {
    element.addEventListener("scroll", () => {
      atEnd.set(element, element.scrollHeight - element.scrollTop - element.clientHeight < 40);
    });
  }
  if (atEnd.get(element) ?? true) element.scrollTop = element.scrollHeight;
}

/** @param {Conversation} one @param {string} ts */
function thread(one, ts) {
  const all = store.state.messages[one.id];
  const root = all.find((each) => each.ts === ts);
  const replies = all.filter((each) => each.thread_ts === ts && each.ts !== ts);
  const close = () => {
    goTo({ thread: null });
    refresh();
  };
  return h(
    "aside",
    {
      class: "thread", "aria-label": "Thread", key: `thread-${ts}`,
      onkeydown: (event) => event.key === "Escape" && close(),
    },
    h("header", {}, h("h2", {}, "Thread"),
      h("button", { type: "button", class: "icon-btn", "aria-label": "Close thread", onclick: close }, icon("close", 16))),
    h("div", { class: "scroll", ref: drawn(stickToEnd), tabindex: "0", role: "region", "aria-label": "Thread messages" },
      h("ol", { class: "message-list" },
        root ? messageView(root, one.id, { inThread: true }) : null,
        h("li", { class: "thread-count", key: "count" }, replies.length === 1 ? "1 reply" : `${replies.length} replies`),
        replies.map((each) => messageView(each, one.id, { inThread: true })))),
    composer(one, ts),
  );
}
