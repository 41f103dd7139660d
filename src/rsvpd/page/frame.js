// What somebody else wrote: in a frame of its own, without scripts, forms or anything from elsewhere.

import { el } from "./dom.js";

const LINE_LENGTH = 60;

/** A frame with a body. The server has cleaned it; the sandbox and the page's policy would stop what is left. */
export function frame(body, title) {
  const inner = body.contentType === "html" ? cleaned(body.content) : `<pre>${escaped(body.content)}</pre>`;
  const content = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">`
    + `<link rel="stylesheet" href="${location.origin}/page/message.css"></head><body>${inner}</body></html>`;
  const node = el("iframe", {
    class: "message", title, srcdoc: content, sandbox: "allow-popups allow-popups-to-escape-sandbox",
    referrerpolicy: "no-referrer", tabindex: "0",
  });
  node.style.setProperty("--lines", lines(inner)); // nobody may look inside to measure it
  return node;
}

/** About how many lines a text takes: enough that a short one stands there whole, and a long one scrolls. */
function lines(html) {
  const found = new DOMParser().parseFromString(html, "text/html").body;
  const blocks = found.querySelectorAll("p, div, li, tr, br, h1, h2, h3, blockquote, hr").length;
  const breaks = found.querySelector("pre") ? found.textContent.split("\n").length : 0;
  return Math.max(1, Math.min(28, blocks + breaks + Math.ceil(found.textContent.trim().length / LINE_LENGTH)));
}

/** The body's markup without what the policy would stop: styles, remote images (their words stay), what runs. Links open
 * beside the page, and only those of the web and of mail are links. */
function cleaned(html) {
  const found = new DOMParser().parseFromString(html, "text/html"); // runs and fetches nothing
  for (const link of found.querySelectorAll("a[href], area[href]")) {
    if (!/^(https?|mailto|tel):/i.test(link.getAttribute("href"))) link.removeAttribute("href");
    link.setAttribute("target", "_blank");
    link.setAttribute("rel", "noopener noreferrer");
  }
  for (const one of found.querySelectorAll("script, style, meta, link, base, form, iframe, object, embed, svg, math")) {
    one.replaceWith(...(one.localName === "form" ? one.childNodes : []));
  }
  for (const one of found.querySelectorAll("img:not([src^='data:' i])")) one.replaceWith(one.alt); // never fetched
  for (const one of found.querySelectorAll("*")) {
    for (const { name } of [...one.attributes]) if (name === "style" || name.startsWith("on")) one.removeAttribute(name);
  }
  return found.body.innerHTML;
}

function escaped(text) {
  return text.replace(/[&<>]/g, (one) => `&#${one.codePointAt(0)};`);
}
