// @ts-check
// Block Kit blocks.

import { h } from "../preact/preact.mjs";
import { icon } from "../icons.js";
import { plain, text, textInline } from "../text/plain.js";
import { richText } from "../text/richtext.js";
import { mrkdwn } from "../text/mrkdwn.js";
import { element, image, isGroup } from "./elements.js";
import { domId } from "./values.js";

/** @import { Alert, Block, Card, Cell, Control, DrawBlock, Image, ImageBlock, Input } from "../types" */
/** @import { Label, Plan, Row, Section, Surface, Table, Task } from "../types" */

/** @type {Record<string, "info" | "check" | "warning">} */
const ALERT_ICONS = { info: "info", success: "check", warning: "warning", error: "warning" };

/**
 * By type. The playground has checked that each block has what Slack documents for its type.
 * @type {Record<string, DrawBlock<any>>}
 */
const BLOCKS = {
  section, context, actions, input, table, card, carousel, alert, plan,
  header: (block) => h("h3", { class: "block-header" }, plain(block.text)),
  divider: () => h("hr", { class: "divider" }),
  image: imageBlock,
  rich_text: (block) => richText(block),
  task_card: (block) => task(block),
  markdown: (block) => h("div", { class: "text plain" }, block.text),
};

/**
 * All blocks of one surface. `ctx` says which one.
 * @param {Block[]} list
 * @param {Surface} ctx
 */
export function blocks(list, ctx) {
  return list.map((block, index) => {
    const render = BLOCKS[block.type] ?? unknown;
    const key = block.block_id ?? `at-${index}`;
    return h("div", { class: `block block-${block.type}`, key, "data-block": block.block_id }, render(block, ctx));
  });
}

/** @param {Block & { elements: Card[] }} block @param {Surface} ctx */
function carousel(block, ctx) {
  return h("div", { class: "carousel" }, block.elements.map((one) => card(one, ctx)));
}

/** @param {Block} block */
function unknown(block) {
  return h("div", { class: "unknown" }, icon("warning", 14), ` Not shown here: ${block.type}`);
}

/** @type {DrawBlock<Section>} */
function section(block, ctx) {
  const fields = block.fields?.map((field) => h("div", { class: "section-field" }, text(field)));
  const labelId = domId("label", ctx.id, block.block_id);
  const label = block.text ? { "aria-labelledby": labelId } : undefined;
  const accessory = block.accessory;
  const named = accessory && accessory.type !== "button" && accessory.type !== "overflow" ? label : undefined;
  const stacked = accessory && isGroup(accessory);
  return h(
    "div",
    { class: stacked ? "section stacked" : "section" },
    h("div", { class: "section-main" },
      block.text ? h("div", { id: labelId }, text(block.text)) : null,
      fields ? h("div", { class: "section-fields" }, fields) : null),
    accessory ? h("div", { class: "accessory" }, accessoryOf(accessory, block, ctx, named)) : null,
  );
}

/**
 * @param {Control | Image} accessory
 * @param {Block} block
 * @param {Surface} ctx
 * @param {Label} [named]
 */
function accessoryOf(accessory, block, ctx, named) {
  return "image_url" in accessory ? image(accessory, "accessory-image") : element(accessory, block, ctx, named);
}

/** @type {DrawBlock<Row>} */
function context(block, ctx) {
  return h("div", { class: "context" }, block.elements.map((one) => element(one, block, ctx)));
}

/** @type {DrawBlock<Row>} */
function actions(block, ctx) {
  return h("div", { class: "actions" }, block.elements.map((one) => element(one, block, ctx)));
}

/** @type {DrawBlock<Input>} */
function input(block, ctx) {
  const one = block.element;
  const base = domId("el", ctx.id, block.block_id, one.action_id);
  const error = ctx.errors?.[block.block_id];
  const described = [block.hint ? `${base}-hint` : "", error ? `${base}-error` : ""].join(" ").trim();
  const names = {
    "aria-describedby": described || undefined,
    "aria-invalid": error ? "true" : undefined,
    ...(isGroup(one) ? { "aria-labelledby": `${base}-label` } : {}),
  };
  const words = [plain(block.label), block.optional ? h("span", { class: "optional" }, " (optional)") : null];
  const label = { id: `${base}-label`, class: "input-label" };
  return h(
    "div",
    { class: error ? "input with-error" : "input" },
    isGroup(one) ? h("div", label, words) : h("label", { ...label, for: base }, words),
    element(one, block, ctx, names),
    error ? h("div", { class: "field-error", id: `${base}-error` }, icon("warning", 15), h("span", {}, error)) : null,
    block.hint ? h("div", { class: "hint", id: `${base}-hint` }, plain(block.hint)) : null,
  );
}

/** @param {ImageBlock} block */
function imageBlock(block) {
  return h("figure", { class: "image-block" },
    block.title ? h("figcaption", {}, plain(block.title)) : null,
    image(block, "big-image"));
}

/** @param {Alert} block */
function alert(block) {
  const level = block.level ?? "default";
  return h("div", { class: `alert ${level}`, role: level === "error" ? "alert" : "status" },
    icon(ALERT_ICONS[level] ?? "info", 18), text(block.text));
}

/** @param {Table} block */
function table(block) {
  const [head, ...rows] = block.rows;
  const align = (/** @type {number} */ index) => `align-${block.column_settings?.[index]?.align ?? "left"}`;
  const cells = (/** @type {Cell[]} */ row, /** @type {"th" | "td"} */ tag) => row.map((cell, index) =>
    h(tag, { class: align(index), scope: tag === "th" ? "col" : undefined }, cellText(cell)));
  return h("div", { class: "table-wrap", tabindex: "0" }, h("table", { class: "block-table" },
    head ? h("thead", {}, h("tr", {}, cells(head, "th"))) : null,
    h("tbody", {}, rows.map((row) => h("tr", {}, cells(row, "td"))))));
}

/** @param {Cell} cell */
function cellText(cell) {
  return cell.type === "rich_text" ? richText(cell) : String(cell.text ?? cell.value ?? "");
}

/** @type {DrawBlock<Card>} */
function card(block, ctx) {
  return h("article", { class: "card" },
    block.hero_image ? image(block.hero_image, "card-hero") : null,
    h("div", { class: "card-main" },
      h("div", { class: "card-head" },
        block.icon ? image(block.icon, "card-icon") : null,
        h("div", {},
          block.title ? h("div", { class: "card-title" }, textInline(block.title)) : null,
          block.subtitle ? h("div", { class: "card-subtitle" }, textInline(block.subtitle)) : null)),
      block.body ? h("div", { class: "card-body" }, mrkdwn(block.body.text)) : null,
      block.actions?.length ? h("div", { class: "actions" }, block.actions.map((one) => element(one, block, ctx))) : null));
}

/** @type {Record<string, string>} */
const TASK_WORDS = { pending: "Waiting", in_progress: "Now", complete: "Done", error: "Failed" };

/** @param {Plan} block */
function plan(block) {
  return h("div", { class: "plan" }, h("div", { class: "card-title" }, plain(block.title)), (block.tasks ?? []).map(task));
}

/** @param {Task} one */
function task(one) {
  const state = one.status ?? "pending";
  return h("div", { class: `task ${state}`, key: one.task_id },
    state === "in_progress" ? h("span", { class: "spinner", "aria-hidden": "true" }) : h("span", { class: "task-dot" }),
    h("span", { class: "task-state" }, TASK_WORDS[state] ?? state),
    h("div", {}, plain(one.title), one.details ? richText(one.details) : null));
}
