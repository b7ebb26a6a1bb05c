// Everything the page knows: what the server says (`state`) and what only this browser knows
// (which conversation is open, drafts, the open list). One `refresh()` redraws from it.

const HOME_KEY = "playground.person";
const READ_KEY = "playground.read";
const PLACE_KEY = "playground.place";
const ANNOUNCEMENTS_KEPT = 20;

export const store = {
  state: null,
  me: localStorage.getItem(HOME_KEY),
  where: JSON.parse(sessionStorage.getItem(PLACE_KEY) ?? "{}"), // person -> {conversation, tab, thread}
  drafts: new Map(), // "view|block|action" -> a value as Slack's own state writes it
  composer: new Map(), // "person|conversation" -> text
  pending: new Map(), // scope -> key of the control that is waiting for the app
  popup: null, // the one open list or menu
  confirm: null, // the one open confirmation
  toasts: [],
  read: JSON.parse(localStorage.getItem(READ_KEY) ?? "{}"),
  panelOpen: window.innerWidth > 900,
  sidebarOpen: false,
  openCards: new Map(),
  connected: true,
  announcements: [], // what is read out to people who do not see the page; the newest last
};

let draw = () => {};
let scheduled = false;
let drawing = false;

export function onRefresh(callback) {
  draw = callback;
}

/** Redraws once, in the next frame, however often it is asked. */
export function refresh() {
  if (scheduled) return;
  scheduled = true;
  // A hidden tab gets no animation frames; a timer keeps it up to date as well.
  const run = () => scheduled && refreshNow();
  if (document.hidden) setTimeout(run, 50);
  else requestAnimationFrame(run);
}

/** Redraws before anything else happens: the next key must meet what it was meant for. */
export function refreshNow() {
  // Removing the element in focus tells its `onblur` in the middle of a drawing.
  if (drawing) return refresh();
  scheduled = false;
  drawing = true;
  try {
    draw();
  } finally {
    drawing = false;
  }
}

export function setPerson(id) {
  store.me = id;
  store.popup = null;
  localStorage.setItem(HOME_KEY, id);
}

/** Where this person is in the client: conversation, tab of the app and open thread. */
export function place() {
  const first = store.state?.conversations?.[0]?.id ?? null;
  const known = (store.where[store.me] ??= { conversation: first, tab: "messages", thread: null });
  const exists = store.state?.conversations?.some((one) => one.id === known.conversation);
  if (!exists) known.conversation = first;
  return known;
}

export function goTo(change) {
  Object.assign(place(), change);
  sessionStorage.setItem(PLACE_KEY, JSON.stringify(store.where));
}

export function markRead(conversation, ts) {
  const key = `${store.me}|${conversation}`;
  if (!ts || store.read[key] >= ts) return;
  store.read[key] = ts;
  localStorage.setItem(READ_KEY, JSON.stringify(store.read));
}

export function unread(conversation) {
  const seen = store.read[`${store.me}|${conversation}`] ?? "";
  const messages = store.state.messages[conversation] ?? [];
  return messages.filter((one) => one.ts > seen && one.author?.id !== store.me).length;
}

let lastId = 0;

function newId() {
  lastId += 1;
  return lastId;
}

export function toast(text, kind = "info") {
  const id = newId();
  store.toasts = [...store.toasts.slice(-3), { id, text, kind }];
  setTimeout(() => dismiss(id), kind === "info" ? 4000 : 9000);
  refresh();
}

export function dismiss(id) {
  store.toasts = store.toasts.filter((one) => one.id !== id);
  refresh();
}

/** Has each of the texts read out, even one that was read out before. */
export function announce(texts) {
  const added = texts.map((text) => ({ id: newId(), text }));
  store.announcements = [...store.announcements.slice(-ANNOUNCEMENTS_KEPT), ...added];
}
