// A folder of mail: what is in it, newest first, and the message that is open beside it.

import { card, kindOf, labelOf } from "./cards.js";
import { el, empty, fill, Keyed, say } from "./dom.js";
import { address, Folders } from "./folders.js";
import { batch, Following, get, patch, Refused } from "./graph.js";
import { came } from "./times.js";
import { remove, tools } from "./tools.js";
import { write } from "./write.js";

const PAGE = 25;
const EVENT = "$expand=microsoft.graph.eventMessage/event";
const OWN = ["sentitems", "drafts", "outbox"]; // there it matters to whom, not from whom

export function mail(main, me) {
  const messages = new Map(); // by id, newest first
  const folders = new Folders();
  let wanted = { which: "inbox", id: "" };
  let folder = "";
  let next = "";
  let following = null;
  let openId = "";
  let isTaken = false;
  const title = el("h1", { tabindex: "-1" });
  const list = el("ol", { class: "messages", onkeydown: deleteFocused });
  const rows = new Keyed(list);
  const more = el("button", { type: "button", class: "more", hidden: true, onclick: showMore }, "Show older messages");
  const reading = el("section", { class: "reading", "aria-label": "Message" });
  const fresh = el("button", { type: "button", onclick: () => write({ me, kind: "new", done: look }) }, "New message");
  const side = el("section", { class: "side", "aria-label": "Messages" }, el("div", { class: "head" }, title, fresh), list, more);
  fill(main, folders.node, side, reading);

  async function open(which = "inbox", id = "") {
    const mine = { which, id };
    wanted = mine;
    if (!folders.following) await folders.take();
    if (wanted !== mine) return; // somebody went on meanwhile
    if (which !== folder) begin(which);
    if (!isTaken) await take();
    if (wanted !== mine) return;
    openId = id;
    main.classList.toggle("is-open", Boolean(id));
    paint();
    await read(chosen(), Boolean(id));
  }

  function begin(which) {
    folder = which;
    isTaken = false;
    messages.clear();
    fill(list); // what is in another folder is not under this one's name
    more.hidden = true;
    folders.show(folder);
    title.textContent = nameOf(folder);
    list.setAttribute("aria-label", nameOf(folder));
  }

  const nameOf = (which) => folders.find(which)?.displayName ?? "Folder";
  const pathOf = (which) => `/me/mailFolders/${encodeURIComponent(which)}`;
  /** The message beside the list: the one that was opened, else the one that is shown as long as it is there: nothing is put under a hand. */
  const chosen = () => openId || (wide() ? (messages.has(reading.dataset.id) ? reading.dataset.id : messages.keys().next().value ?? "") : "");

  async function take() {
    const wanted = folder;
    const page = await get(`${pathOf(wanted)}/messages?$top=${PAGE}&$orderby=receivedDateTime desc&${EVENT}`).catch((wrong) => {
      if (wrong instanceof Refused && [400, 404].includes(wrong.status)) return null;
      throw wrong;
    });
    if (folder !== wanted) return; // another one was opened meanwhile
    messages.clear();
    if (!page) {
      fill(list, el("li", {}, empty("This folder is not there", "It was deleted, or never yours.")));
      return;
    }
    for (const one of page.value) messages.set(one.id, one);
    next = page["@odata.nextLink"] ?? "";
    const oldest = next ? page.value.at(-1).receivedDateTime : "";
    following = new Following(`${pathOf(folder)}/messages/delta?$select=receivedDateTime${oldest && `&$filter=receivedDateTime ge ${oldest}`}`,
      { withFirst: true });
    const begun = (await following.changes()) ?? [];
    const late = begun.filter((one) => !messages.has(one.id) && one.receivedDateTime > oldest); // it came between the two
    if (folder !== wanted) return;
    await fetchChanged(late.map((one) => one.id));
    isTaken = folder === wanted;
  }

  async function showMore() {
    const wanted = folder;
    const page = await get(next);
    if (folder !== wanted) return;
    const first = page.value[0]?.id;
    for (const one of page.value) messages.set(one.id, one);
    next = page["@odata.nextLink"] ?? "";
    paint();
    focusRow(first);
    say(`${messages.size} messages are shown.`);
  }

  /** Look for what changed since the last time, and show it. */
  async function look() {
    if (!isTaken) {
      await open(wanted.which, wanted.id);
      return;
    }
    const mine = following;
    const [changes] = await Promise.all([following.changes(), folders.look()]);
    if (following !== mine || !isTaken) return; // another folder was opened meanwhile
    if (changes === null) {
      isTaken = false;
      await open(wanted.which, wanted.id);
      return;
    }
    if (!changes.length) {
      paintTitle();
      await reading.look?.();
      return;
    }
    const gone = changes.filter((one) => one["@removed"]).map((one) => one.id);
    for (const id of gone) messages.delete(id);
    const before = messages.get(reading.dataset.id);
    const news = await fetchChanged(changes.filter((one) => !one["@removed"]).map((one) => one.id));
    await fetchChanged(outdatedBy(news));
    if (following !== mine || !isTaken) return;
    paint();
    const after = messages.get(reading.dataset.id);
    const isOther = after !== before && (after.isDraft || after.isOutOfDate !== before?.isOutOfDate);
    if (!reading.firstChild || chosen() !== reading.dataset.id || gone.includes(reading.dataset.id) || isOther) {
      await read(chosen(), Boolean(openId));
    } else {
      reading.bar?.paint();
      await reading.look?.();
    }
  }

  async function fetchChanged(ids) {
    const wanted = folder;
    const found = (await batch(ids.map((id) => `/me/messages/${encodeURIComponent(id)}?${EVENT}`))).filter(Boolean);
    if (folder !== wanted) return [];
    const news = found.filter((one) => !messages.has(one.id));
    for (const one of found) if (messages.has(one.id)) messages.set(one.id, one);
    const sorted = [...news, ...messages.values()].sort((a, b) => b.receivedDateTime.localeCompare(a.receivedDateTime));
    messages.clear();
    for (const one of sorted) messages.set(one.id, one);
    for (const one of news) say(`${labelOf(one)}: ${one.subject}, from ${one.from?.emailAddress.name ?? "nobody"}`);
    return news;
  }

  /** Whose place those that came have taken: an invitation is out of date without a change of its own. */
  function outdatedBy(news) {
    const meetingOf = ({ event }) => event?.seriesMasterId ?? event?.id; // one about a series outdates those about its dates
    const meetings = new Set(news.filter((one) => ["request", "cancelled"].includes(kindOf(one))).map(meetingOf));
    return [...messages.values()].filter((one) => one.event && meetings.has(meetingOf(one)) && !one.isOutOfDate && !news.includes(one))
      .map((one) => one.id);
  }

  function paintTitle() {
    const unread = folders.find(folder)?.unreadItemCount;
    document.title = `${unread ? `(${unread}) ` : ""}${nameOf(folder)} – ${me.displayName} – rsvpd`;
  }

  function paint() {
    paintTitle();
    if (!isTaken) return;
    const open = chosen();
    rows.show([...messages.values()].map((one) => [one.id, shownOf(one, one.id === open)]), row);
    more.hidden = !next;
    if (messages.size) return;
    const words = folder === "inbox" ? empty("Nothing here yet", "Invitations and answers arrive by themselves.")
      : empty("Nothing in this folder", "What is put here shows up by itself.");
    fill(list, el("li", {}, words));
  }

  /** What the list shows of a message. */
  function shownOf(message, isOpen) {
    const kind = kindOf(message);
    const isOwn = message.isDraft || OWN.includes(folders.kind(folder));
    return {
      isOpen, kind, href: address(folder, message.id), id: message.id, isRead: message.isRead,
      who: isOwn ? `To ${message.toRecipients.map((one) => one.emailAddress.name).join(", ") || "nobody yet"}`
        : message.from?.emailAddress.name ?? "Nobody",
      at: message.receivedDateTime, when: came(new Date(message.receivedDateTime)), subject: message.subject || "(no subject)",
      label: kind === "mail" ? "" : labelOf(message), preview: ["mail", "answer"].includes(kind) ? message.bodyPreview : "",
    };
  }

  function row({ isOpen, kind, href, id, isRead, who, at, when, subject, label, preview }) {
    return el("li", { "data-id": id, class: isRead ? "" : "unread" },
      el("a", { href, "aria-current": isOpen && "true" },
        el("span", { class: "from" }, !isRead && el("span", { class: "unseen" }, "Unread. "), who),
        el("time", { datetime: at }, when),
        el("span", { class: "subject" }, subject),
        kind === "mail" ? el("span", { class: "preview" }, preview)
          : el("span", { class: "preview" }, el("span", { class: `kind ${kind}` }, label), preview && ` · ${preview}`)));
  }

  function focusRow(id) {
    const link = list.querySelector(`[data-id="${CSS.escape(id ?? "")}"] a`);
    link?.focus();
    return Boolean(link);
  }

  async function read(id, isChosen) {
    reading.look = null;
    reading.dataset.id = id;
    if (!id) {
      fill(reading, messages.size ? empty("No message is open", "Pick one from the list.") : null);
      return;
    }
    const message = messages.get(id) ?? (await fetched(id));
    if (reading.dataset.id !== id) return; // another one was opened meanwhile
    const back = el("a", { href: address(folder), class: "back" }, `Back to ${folder === "inbox" ? "the inbox" : nameOf(folder)}`);
    if (!message) {
      fill(reading, back, empty("This message is not there any more", "It was moved or deleted."));
      return;
    }
    const shown = card(message, { changed: look, seen: (event) => answered(id, event) });
    const bar = tools({ me, folders, folder, latest: () => messages.get(id) ?? message, mark, gone, done: look });
    fill(reading, back, bar.node, shown.node);
    reading.look = shown.look;
    reading.bar = bar;
    if (isChosen) {
      reading.scrollTop = 0;
      const heading = reading.querySelector("h2");
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
    }
    await Promise.all([shown.look(), isChosen && !message.isRead && mark(message, true)]);
  }

  async function fetched(id) {
    const [found] = await batch([`/me/messages/${encodeURIComponent(id)}?${EVENT}`]);
    return found;
  }

  /** The answer may have been given elsewhere, which changes the meeting and not the message. */
  function answered(id, event) {
    const message = messages.get(id);
    if (!message?.event || message.event.responseStatus.response === event?.responseStatus.response) return;
    messages.set(id, { ...message, event: event && { ...message.event, responseStatus: event.responseStatus } });
    paint();
  }

  async function mark(message, isRead) {
    messages.set(message.id, { ...(messages.get(message.id) ?? message), isRead });
    paint();
    reading.bar?.paint();
    await patch(`/me/messages/${encodeURIComponent(message.id)}`, { isRead });
    await folders.look();
    paintTitle();
  }

  /** A message left this folder: the one below it is next. */
  function gone(id) {
    const ids = [...messages.keys()];
    const after = ids[ids.indexOf(id) + 1] ?? ids[ids.indexOf(id) - 1];
    messages.delete(id);
    if (openId === id) history.replaceState(null, "", address(folder));
    openId = openId === id ? "" : openId;
    wanted = { which: folder, id: openId };
    main.classList.toggle("is-open", Boolean(openId));
    paint();
    if (!focusRow(after)) title.focus();
    return read(chosen(), false).then(look);
  }

  async function deleteFocused(event) {
    const id = event.key === "Delete" && event.target.closest("[data-id]")?.dataset.id;
    if (id && messages.has(id)) await remove({ folders, folder, message: messages.get(id), gone });
  }

  return { open, look };
}

const wide = () => matchMedia("(min-width: 56rem)").matches;
