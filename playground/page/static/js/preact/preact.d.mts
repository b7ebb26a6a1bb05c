// Preact 11.2.0: dist/preact.mjs of its package, unchanged. Here is as much of it as the page uses.

export type Child = VNode | string | number | boolean | null | undefined | readonly Child[];

export interface VNode {
  readonly type: string;
  readonly props: Readonly<Record<string, unknown>>;
}

type Handlers<Node> = {
  [Name in keyof HTMLElementEventMap as `on${Name}`]?: (
    event: HTMLElementEventMap[Name] & { readonly currentTarget: Node },
  ) => unknown;
};

export type Props<Node> = Handlers<Node> & {
  key?: string | number;
  ref?: (element: Node | null) => void;
  [attribute: string]: unknown;
};

export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  props?: Props<HTMLElementTagNameMap[Name]>,
  ...children: Child[]
): VNode;
export function h(name: "svg" | "path", props?: Props<SVGElement>, ...children: Child[]): VNode;

export function render(what: Child, where: Element): void;
