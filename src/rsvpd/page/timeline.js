// What happened to a meeting, from the first request to the last answer, as the server tells it.

import { el, empty, fill } from "./dom.js";
import { reachJson } from "./reach.js";
import { clock, dayKey, dayName } from "./times.js";
import { answerOf } from "./words.js";

const KINDS = { request: "Requests", seen: "Who looked", message: "Messages", answer: "Answers" };
const PAGE = "72737670-6400-4000-8000-000000000002"; // the application that this page is
const MOST = 100;

const kindOf = ({ kind }) => (["sent", "delivered"].includes(kind) ? "message" : kind);

/** A part that is read when it is opened, and with `look` again. In the end stands the whole of it as one file. */
export function timeline(uid) {
  let found = null;
  let most = MOST;
  const place = el("div", {});
  const own = el("input", { type: "checkbox", id: "timeline-own", onchange: paint });
  const boxes = Object.entries(KINDS).map(([kind, name]) => {
    const box = el("input", { type: "checkbox", id: `timeline-${kind}`, checked: true, "data-kind": kind, onchange: paint });
    return { box, label: el("label", { class: "check" }, box, name) };
  });
  const part = el("details", { class: "timeline", ontoggle: () => part.open && look() },
    el("summary", {}, "Timeline"),
    el("div", { class: "checks", role: "group", "aria-label": "What is shown" }, boxes.map(({ label }) => label),
      el("label", { class: "check" }, own, "Of this page, too")), place);

  async function look() {
    if (!part.open) return;
    const { ok, body: fresh } = await reachJson(`/_rsvpd/meetings/${encodeURIComponent(uid)}/timeline`);
    if (!ok) {
      fill(place, el("p", { class: "quiet" }, "The timeline is for whoever runs the server."));
      return;
    }
    const isSame = found && JSON.stringify([fresh.moments, fresh.copies]) === JSON.stringify([found.moments, found.copies]);
    found = fresh;
    if (!isSame) paint();
  }

  function paint() {
    const wanted = new Set(boxes.filter(({ box }) => box.checked).map(({ box }) => box.dataset.kind));
    const some = found.moments.filter((one) => wanted.has(kindOf(one)) && (own.checked || !one.client?.startsWith(PAGE)));
    const shown = place.querySelector(".moments");
    const from = shown && shown.scrollTop + shown.clientHeight < shown.scrollHeight - 4 ? shown.scrollTop : Infinity;
    const hidden = Math.max(0, some.length - most);
    const earlier = hidden > 0 && el("button", { type: "button", onclick: () => { most = Infinity; paint(); } },
      `Show the ${hidden} before`);
    fill(place, some.length ? [earlier, el("div", { class: "log moments", tabindex: "0", role: "region", "aria-label": "Moments" }, table(some.slice(hidden)))]
      : empty("Nothing of that kind", "The journal goes back as far as the server keeps requests."),
    el("h3", {}, "What each calendar has"), el("div", { class: "log" }, copies(found.copies)),
    el("p", {}, el("button", { type: "button", onclick: () => download(found) }, "Save as one file")));
    const moments = place.querySelector(".moments");
    if (moments) moments.scrollTop = Math.min(from, moments.scrollHeight); // the newest stand at the end
  }

  part.look = look;
  return part;
}

function table(moments) {
  let day = "";
  return el("table", {},
    el("thead", {}, el("tr", {}, ["When", "Who", "What", "By"].map((one) => el("th", { scope: "col" }, one)))),
    el("tbody", {}, moments.map((one) => {
      const at = new Date(one.at);
      const isNext = dayKey(at) !== day;
      day = dayKey(at);
      return [isNext && el("tr", { class: "day-row" }, el("th", { colspan: "4", scope: "rowgroup" }, dayName(at))),
        el("tr", { class: `moment ${one.kind}${one.hint || one.status >= 400 ? " trap" : ""}` },
          el("td", {}, el("time", { datetime: one.at }, clock(at))), el("td", {}, one.who.split("@")[0] || "–"),
          el("td", {}, told(one)), el("td", { class: "quiet" }, [one.interface, clientOf(one)].filter(Boolean).join(", ")))];
    })));
}

function told(one) {
  const more = [one.sequence !== undefined && `sequence ${one.sequence}`, one.date && `of ${one.date}`].filter(Boolean).join(", ");
  const words = {
    request: () => [el("a", { href: `#/requests/${one.number}` }, short(one.what)), ` ${one.status}`],
    seen: () => ["looked: ", el("a", { href: `#/requests/${one.number}` }, short(one.what))],
    sent: () => `sent ${letter(one.what)} to ${one.to.map((to) => to.split("@")[0]).join(", ")}`,
    delivered: () => `got ${letter(one.what)}, ${one.is_read ? "read" : "unread"}`,
    answer: () => `answered ${one.what}`,
  }[one.kind]();
  return [words, more && el("span", { class: "quiet" }, ` (${more})`), one.hint && el("span", { class: "hint" }, one.hint)];
}

/** A message by what it is and its subject, which says of an answer what was answered. */
function letter(what) {
  const [kind, ...subject] = what.split(": ");
  const name = { request: "the request", cancellation: "the cancellation", message: "the message" }[kind] ?? "the answer";
  return `${name} “${subject.join(": ")}”`;
}

function copies(found) {
  return el("table", {},
    el("thead", {}, el("tr", {}, ["Whose", "State", "Answer", "Sequence", "Begins"].map((one) => el("th", { scope: "col" }, one)))),
    el("tbody", {}, found.map((one) => el("tr", {},
      el("td", {}, one.mailbox.split("@")[0]), el("td", {}, one.state),
      el("td", {}, one.is_organizer ? "Organizer" : answerOf(ANSWERS[one.answer] ?? one.answer).said,
        !one.is_organizer && ANSWERED.has(one.answer) && !one.organizer_knows && ", which the organizer does not know"),
      el("td", {}, `${one.sequence}`), el("td", {}, one.start.replace("T", " "))))));
}

const ANSWERS = { tentative: "tentativelyAccepted" };
const ANSWERED = new Set(["accepted", "tentative", "declined"]);

/** The application's id says nothing that its name would not. */
const clientOf = ({ client }) => (client ?? "").replace(/^[0-9a-f-]{36} ?/, "").slice(0, 60);

const short = (what) => what.replace(/\?.*$/, "").split("/").map((one) => (one.length > 24 ? "…" : one)).join("/");

function download(found) {
  const address = URL.createObjectURL(new Blob([JSON.stringify(found, null, 2)], { type: "application/json" }));
  el("a", { href: address, download: "timeline.json" }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}
