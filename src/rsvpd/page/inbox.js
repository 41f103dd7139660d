// The inbox: what came, newest first, and the one that is open beside it.

import { card, kindOf, labelOf } from "./cards.js";
import { el, empty, fill, say } from "./dom.js";
import { batch, Following, get, patch } from "./graph.js";
import { came } from "./times.js";

const PAGE = 25;
const FOLDER = "/me/mailFolders/inbox/messages";
const EVENT = "$expand=microsoft.graph.eventMessage/event";
const LIST = `${FOLDER}?$top=${PAGE}&$orderby=receivedDateTime desc&${EVENT}`;

export function inbox(main, me) {
  const messages = new Map(); // by id, newest first
  let next = "";
  let following = null;
  let openId = "";
  let isTaken = false;
  const list = el("ol", { class: "messages", "aria-label": "Messages" });
  const more = el("button", { type: "button", class: "more", onclick: showMore }, "Show older messages");
  const reading = el("section", { class: "reading", "aria-label": "Message" });
  const side = el("section", { class: "side", "aria-label": "Inbox" }, el("h1", {}, "Inbox"), list, more);
  fill(main, side, reading);
  more.hidden = true;

  async function open(id = "") {
    if (!isTaken) await take();
    openId = id;
    main.classList.toggle("is-open", Boolean(id));
    const chosen = id || (wide() ? (messages.keys().next().value ?? "") : "");
    paint();
    await read(chosen, Boolean(id));
  }

  async function take() {
    const page = await get(LIST);
    messages.clear();
    for (const one of page.value) messages.set(one.id, one);
    next = page["@odata.nextLink"] ?? "";
    const oldest = next ? page.value.at(-1).receivedDateTime : "";
    following = new Following(`${FOLDER}/delta?$select=id${oldest && `&$filter=receivedDateTime ge ${oldest}`}`);
    isTaken = true;
  }

  async function showMore() {
    const page = await get(next);
    const first = page.value[0]?.id;
    for (const one of page.value) messages.set(one.id, one);
    next = page["@odata.nextLink"] ?? "";
    paint();
    list.querySelector(`[data-id="${CSS.escape(first ?? "")}"] a`)?.focus();
    say(`${messages.size} messages are shown.`);
  }

  /** Look for what changed since the last time, and show it. */
  async function look() {
    if (!isTaken) {
      await open(openId);
      return;
    }
    const changes = await following.changes();
    if (changes === null) {
      isTaken = false;
      await open(openId);
      return;
    }
    if (!changes.length) {
      await reading.look?.();
      return;
    }
    const gone = changes.filter((one) => one["@removed"]).map((one) => one.id);
    for (const id of gone) messages.delete(id);
    await fetchChanged(changes.filter((one) => !one["@removed"]).map((one) => one.id));
    paint();
    if (!reading.firstChild || gone.includes(reading.dataset.id) || (!openId && !reading.contains(document.activeElement))) {
      await read(openId || (wide() ? (messages.keys().next().value ?? "") : ""), Boolean(openId));
    } else {
      await reading.look?.();
    }
  }

  async function fetchChanged(ids) {
    const found = (await batch(ids.map((id) => `/me/messages/${encodeURIComponent(id)}?${EVENT}`))).filter(Boolean);
    const fresh = found.filter((one) => !messages.has(one.id));
    for (const one of found) messages.set(one.id, one);
    const sorted = [...messages.values()].sort((a, b) => (a.receivedDateTime < b.receivedDateTime ? 1 : -1));
    messages.clear();
    for (const one of sorted) messages.set(one.id, one);
    for (const one of fresh) say(`${labelOf(one)}: ${one.subject}, from ${one.from?.emailAddress.name ?? "nobody"}`);
  }

  function paint() {
    const unread = [...messages.values()].filter((one) => !one.isRead).length;
    document.title = `${unread ? `(${unread}) ` : ""}Inbox – ${me.displayName} – rsvpd`;
    const focused = document.activeElement?.closest?.("[data-id]")?.dataset.id;
    const isInside = list.contains(document.activeElement);
    const chosen = openId || (wide() ? messages.keys().next().value : "");
    fill(list, [...messages.values()].map((one) => row(one, one.id === chosen)));
    more.hidden = !next;
    if (isInside) list.querySelector(`[data-id="${CSS.escape(focused ?? "")}"] a`)?.focus();
    if (!messages.size) fill(list, el("li", {}, empty("Nothing here yet", "Invitations and answers arrive by themselves.")));
  }

  async function read(id, isChosen) {
    reading.look = null;
    reading.dataset.id = id;
    if (!id) {
      fill(reading, messages.size ? empty("No message is open", "Pick one from the list.")
        : empty("All quiet", "What comes shows up here by itself."));
      return;
    }
    const message = messages.get(id) ?? (await get(`/me/messages/${encodeURIComponent(id)}?${EVENT}`));
    if (reading.dataset.id !== id) return; // another one was opened meanwhile
    const shown = card(message, { changed: () => look(), seen: (event) => answered(id, event) });
    fill(reading, el("a", { href: "#/inbox", class: "back" }, "Back to the inbox"), shown.node);
    reading.look = shown.look;
    if (isChosen) {
      reading.scrollTop = 0;
      const title = reading.querySelector("h2");
      title.tabIndex = -1;
      title.focus({ preventScroll: true });
      if (!message.isRead) await markRead(message);
    }
    await shown.look();
  }

  /** The answer may have been given elsewhere, which changes the meeting and not the message. */
  function answered(id, { responseStatus }) {
    const message = messages.get(id);
    if (!message?.event || message.event.responseStatus.response === responseStatus.response) return;
    messages.set(id, { ...message, event: { ...message.event, responseStatus } });
    paint();
  }

  async function markRead(message) {
    messages.set(message.id, { ...(messages.get(message.id) ?? message), isRead: true });
    paint();
    await patch(`/me/messages/${encodeURIComponent(message.id)}`, { isRead: true });
  }

  return { open, look };
}

const wide = () => matchMedia("(min-width: 56rem)").matches;

function row(message, isOpen) {
  const kind = kindOf(message);
  return el("li", { "data-id": message.id, class: message.isRead ? "" : "unread" },
    el("a", { href: `#/inbox/${encodeURIComponent(message.id)}`, "aria-current": isOpen && "true" },
      el("span", { class: "from" }, !message.isRead && el("span", { class: "unseen" }, "Unread. "),
        message.from?.emailAddress.name ?? "Nobody"),
      el("time", { datetime: message.receivedDateTime }, came(new Date(message.receivedDateTime))),
      el("span", { class: "subject" }, message.subject || "(no subject)"),
      kind === "mail" ? el("span", { class: "preview" }, message.bodyPreview)
        : el("span", { class: "preview" }, el("span", { class: `kind ${kind}` }, labelOf(message)),
          kind === "answer" && message.bodyPreview ? ` · ${message.bodyPreview}` : "")));
}
