// A small keyed virtual DOM. Rendering is a pure function of the store; only what differs is
// touched, so focus, caret and half-typed text survive every live update. Text always becomes a
// text node: nothing that comes from an app or a person is ever parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "path", "circle", "rect", "g"]);
const AS_PROPERTY = new Set(["value", "checked", "disabled", "inert", "hidden", "indeterminate"]);
const DATE_TYPES = new Set(["date", "time", "datetime-local"]);
const hooks = [];

export function h(tag, props, ...children) {
  return { tag, props: props ?? {}, children: flatten(children), key: props?.key };
}

function flatten(children, out = []) {
  for (const child of children) {
    if (Array.isArray(child)) flatten(child, out);
    else if (child !== null && child !== undefined && child !== false && child !== true) {
      out.push(typeof child === "object" ? child : String(child));
    }
  }
  return out;
}

/** Makes `root`'s children equal to `vnodes`, reusing every element that is still there. */
export function patch(root, vnodes) {
  patchChildren(root, flatten([vnodes]));
  for (const [hook, element, isNew] of hooks.splice(0)) hook(element, isNew);
}

function patchChildren(parent, vnodes) {
  const pool = sortOld(parent);
  let position = parent.firstChild;
  for (const vnode of vnodes) {
    const reused = takeOld(pool, vnode);
    const node = reused ?? create(vnode);
    if (reused) update(node, vnode);
    if (node === position) position = position.nextSibling;
    else parent.insertBefore(node, position);
  }
  for (const leftover of pool.all) leftover.remove();
}

function sortOld(parent) {
  const keyed = new Map();
  const unkeyed = [];
  for (const node of parent.childNodes) {
    if (node.vkey !== undefined) keyed.set(node.vkey, node);
    else unkeyed.push(node);
  }
  return { keyed, unkeyed, all: new Set(parent.childNodes) };
}

function takeOld(pool, vnode) {
  let node;
  if (vnode.key !== undefined) {
    node = pool.keyed.get(vnode.key);
    if (node?.vtag !== vnode.tag) return undefined;
  } else {
    const at = pool.unkeyed.findIndex((old) => isSameKind(old, vnode));
    if (at < 0) return undefined;
    node = pool.unkeyed[at];
    pool.unkeyed.splice(0, at + 1);
  }
  pool.all.delete(node);
  return node;
}

function isSameKind(node, vnode) {
  return typeof vnode === "string" ? node.nodeType === Node.TEXT_NODE : node.vtag === vnode.tag;
}

function create(vnode) {
  if (typeof vnode === "string") return document.createTextNode(vnode);
  const node = SVG_TAGS.has(vnode.tag)
    ? document.createElementNS(SVG, vnode.tag)
    : document.createElement(vnode.tag);
  node.vtag = vnode.tag;
  node.vkey = vnode.key;
  node.vprops = {};
  patchChildren(node, vnode.children);
  setProps(node, vnode.props);
  if (vnode.props.hook) hooks.push([vnode.props.hook, node, true]);
  return node;
}

function update(node, vnode) {
  if (typeof vnode === "string") {
    if (node.data !== vnode) node.data = vnode;
    return;
  }
  patchChildren(node, vnode.children);
  setProps(node, vnode.props);
  if (vnode.props.hook) hooks.push([vnode.props.hook, node, false]);
}

function setProps(node, props) {
  for (const name of Object.keys(node.vprops)) {
    if (!(name in props)) setProp(node, name, undefined);
  }
  for (const [name, value] of Object.entries(props)) {
    if (AS_PROPERTY.has(name) || node.vprops[name] !== value) setProp(node, name, value);
  }
  node.vprops = props;
}

function setProp(node, name, value) {
  if (name === "key" || name === "hook") return;
  if (name.startsWith("on")) node[name.toLowerCase()] = value ?? null;
  else if (name === "style") setStyle(node, value);
  else if (AS_PROPERTY.has(name)) setProperty(node, name, value);
  else if (value === undefined || value === null || value === false) node.removeAttribute(name);
  else node.setAttribute(name, value === true ? "" : value);
}

function setStyle(node, style) {
  // The style object, not the attribute: the page's content policy forbids inline styles.
  for (const [name, value] of Object.entries(style ?? {})) node.style.setProperty(name, value);
}

function setProperty(node, name, value) {
  const wanted = value ?? (name === "value" ? "" : false);
  if (node[name] === wanted || isHalfTypedDate(node, name, value)) return;
  node[name] = wanted;
}

/** A date of which only the month is typed has no value yet; setting one would wipe it out. */
function isHalfTypedDate(node, name, value) {
  const isDate = name === "value" && DATE_TYPES.has(node.type);
  return isDate && node === document.activeElement && node.vprops.value === value;
}
