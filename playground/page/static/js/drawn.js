// @ts-check

/** @type {WeakSet<Element>} */
const seen = new WeakSet();

/**
 * A `ref` that calls `then(element, isNew)` after each drawing, once the whole page is in place.
 * @template {Element} Kind
 * @param {(element: Kind, isNew: boolean) => unknown} then
 * @returns {(element: Kind | null) => void}
 */
export function drawn(then) {
  return (element) => {
    if (!element) return;
    const isNew = !seen.has(element);
    seen.add(element);
    then(element, isNew);
  };
}
