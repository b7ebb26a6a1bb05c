// @ts-check
import { h } from "./preact/preact.mjs";

const PATHS = {
  hash: "M9 4 7 20M17 4l-2 16M4.5 9h16M3.5 15h16",
  chevron: "m9 6 6 6-6 6",
  down: "m6 9 6 6 6-6",
  close: "M6 6l12 12M18 6 6 18",
  plus: "M12 5v14M5 12h14",
  send: "M4 12 20 4l-4 16-4.5-6.5L4 12Zm7.5 1.5L20 4",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  check: "m5 12.5 4.5 4.5L19 7.5",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5l3.5 2",
  shield: "M12 3l7.5 3v5.5c0 4.5-3 8-7.5 9.5-4.5-1.5-7.5-5-7.5-9.5V6L12 3Zm-3.5 9 2.5 2.5 4.5-5",
  warning: "M12 4 2.5 20h19L12 4Zm0 6v4.5m0 2.5h.01",
  info: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-10v5.5M12 7.5h.01",
  panel: "M3.5 5h17v14h-17zM15 5v14",
  app: "M5 5h6v6H5zM13 5h6v6h-6zM5 13h6v6H5zM16 13v6M13 16h6",
  bolt: "M13 3 5 13.5h6L10 21l8.5-11h-6L13 3Z",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14Zm5-2 4.5 4.5",
  thread: "M4 5h16v11H10l-4 4v-4H4z",
};

/**
 * A line icon in the colour of the surrounding text. It is decorative, so screen readers skip it.
 * @param {keyof typeof PATHS} name
 */
export function icon(name, size = 18) {
  return h(
    "svg",
    {
      class: `icon icon-${name}`, width: size, height: size, viewBox: "0 0 24 24", fill: "none",
      stroke: "currentColor", "stroke-width": name === "more" ? 3 : 1.8, "stroke-linecap": "round",
      "stroke-linejoin": "round", "aria-hidden": "true",
    },
    h("path", { d: PATHS[name] }),
  );
}
