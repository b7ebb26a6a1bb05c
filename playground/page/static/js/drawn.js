const seen = new WeakSet();

/** A `ref` that hears of each drawing: `then(element, isNew)`, when all of the page is in place. */
export function drawn(then) {
  return (element) => {
    if (!element) return;
    const isNew = !seen.has(element);
    seen.add(element);
    then(element, isNew);
  };
}
