// One meeting: when and where, who answered what and when, and the dates of a series.

import { answerForm } from "./answer.js";
import { zoneLine } from "./cards.js";
import { changes } from "./change.js";
import { el, empty, fill, say } from "./dom.js";
import { frame } from "./frame.js";
import { get, Refused } from "./graph.js";
import { addDays, came, clock, dayOf, dayStart, instant, MONTH_SHORT, now, when } from "./times.js";
import { programs } from "./programs.js";
import { timeline } from "./timeline.js";
import { answerOf, mark, recurrenceWords } from "./words.js";

const AHEAD_DAYS = 90;
const MOST_DATES = 12;

export function meeting(main, me) {
  let id = "";
  let seen = "";
  let isOpen = true;
  let parts = null; // what stays open when the rest is shown anew

  async function open(which = "") {
    id = which;
    await show();
    const title = main.querySelector("h1");
    if (title) {
      title.tabIndex = -1;
      title.focus({ preventScroll: true });
    }
  }

  /** Look for what changed meanwhile; who is writing something keeps it, and the page waits until they are done. */
  async function look() {
    if (!isBusy()) await read();
    if (isOpen) await parts?.timeline.look();
  }

  /** Show the meeting as it is now. */
  async function show() {
    seen = "";
    await read();
  }

  async function read() {
    const asked = id;
    let event;
    try {
      event = await get(`/me/events/${encodeURIComponent(asked)}`);
    } catch (wrong) {
      if (!(wrong instanceof Refused) || ![400, 404].includes(wrong.status)) throw wrong;
      if (!isOpen || id !== asked) return; // another place, or another meeting, has the page by now
      fill(main, empty("This meeting is not in your calendar", "It was declined, removed, or never yours."));
      return;
    }
    if (!isOpen || id !== asked || event["@odata.etag"] === seen) return;
    if (seen) tellChange(event);
    seen = event["@odata.etag"];
    document.title = `${event.subject} – ${me.displayName} – rsvpd`;
    const dates = el("section", { class: "dates", hidden: true });
    if (parts?.id !== event.id) parts = { id: event.id, timeline: timeline(event.iCalUId), programs: programs(event, me) };
    fill(main, page(event, { me, changed: show }, parts), dates);
    await showDates(event, dates);
  }

  function isBusy() {
    const field = document.activeElement;
    return main.contains(field) && field.matches("textarea, input") && field.value !== field.defaultValue;
  }

  function tellChange(event) {
    const table = [...main.querySelectorAll("[data-address]")].map((one) => [one.dataset.address, one.dataset.response]);
    const before = new Map(table);
    for (const one of event.attendees) {
      if (before.get(one.emailAddress.address) !== one.status.response) {
        say(`${one.emailAddress.name}: ${answerOf(one.status.response).said}`);
      }
    }
  }

  return { open, look, close: () => { isOpen = false; } };
}

function page(event, { me, changed }, parts) {
  const start = instant(event.start, event.isAllDay);
  const end = instant(event.end, event.isAllDay);
  const repeats = recurrenceWords(event.recurrence);
  const answer = event.isOrganizer || event.isCancelled ? null : answerForm(event, { changed });
  answer?.show(event.responseStatus.response);
  return el("article", { class: "card meeting" },
    el("p", { class: "kind" }, event.isCancelled ? "Cancelled meeting" : event.isOrganizer ? "Your meeting" : "Meeting"),
    el("h1", {}, event.subject || "(no subject)"),
    el("dl", { class: "facts" },
      el("dt", {}, "When"), el("dd", {}, when(start, end, event.isAllDay), " ", zoneLine(event)),
      repeats && [el("dt", {}, "Repeats"), el("dd", {}, repeats)],
      event.location.displayName && [el("dt", {}, "Where"), el("dd", {}, event.location.displayName)],
      el("dt", {}, "Organizer"), el("dd", {}, event.organizer?.emailAddress.name ?? "")),
    event.bodyPreview && frame(event.body, "What was written"),
    answer?.node,
    el("trap-lines", { meeting: event.iCalUId, most: 3 }),
    event.isOrganizer ? tracking(event) : invited(event),
    event.isOrganizer && !event.isCancelled ? changes(event, { me, changed }) : null,
    parts.timeline, parts.programs);
}

/** Who answered what, and when. */
function tracking(event) {
  if (!event.attendees.length) return el("p", { class: "quiet" }, "Nobody else is invited.");
  const counts = new Map();
  for (const { status } of event.attendees) {
    const words = answerOf(status.response).said.toLowerCase();
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  return el("section", { class: "tracking" },
    el("h2", {}, "Answers"),
    el("p", { class: "quiet" }, [...counts].map(([words, number]) => `${number} ${words}`).join(", ")),
    el("table", {},
      el("thead", {}, el("tr", {}, ["Who", "Role", "Answer", "When"].map((one) => el("th", { scope: "col" }, one)))),
      el("tbody", {}, event.attendees.map((one) => {
        const at = one.status.time && !one.status.time.startsWith("0001") ? new Date(one.status.time) : null;
        return el("tr", { "data-address": one.emailAddress.address, "data-response": one.status.response },
          el("th", { scope: "row" }, one.emailAddress.name, el("span", { class: "quiet" }, one.emailAddress.address)),
          el("td", {}, { required: "Required", optional: "Optional", resource: "Room" }[one.type] ?? one.type),
          el("td", {}, mark(one.status.response), " ", answerOf(one.status.response).said),
          el("td", {}, at ? el("time", { datetime: at.toISOString() }, `${came(at)}, ${clock(at)}`.replace(/^(\d\d:\d\d), .*/, "$1")) : "–"));
      }))));
}

/** Who is invited: a guest knows nobody's answer but the own. */
function invited(event) {
  return el("section", {}, el("h2", {}, "Invited"), el("ul", { class: "list" }, event.attendees.map((one) => (
    el("li", {}, one.emailAddress.name, " ", el("span", { class: "quiet" }, one.emailAddress.address))))));
}

/** The next dates of a series, and what was answered to each. */
async function showDates(event, place) {
  const master = event.type === "seriesMaster" ? event.id : event.seriesMasterId;
  if (!master) return;
  const [from, until] = [dayStart(now()), addDays(dayStart(now()), AHEAD_DAYS)].map((one) => one.toISOString());
  const { value } = await get(`/me/events/${encodeURIComponent(master)}/instances?startDateTime=${from}`
    + `&endDateTime=${until}&$top=${MOST_DATES}&$select=id,start,end,isAllDay,type,responseStatus,attendees`);
  if (!value.length) return;
  const isAsked = event.isOrganizer && event.attendees.length > 0;
  fill(place, el("h2", {}, "Next dates"), el("ul", { class: "list" }, value.map((one) => el("li", {},
    mark(one.responseStatus.response),
    el("a", { href: `#/meeting/${encodeURIComponent(one.id)}`, "aria-current": one.id === event.id && "true" },
      when(instant(one.start, one.isAllDay), instant(one.end, one.isAllDay), one.isAllDay)),
    el("span", { class: "quiet" }, [one.type === "exception" && "changed", isAsked && answered(one)].filter(Boolean).join(", "))))),
  isAsked && el("h2", {}, "Answers by date"), isAsked && byDate(value));
  place.hidden = false;
}

/** Who answered what to each date: a line for each person, a column for each date. */
function byDate(dates) {
  const people = new Map(dates.flatMap(({ attendees }) => attendees.map(({ emailAddress }) => [emailAddress.address, emailAddress.name])));
  const cell = (address, { attendees }) => {
    const response = attendees.find((one) => one.emailAddress.address === address)?.status.response;
    return el("td", {}, response ? [mark(response), el("span", { class: "unseen" }, answerOf(response).said)] : "–");
  };
  return el("div", { class: "log by-date", tabindex: "0", role: "region", "aria-label": "Answers by date" }, el("table", {},
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Who"), dates.map((one) => el("th", { scope: "col" }, shortDay(instant(one.start, one.isAllDay)))))),
    el("tbody", {}, [...people].map(([address, name]) => el("tr", {}, el("th", { scope: "row" }, name), dates.map((one) => cell(address, one)))))));
}

const shortDay = (date) => `${dayOf(date)} ${MONTH_SHORT.format(date)}`;

function answered({ attendees }) {
  const accepted = attendees.filter((one) => one.status.response === "accepted").length;
  return attendees.length ? `${accepted} of ${attendees.length} accepted` : "";
}
