// @ts-check
// Lists and menus that float above everything, one at a time, in the browser's top layer.

import { refresh, refreshNow, store } from "../store.js";

/** @import { Popup } from "../types" */

const GAP = 4;
const EDGE = 8;

/**
 * This list's state while it is the open one.
 * @param {string} id
 */
export function popupOf(id) {
  return store.popup?.id === id ? store.popup : null;
}

/** @param {string} id */
export function isOpen(id) {
  return popupOf(id) !== null;
}

/** @param {string} id @param {Partial<Popup>} extra */
export function openPopup(id, extra = {}) {
  store.popup = { id, index: -1, query: "", ...extra };
  refreshNow();
}

export function closePopup() {
  if (!store.popup) return;
  store.popup = null;
  refreshNow();
}

/**
 * For `drawn`: places the element below (or above) the element with id `anchorId`.
 * @param {string} anchorId
 * @returns {(element: HTMLElement, isNew: boolean) => void}
 */
export function floating(anchorId, { wide = false } = {}) {
  return (element, isNew) => {
    if (isNew) element.showPopover();
    const anchor = document.getElementById(anchorId);
    if (anchor) placeBy(element, anchor.getBoundingClientRect(), wide);
    element.querySelector("[data-active=true]")?.scrollIntoView({ block: "nearest" });
  };
}

/** @param {HTMLElement} element @param {DOMRect} anchor @param {boolean} wide */
function placeBy(element, anchor, wide) {
  const style = element.style;
  if (wide) style.width = `${anchor.width}px`;
  const size = element.getBoundingClientRect();
  const below = window.innerHeight - anchor.bottom - EDGE;
  const up = below < Math.min(size.height, 220) && anchor.top > below;
  const left = Math.min(anchor.left, window.innerWidth - size.width - EDGE);
  style.left = `${Math.max(EDGE, left)}px`;
  style.maxHeight = `${Math.min(320, (up ? anchor.top : below) - GAP)}px`;
  style.top = up ? "auto" : `${anchor.bottom + GAP}px`;
  style.bottom = up ? `${window.innerHeight - anchor.top + GAP}px` : "auto";
}

/** Closes the open list on a click elsewhere, and keeps it in place during scrolling. */
export function watchOutside() {
  document.addEventListener("pointerdown", (event) => {
    const inside = event.target instanceof Element && event.target.closest(`[data-popup="${store.popup?.id}"]`);
    if (store.popup && !inside) closePopup();
  });
  document.addEventListener("scroll", () => store.popup && refresh(), true);
  window.addEventListener("resize", () => refresh());
}
