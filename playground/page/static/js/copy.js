// @ts-check
import { h } from "./preact/preact.mjs";
import { icon } from "./icons.js";
import { refresh, toast } from "./store.js";

/** @type {Set<string>} */
const justCopied = new Set();
const SHOWN_MS = 1600;

/**
 * A small button that copies `value`. Screen readers say `label`; `word` is next to the icon.
 * @param {string} value
 * @param {string} label
 */
export function copyButton(value, label, word = "") {
  const done = justCopied.has(`${label}|${value}`);
  const props = {
    type: "button", class: word ? "copy copy-word" : "copy", title: done ? "Copied" : label, "aria-label": label,
    onclick: () => copy(value, label),
  };
  return h("button", props, icon(done ? "check" : "copy", 14), word);
}

/** @param {string} value @param {string} label */
async function copy(value, label) {
  try {
    await navigator.clipboard.writeText(value);
  } catch {
    // Without permission for the clipboard, the older command still works after a click.
    copyBySelection(value);
  }
  const key = `${label}|${value}`;
  justCopied.add(key);
  setTimeout(() => {
    justCopied.delete(key);
    refresh();
  }, SHOWN_MS);
  toast("Copied");
}

/** @param {string} value */
function copyBySelection(value) {
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  const area = document.createElement("textarea");
  area.value = value;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  before?.focus();
}
