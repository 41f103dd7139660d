// How a calendar is drawn: a list of days, hours beside each other, a month.

import { el, empty, say, trouble } from "./dom.js";
import { patch } from "./graph.js";
import { addDays, clock, dayKey, dayName, dayOf, DAY, dayStart, isSameDay, local, MINUTE, MONTH_SHORT, monthOf, now, WEEKDAY, when } from "./times.js";
import { answerOf, mark } from "./words.js";

const SNAP = 15 * MINUTE;

/** The days that have something, each with what it has. */
export function agenda(items, days) {
  const filled = days.map((day) => [day, on(items, day)]).filter(([, some]) => some.length);
  if (!filled.length) return empty("Nothing planned", "These two weeks are free.");
  const told = new Set(); // of a series once
  const traps = ({ id, seriesMasterId, iCalUId }) => {
    const series = seriesMasterId ?? id;
    return !told.has(series) && told.add(series) && el("trap-lines", { meeting: iCalUId });
  };
  return el("div", { class: "agenda" }, filled.map(([day, some]) => el("section", {},
    el("h2", {}, dayName(day)),
    el("ul", { class: "list" }, some.map((item) => el("li", {}, line(item), traps(item.event)))))));
}

function line(item) {
  const { event, start, end } = item;
  return link(item,
    el("span", { class: "time" }, event.isAllDay ? "All day" : `${clock(start)} – ${clock(end)}`),
    el("span", { class: "subject" }, event.subject || "(no subject)"),
    el("span", { class: "quiet" }, [event.location.displayName, event.isOrganizer ? "" : event.organizer?.emailAddress.name]
      .filter(Boolean).join(" · ")),
    answerMark(event));
}

/** A month of weeks; each day leads to itself, and shows the first of what it has. */
export function month(items, days, shown) {
  const weeks = Array.from({ length: days.length / 7 }, (_, at) => days.slice(at * 7, at * 7 + 7));
  return el("table", { class: "month" },
    el("thead", {}, el("tr", {}, days.slice(0, 7).map((day) => el("th", { scope: "col" }, WEEKDAY.format(day))))),
    el("tbody", {}, weeks.map((week) => el("tr", {}, week.map((day) => {
      const some = on(items, day);
      const isOther = monthOf(day) !== monthOf(shown);
      return el("td", { class: [isOther && "other", isSameDay(day, now()) && "today"].filter(Boolean).join(" ") },
        el("a", { class: "number", href: `#/calendar/day/${dayKey(day)}`, "aria-label": `${dayName(day)}, ${some.length} planned` },
          dayOf(day), isOther && dayOf(day) === 1 ? ` ${MONTH_SHORT.format(day)}` : ""),
        some.slice(0, 3).map((item) => link(item, item.event.isAllDay ? "" : `${clock(item.start)} `, item.event.subject)),
        some.length > 3 && el("span", { class: "quiet" }, `and ${some.length - 3} more`));
    })))));
}

/** Days beside each other, hours below each other. Own meetings can be dragged to another time. */
export function hours(items, days, { moved }) {
  const whole = items.filter(({ event, start, end }) => event.isAllDay || end - start >= DAY);
  const timed = items.filter((one) => !whole.includes(one));
  const grid = el("div", { class: "hours", tabindex: "0", role: "region", "aria-label": "Hours" },
    el("div", { class: "grid", "data-days": days.length },
      el("div", { class: "scale", "aria-hidden": "true" }, Array.from({ length: 24 }, (_, hour) => (
        el("span", {}, `${`${hour}`.padStart(2, "0")}:00`)))),
      days.map((day) => column(day, timed, days, moved))));
  const heads = el("div", { class: "heads", "data-days": days.length }, el("span", {}), days.map((day) => (
    el("div", { class: isSameDay(day, now()) ? "today" : "" },
      el("a", { href: `#/calendar/day/${dayKey(day)}`, "aria-label": dayName(day) },
        el("span", {}, WEEKDAY.format(day)), el("strong", {}, dayOf(day))),
      on(whole, day).map((item) => link(item, item.event.subject))))));
  return el("div", { class: "week" }, heads, grid);
}

function column(day, timed, days, moved) {
  const next = addDays(day, 1);
  const some = on(timed, day);
  const node = el("div", { class: "day", role: "group", "aria-label": dayName(day) });
  for (const { item, lane, lanes } of inLanes(some)) {
    const from = Math.max(item.start, day);
    const until = Math.min(item.end, next);
    const box = link(item, item.event.attendees.length ? mark(mineOf(item.event)) : null,
      el("strong", {}, item.event.subject || "(no subject)"), " ",
      el("span", { class: "time" }, `${clock(item.start)} – ${clock(item.end)}`));
    if (until - from < 45 * MINUTE) box.classList.add("short");
    box.style.setProperty("--from", (from - day) / (next - day));
    box.style.setProperty("--size", Math.max(until - from, 20 * MINUTE) / (next - day));
    box.style.setProperty("--lane", lane / lanes);
    box.style.setProperty("--width", 1 / lanes);
    if (item.event.isOrganizer && item.event.type !== "seriesMaster") drag(box, item, days, moved);
    node.append(box);
  }
  if (isSameDay(day, now())) {
    const line = el("div", { class: "now", "aria-hidden": "true" });
    line.style.setProperty("--from", (now() - day) / (next - day));
    node.append(line);
  }
  return node;
}

/** Those that overlap stand beside each other. */
function inLanes(items) {
  const placed = [];
  let group = [];
  let ends = 0;
  const finish = () => {
    const lanes = Math.max(...group.map((one) => one.lane)) + 1;
    for (const one of group) placed.push({ ...one, lanes });
  };
  for (const item of items) {
    if (group.length && item.start >= ends) {
      finish();
      group = [];
    }
    const busy = new Set(group.filter((one) => one.item.end > item.start).map((one) => one.lane));
    let lane = 0;
    while (busy.has(lane)) lane += 1;
    group.push({ item, lane });
    ends = Math.max(group.length === 1 ? 0 : ends, item.end);
  }
  if (group.length) finish();
  return placed;
}

/** Move a meeting with the pointer, by quarters of an hour. With the keyboard it is moved on its own page. */
function drag(box, { event, start, end }, days, moved) {
  box.classList.add("movable");
  box.addEventListener("dragstart", (grabbed) => grabbed.preventDefault()); // a link would be dragged as one
  box.addEventListener("pointerdown", (grabbed) => {
    if (grabbed.button !== 0 || grabbed.pointerType === "touch") return;
    const column = box.parentElement.getBoundingClientRect();
    const from = days.findIndex((day) => isSameDay(day, start));
    let shift = 0;
    let by = 0;
    const follow = (at) => {
      if (Math.hypot(at.clientX - grabbed.clientX, at.clientY - grabbed.clientY) < 5) return;
      box.setPointerCapture(grabbed.pointerId);
      shift = Math.round(((at.clientY - grabbed.clientY) / column.height) * (DAY / SNAP)) * SNAP;
      by = Math.round((at.clientX - grabbed.clientX) / column.width);
      by = Math.max(-from, Math.min(days.length - 1 - from, by));
      box.classList.add("moving");
      box.style.translate = `${by * column.width}px ${(shift / DAY) * column.height}px`;
    };
    const drop = async () => {
      box.removeEventListener("pointermove", follow);
      if (!box.classList.contains("moving")) return;
      box.addEventListener("click", (click) => click.preventDefault(), { once: true });
      const [first, last] = [start, end].map((one) => new Date(addDays(dayStart(one), by).getTime() + (one - dayStart(one)) + shift));
      try {
        if (by || shift) await change(event, first, last);
        await moved();
      } finally {
        box.classList.remove("moving");
        box.style.translate = "";
      }
    };
    box.addEventListener("pointermove", follow);
    box.addEventListener("pointerup", drop, { once: true });
    box.addEventListener("pointercancel", () => { by = 0; shift = 0; drop(); }, { once: true });
  });
}

async function change(event, start, end) {
  try {
    await patch(`/me/events/${encodeURIComponent(event.id)}`, { start: local(start), end: local(end) });
    say(`${event.subject} was moved to ${when(start, end)}.`);
  } catch (wrong) {
    trouble(wrong.message);
  }
}

function link(item, ...inside) {
  const { event, start, end } = item;
  const mine = mineOf(event);
  const state = event.isCancelled ? "cancelled" : mine === "none" ? "notResponded" : mine;
  const label = [event.subject || "(no subject)", when(start, end, event.isAllDay), event.location.displayName,
    event.isCancelled ? "Cancelled" : mineWords(event)].filter(Boolean).join(", ");
  return el("a", {
    class: `event ${state} ${event.showAs}`, href: `#/meeting/${encodeURIComponent(event.id)}`, "aria-label": label,
    "data-event": event.id,
  }, el("trap-lines", { meeting: event.iCalUId, brief: true }), inside);
}

const mineOf = (event) => (event.isOrganizer ? "organizer" : event.responseStatus.response);
const mineWords = (event) => (
  event.isOrganizer || !event.attendees.length ? "Your meeting" : `Your answer: ${answerOf(event.responseStatus.response).said}`);

function answerMark(event) {
  if (!event.attendees.length) return null;
  const mine = mineOf(event);
  return el("span", { class: "mine" }, mark(mine), event.isCancelled ? "Cancelled" : answerOf(mine).said);
}

function on(items, day) {
  const next = addDays(day, 1);
  return items.filter(({ start, end }) => start < next && (end > day || (start >= day && start.getTime() === end.getTime())));
}
