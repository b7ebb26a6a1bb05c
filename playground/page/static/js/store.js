// @ts-check
// Everything that the page knows: what the server says (`state`), and what only this browser knows
// (the open conversation, drafts, the open list). `refresh()` redraws the page from it.

/** @import { Place, Store, Toast } from "./types" */

const HOME_KEY = "playground.person";
const READ_KEY = "playground.read";
const PLACE_KEY = "playground.place";
const ANNOUNCEMENTS_KEPT = 20;

/** @type {Store} */
export const store = {
  state: /** @type {any} */ (null), // until the first answer; nothing is drawn before
  me: localStorage.getItem(HOME_KEY) ?? "",
  where: JSON.parse(sessionStorage.getItem(PLACE_KEY) ?? "{}"),
  drafts: new Map(),
  composer: new Map(),
  pending: new Map(),
  popup: null,
  confirm: null,
  toasts: [],
  read: JSON.parse(localStorage.getItem(READ_KEY) ?? "{}"),
  panelOpen: window.innerWidth > 900,
  sidebarOpen: false,
  openCards: new Map(),
  connected: true,
  announcements: [],
};

let draw = () => {};
let scheduled = false;
let drawing = false;

/** @param {() => void} callback */
export function onRefresh(callback) {
  draw = callback;
}

/** Redraws once in the next frame, even if called more often. */
export function refresh() {
  if (scheduled) return;
  scheduled = true;
  // A hidden tab gets no animation frames, so a timer also keeps the page up to date.
  const run = () => scheduled && refreshNow();
  if (document.hidden) setTimeout(run, 50);
  else requestAnimationFrame(run);
}

/** Redraws at once, so that the next key press reaches the right element. */
export function refreshNow() {
  // Removing the focused element calls its `onblur` in the middle of a drawing.
  if (drawing) return refresh();
  scheduled = false;
  drawing = true;
  try {
    draw();
  } finally {
    drawing = false;
  }
}

/** @param {string} id */
export function setPerson(id) {
  store.me = id;
  store.popup = null;
  localStorage.setItem(HOME_KEY, id);
}

/**
 * Where this person is in the client: conversation, tab of the app, open thread.
 * @returns {Place}
 */
export function place() {
  const { conversations } = store.state;
  const first = conversations[0]?.id ?? null;
  const known = (store.where[store.me] ??= { conversation: first, tab: "messages", thread: null });
  if (!conversations.some((one) => one.id === known.conversation)) known.conversation = first;
  return known;
}

/** @param {Partial<Place>} change */
export function goTo(change) {
  Object.assign(place(), change);
  sessionStorage.setItem(PLACE_KEY, JSON.stringify(store.where));
}

/** @param {string} conversation @param {string | undefined} ts */
export function markRead(conversation, ts) {
  const key = `${store.me}|${conversation}`;
  if (!ts || (store.read[key] ?? "") >= ts) return;
  store.read[key] = ts;
  localStorage.setItem(READ_KEY, JSON.stringify(store.read));
}

/** @param {string} conversation */
export function unread(conversation) {
  const seen = store.read[`${store.me}|${conversation}`] ?? "";
  return store.state.messages[conversation].filter((one) => one.ts > seen && one.author.id !== store.me).length;
}

let lastId = 0;

function newId() {
  lastId += 1;
  return lastId;
}

/** @param {string} text @param {Toast["kind"]} kind */
export function toast(text, kind = "info") {
  const id = newId();
  store.toasts = [...store.toasts.slice(-3), { id, text, kind }];
  setTimeout(() => dismiss(id), kind === "info" ? 4000 : 9000);
  refresh();
}

/** @param {number} id */
export function dismiss(id) {
  store.toasts = store.toasts.filter((one) => one.id !== id);
  refresh();
}

/**
 * Has each text read out, even one that was read out before.
 * @param {string[]} texts
 */
export function announce(texts) {
  const added = texts.map((text) => ({ id: newId(), text }));
  store.announcements = [...store.announcements.slice(-ANNOUNCEMENTS_KEPT), ...added];
}
