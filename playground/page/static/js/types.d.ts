// What the playground tells the page (`seen.py`), the parts of Block Kit that the page draws, and
// what the page itself remembers.

import type { Child } from "./preact/preact.mjs";

// --- what the playground tells ---

export interface State {
  version: number;
  clock: { offset_seconds: number };
  teams: Team[];
  me: User;
  app: App;
  conversations: Conversation[];
  messages: Record<string, Message[]>;
  home: { id: string; blocks: Block[]; typed: TypedValues } | null;
  modals: Modal[];
  notices: string[];
  breaches: Breach[];
  calls: Call[];
  segment: Segment;
  try_this: string[];
  extras: Extra[];
}

export interface Team {
  id: string;
  name: string;
  installed: boolean;
  users: User[];
}

export interface User {
  id: string;
  team_id: string;
  name: string;
  real_name: string;
  tz: string;
}

export interface App {
  name: string;
  user_id: string;
  commands: Command[];
  shortcuts: { name: string; callback_id: string }[];
  can_write: boolean;
  has_home: boolean;
}

export interface Command {
  command: string;
  description: string;
  usage_hint: string;
}

export interface Conversation {
  id: string;
  kind: "channel" | "im";
  name: string;
}

export interface Message {
  ts: string;
  author: { id: string; name: string };
  is_app: boolean;
  text: string;
  blocks: Block[];
  thread_ts: string;
  edited: boolean;
  ephemeral: boolean;
  files: { id: string; title: string; alt_text: string; url: string }[];
}

export interface Modal {
  id: string;
  callback_id: string;
  title: PlainText;
  submit?: PlainText;
  close?: PlainText;
  blocks: Block[];
  typed: TypedValues;
  errors: Record<string, string>;
  busy: boolean;
}

export interface Breach {
  at: number;
  where: string;
  error: string;
  detail: string;
}

export interface Call {
  id: number;
  direction: "from_app" | "to_app";
  name: string;
  status: number;
  error: string;
}

export interface Extra {
  id: string;
  label: string;
  hint: string;
  card: string;
  asks: string;
}

// --- Segment ---

export interface Segment {
  destination: string;
  weather: string;
  workspaces: Workspace[];
  calls: { at: string; api: string; path: string; status: number }[];
}

export interface Workspace {
  id: string;
  slug: string;
  name: string;
  plan: string;
  region: string;
  tokens: Token[];
  sources: Source[];
}

export interface Token {
  label: string;
  value: string;
  kind: string;
  role: string;
  revoked: boolean;
}

export interface Source {
  id: string;
  slug: string;
  name: string;
  enabled: boolean;
  write_keys: string[];
  per_day: number;
  destination: { state: "missing" | "disabled" | "enabled"; delivered: number };
}

// --- Block Kit ---

export interface PlainText {
  type: "plain_text";
  text: string;
  emoji?: boolean;
}

export type Text = PlainText | { type: "mrkdwn"; text: string };

export interface Option {
  text: Text;
  value: string;
  description?: Text;
  url?: string;
}

export interface OptionGroup {
  label: PlainText | null;
  options: Option[];
}

export interface Confirm {
  title: PlainText;
  text: Text;
  confirm: PlainText;
  deny: PlainText;
  style?: string;
}

/** What every block has. The rest depends on its type. */
export interface Block {
  type: string;
  block_id: string;
  dispatch_action?: boolean;
}

export interface Section extends Block {
  text?: Text;
  fields?: Text[];
  accessory?: Control | Image;
}

export interface Row extends Block {
  elements: Part[];
}

export interface Input extends Block {
  element: Control;
  label: PlainText;
  hint?: PlainText;
  optional?: boolean;
}

export interface ImageBlock extends Image, Block {
  type: "image";
  title?: PlainText;
}

export interface Alert extends Block {
  level?: string;
  text: Text;
}

export interface Table extends Block {
  rows: Cell[][];
  column_settings?: ({ align?: string } | null)[];
}

export type Cell = RichText | { type: "raw_text" | "raw_number"; text?: string; value?: number };

export interface Card extends Block {
  hero_image?: Image;
  icon?: Image;
  title?: Text;
  subtitle?: Text;
  body?: Text;
  actions?: Control[];
}

export interface Plan extends Block {
  title: PlainText;
  tasks?: Task[];
}

export interface Task {
  task_id: string;
  title: PlainText | string;
  status?: string;
  details?: RichText;
}

export interface RichText {
  type: "rich_text";
  elements: (RichPart | RichList)[];
}

/** A section, a quote or preformatted text. */
export interface RichPart {
  type: string;
  elements: RichPiece[];
}

export interface RichList {
  type: "rich_text_list";
  elements: RichPart[];
  style?: string;
  indent?: number;
  offset?: number;
}

export interface RichPiece {
  type: string;
  style?: Record<string, boolean>;
  text?: string;
  url?: string;
}

export interface Image {
  type: "image";
  image_url: string;
  alt_text?: string;
}

/** What a block can contain: a control, an image or a text. */
export interface Part {
  type: string;
  action_id?: string;
  placeholder?: PlainText;
}

/** What every interactive element has. The rest depends on its type. */
export interface Control {
  type: string;
  action_id: string;
  placeholder?: PlainText;
  confirm?: Confirm;
}

export interface Button extends Control {
  text: PlainText;
  value?: string;
  url?: string;
  style?: string;
  accessibility_label?: string;
}

export interface TextInput extends Control {
  multiline?: boolean;
  max_length?: number;
  dispatch_action_config?: { trigger_actions_on?: string[] };
}

/** Checkboxes, radio buttons and the ⋯ menu. */
export interface Choices extends Control {
  options: Option[];
}

export interface Select extends Control {
  options?: Option[];
  option_groups?: OptionGroup[];
  min_query_length?: number;
  max_selected_items?: number;
}

/** A control's value in the form of Slack's view state: `{type, value | selected_option | …}`. */
export type Typed = { type: string } & Record<string, unknown>;

/** By block id and action id. */
export type TypedValues = Record<string, Record<string, Typed>>;

// --- what the page remembers ---

export interface Store {
  state: State;
  /** The id of the person whom the page acts as. */
  me: string;
  /** Where each person is. */
  where: Record<string, Place>;
  /** What was typed or chosen, by "view|block|action". */
  drafts: Map<string, Typed>;
  /** Unsent drafts, by "person|conversation|thread". */
  composer: Map<string, string>;
  /** The key of the control that waits for the app, by scope. */
  pending: Map<string, string>;
  popup: Popup | null;
  confirm: Question | null;
  toasts: Toast[];
  /** The newest message that the person has seen, by "person|conversation". */
  read: Record<string, string>;
  panelOpen: boolean;
  sidebarOpen: boolean;
  openCards: Map<string, boolean>;
  connected: boolean;
  /** What is read out to people who do not see the page. The newest comes last. */
  announcements: { id: number; text: string }[];
}

/** Where blocks are shown: a message, a modal or the Home. `target` tells the server which one. */
export interface Surface {
  id: string;
  target: Record<string, string>;
  typed: TypedValues;
  errors?: Record<string, string>;
  busy?: boolean;
  submit?: (() => unknown) | null;
}

export interface Place {
  conversation: string | null;
  tab: "messages" | "home";
  thread: string | null;
}

/** The only open list: its control, the active row, and the search text. */
export interface Popup {
  id: string;
  index: number;
  query: string;
  groups?: OptionGroup[];
  message?: string;
  loading?: boolean;
}

/** A question to confirm before an act. Afterwards the focus returns to `returnTo`. */
export interface Question {
  confirm: Confirm;
  proceed: () => unknown;
  returnTo?: string;
}

export interface Toast {
  id: number;
  text: string;
  kind: "info" | "warning";
}

/** A control's accessible name, as attributes of its element. */
export type Label = Record<string, string | undefined>;

export type DrawBlock<Kind> = (block: Kind, surface: Surface) => Child;
export type DrawControl<Kind> = (element: Kind, block: Block, surface: Surface, label?: Label) => Child;
