// @ts-check
// Talks to the playground: reads the state, acts as a person, hears about changes.

import { announce, refresh, setPerson, store, toast } from "./store.js";

/** @import { Block, Control, State, Surface, Typed, TypedValues } from "./types" */

const API = "/playground/api";
const TIMEOUT_MS = 30_000;
/** @type {Promise<void> | null} */
let reading = null;
let readAgain = false;
/** @type {{ person: string, list: string[] } | null} */
let noticesSeen = null;

/** Reads the state. Calls during a read share one more read. */
export async function readState() {
  if (reading) {
    readAgain = true;
    return reading;
  }
  reading = fetchState().finally(() => {
    reading = null;
    if (readAgain) {
      readAgain = false;
      readState();
    }
  });
  return reading;
}

async function fetchState() {
  const person = store.me;
  const query = person ? `?user=${encodeURIComponent(person)}` : "";
  const answer = await fetch(`${API}/state${query}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (answer.status === 404 && person) {
    setPerson("");
    readAgain = true;
    return;
  }
  if (!answer.ok) throw new Error(`the playground answered ${answer.status}`);
  const state = await answer.json();
  if (person !== store.me) return;
  takeState(state);
}

/** @param {State} state */
function takeState(state) {
  const before = store.state;
  store.state = state;
  if (store.me !== state.me.id) setPerson(state.me.id);
  forgetDrafts(state);
  if (before?.me.id === state.me.id) announceNew(before, state);
  showNotices(state);
  refresh();
}

/**
 * Forgets drafts of blocks that have gone, and those that the server knows by now. What it says of
 * them from then on is newer: the same person may have another page open.
 * @param {State} state
 */
function forgetDrafts(state) {
  const { blocks = [], typed = {} } = state.home ?? {};
  /** @type {Map<string, TypedValues[string]>} */
  const alive = new Map();
  for (const view of [...state.modals, { id: "home", blocks, typed }]) {
    for (const block of view.blocks) {
      alive.set(`${view.id}|${block.block_id}`, view.typed[block.block_id] ?? {});
    }
  }
  for (const [key, draft] of store.drafts) {
    const [view, block, action] = key.split("|");
    if (view.startsWith("message:")) continue;
    const known = alive.get(`${view}|${block}`);
    const isKnown = JSON.stringify(known?.[action]) === JSON.stringify(draft);
    if (!known || (isKnown && !unsent.has(key))) store.drafts.delete(key);
  }
}

/**
 * A message is new if it is later than all earlier ones. Joining a channel brings old messages.
 * @param {State} before
 * @param {State} state
 */
function announceNew(before, state) {
  const last = Object.values(before.messages).flat().reduce((newest, one) => (one.ts > newest ? one.ts : newest), "");
  const fresh = Object.values(state.messages).flat().filter((one) => one.ts > last && one.author.id !== state.me.id);
  announce(fresh.map((one) => `${one.author.name}: ${one.text}`));
}

/** @param {State} state */
function showNotices(state) {
  const seen = noticesSeen?.person === state.me.id ? noticesSeen.list : state.notices;
  for (const notice of added(seen, state.notices)) toast(noticeText(notice, state), "warning");
  noticesSeen = { person: state.me.id, list: state.notices };
}

/**
 * What was added to the end of a list. Its beginning may have been dropped.
 * @param {string[]} before
 * @param {string[]} now
 */
function added(before, now) {
  for (let kept = Math.min(before.length, now.length); kept > 0; kept -= 1) {
    const tail = before.slice(before.length - kept);
    if (tail.every((one, index) => one === now[index])) return now.slice(kept);
  }
  return now;
}

/** @type {Record<string, (app: string) => string>} */
const NOTICES = {
  operation_timeout: (app) => `${app} did not respond in time. Try again. (operation_timeout)`,
  dispatch_failed: (app) => `${app} could not be reached. (dispatch_failed)`,
  http_service_error: (app) => `${app} answered with an error. (http_service_error)`,
  http_client_error: (app) => `${app} refused the request. (http_client_error)`,
  modal_response_refused: (app) => `${app} sent something that cannot be shown. Try again.`,
};

/** @param {string} notice @param {State} state */
function noticeText(notice, state) {
  return NOTICES[notice]?.(state.app.name) ?? notice;
}

/**
 * Does something as the current person. Returns the server's answer, or null after a failure.
 * @param {string} type
 * @param {Record<string, unknown>} details
 */
export async function act(type, details = {}) {
  try {
    const answer = await fetch(`${API}/act`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ user: store.me, type, ...details }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const result = await answer.json();
    if (!result.ok) toast(result.error ?? "That did not work.", "warning");
    return result.ok ? result : null;
  } catch (error) {
    toast(`The playground cannot be reached: ${error instanceof Error ? error.message : error}`, "warning");
    return null;
  } finally {
    await readState().catch(() => {});
  }
}

/**
 * Like `act`, but shows `key` as busy and blocks the rest of `scope` until it is done.
 * @param {string} scope
 * @param {string} key
 * @param {string} type
 * @param {Record<string, unknown>} details
 */
export async function actBusy(scope, key, type, details) {
  if (store.pending.has(scope)) return null;
  store.pending.set(scope, key);
  refresh();
  try {
    await flushDrafts();
    return await act(type, details);
  } finally {
    store.pending.delete(scope);
    refresh();
  }
}

/** @type {Map<string, Record<string, unknown>>} */
const unsent = new Map();
/** @type {Promise<unknown>} */
let sending = Promise.resolve();
let sendTimer = 0;

/**
 * Remembers what was typed at once, and tells the server a moment later.
 * @param {Surface} ctx
 * @param {Block} block
 * @param {Control} element
 * @param {Typed} value
 */
export function fill(ctx, block, element, value) {
  store.drafts.set(`${ctx.id}|${block.block_id}|${element.action_id}`, value);
  refresh();
  unsent.set(`${ctx.id}|${block.block_id}|${element.action_id}`, {
    ...ctx.target, block_id: block.block_id, action_id: element.action_id, value,
  });
  clearTimeout(sendTimer);
  sendTimer = window.setTimeout(flushDrafts, 300);
}

/** Sends what was typed and not sent yet. */
export function flushDrafts() {
  clearTimeout(sendTimer);
  const batch = [...unsent.values()];
  unsent.clear();
  for (const one of batch) sending = sending.then(() => act("fill", one));
  return sending;
}

/** Listens for changes until the person leaves the page. The browser reconnects by itself. */
export function listen() {
  const stream = new EventSource(`${API}/stream`);
  stream.onmessage = (event) => {
    if (JSON.parse(event.data).version !== store.state?.version) readState().catch(() => {});
  };
  stream.onopen = () => setConnected(true);
  stream.onerror = () => setConnected(false);
}

/** @param {boolean} connected */
function setConnected(connected) {
  const cameBack = connected && !store.connected;
  store.connected = connected;
  if (cameBack) readState().catch(() => {});
  refresh();
}
