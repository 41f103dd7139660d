// Elements made by hand: what comes from a mailbox is always text, never markup.

/** Make an element. `props` are attributes; `on…` takes a listener, true and false set and leave an attribute. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false));
  return node;
}

/** Put `children` in the place of what is inside `node`. */
export function fill(node, ...children) {
  node.replaceChildren(...children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false));
  return node;
}

const shown = new WeakMap();

/** Whether a place has something else to show than it has: what is as it was stays, as it may be under a hand. */
export function isOther(place, what) {
  const state = JSON.stringify(what);
  const isAnother = shown.get(place) !== state;
  shown.set(place, state);
  return isAnother;
}

/** The children of a node by their keys. What is as it was stays where it is: a click on it is not lost, nor is the focus. */
export class Keyed {
  constructor(node) {
    this.node = node;
    this.shown = new Map();
  }

  /** Show these: the key of each, what it shows, and what makes its element of that. */
  show(items, make) {
    const before = this.shown;
    const focused = [...before.keys()].find((key) => before.get(key).node.contains(document.activeElement));
    this.shown = new Map(items.map(([key, what]) => {
      const state = JSON.stringify(what);
      const known = before.get(key);
      return [key, known?.state === state ? known : { state, node: make(what) }];
    }));
    const wanted = new Set([...this.shown.values()].map((one) => one.node));
    for (const one of [...this.node.children]) if (!wanted.has(one)) one.remove();
    let next = this.node.firstElementChild;
    for (const one of wanted) {
      if (one === next) next = next.nextElementSibling;
      else this.node.insertBefore(one, next);
    }
    if (focused !== undefined && !this.node.contains(document.activeElement)) this.shown.get(focused)?.node.querySelector("a").focus();
  }
}

/** Tell a screen reader what happened; those who see have it before them. */
export function say(text) {
  const place = document.getElementById("said");
  place.textContent = "";
  setTimeout(() => { place.textContent = text; }, 50); // the same words twice are read twice
}

/** Show what is wrong below the page, or take it away with an empty text. */
export function trouble(text) {
  const place = document.getElementById("trouble");
  if (place.textContent !== text) place.textContent = text;
  place.hidden = !text;
}

/** An empty state: what is not here, and why that is fine. */
export function empty(title, text) {
  return el("div", { class: "empty" }, el("p", { class: "title" }, title), el("p", {}, text));
}

/** Run what a button does; it cannot be pressed again meanwhile, and what goes wrong stands beside it. */
export function action(button, work) {
  return async (event) => {
    event?.preventDefault();
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    const place = button.closest("form, .tools, section, article, dialog")?.querySelector(".problem");
    if (place) place.textContent = "";
    try {
      await work();
    } catch (wrong) {
      if (place) place.textContent = wrong.message;
      else trouble(wrong.message);
    } finally {
      button.removeAttribute("aria-busy");
    }
  };
}
