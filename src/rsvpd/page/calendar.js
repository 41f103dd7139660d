// The calendar: agenda, day, week and month, with one's own answer on each meeting.

import { compose } from "./compose.js";
import { action, el, fill, isOther, say } from "./dom.js";
import { all, Following } from "./graph.js";
import { agenda, hours, month } from "./views.js";
import { addDays, DAY, dayKey, dayName, dayStart, firstOfMonth, fromFields, instant, MINUTE, MONTH, now, weekStart } from "./times.js";

const MODES = { agenda: "Agenda", day: "Day", week: "Week", month: "Month" };
const AGENDA_DAYS = 14;
const FIELDS = "id,iCalUId,subject,start,end,isAllDay,location,organizer,isOrganizer,responseStatus,showAs,type,seriesMasterId,"
  + "isCancelled,attendees";

export function calendar(main, me) {
  let mode = "";
  let day = null;
  let following = null;
  const title = el("h1", {});
  const place = el("div", { class: "view" });
  const tabs = el("nav", { class: "modes", "aria-label": "View" });
  const step = (by, name, sign) => el("button", { type: "button", "aria-label": name, onclick: () => go(mode, stepped(by)) }, sign);
  const create = el("button", { type: "button", class: "main" }, "New meeting");
  create.addEventListener("click", action(create, () => compose({ me, day, changed: show })));
  fill(main, el("div", { class: "bar" }, title, el("div", { class: "row" },
    step(-1, "Earlier", "‹"), el("button", { type: "button", onclick: () => go(mode, now()) }, "Today"), step(1, "Later", "›"),
    tabs, create)), place);

  async function open(wantedMode, wantedDay) {
    mode = wantedMode in MODES ? wantedMode : matchMedia("(max-width: 40rem)").matches ? "agenda" : "week";
    const asked = fromFields(wantedDay);
    day = Number.isNaN(asked.getTime()) ? dayStart(now()) : asked;
    const [from, until] = range();
    following = new Following(`/me/calendarView/delta?startDateTime=${from.toISOString()}&endDateTime=${until.toISOString()}`);
    fill(tabs, Object.entries(MODES).map(([name, words]) => (
      el("a", { href: `#/calendar/${name}/${dayKey(day)}`, "aria-current": name === mode && "true" }, words))));
    title.textContent = heading();
    document.title = `${title.textContent} – ${me.displayName} – rsvpd`;
    await show();
  }

  /** Show what is in the calendar now. Returns whether that is something else than stood there. */
  async function show() {
    const [from, until] = range();
    const events = await all(`/me/calendarView?startDateTime=${from.toISOString()}&endDateTime=${until.toISOString()}`
      + `&$top=200&$orderby=start/dateTime&$select=${FIELDS}`);
    if (`${range()}` !== `${[from, until]}`) return false; // somebody went on meanwhile
    if (!isOther(place, [mode, from, until, Math.floor(now() / MINUTE), events])) return false;
    const items = events.map((event) => (
      { event, start: instant(event.start, event.isAllDay), end: instant(event.end, event.isAllDay) }));
    const days = Array.from({ length: Math.round((until - from) / DAY) }, (_, at) => addDays(from, at));
    const focused = document.activeElement?.dataset?.event;
    const scrolled = place.querySelector(".hours")?.scrollTop;
    if (mode === "agenda") fill(place, agenda(items, days));
    else if (mode === "month") fill(place, month(items, days, day));
    else fill(place, hours(items, days, { moved: show }));
    const grid = place.querySelector(".hours");
    if (grid) grid.scrollTop = scrolled ?? grid.scrollHeight * (7.5 / 24);
    if (focused) place.querySelector(`[data-event="${CSS.escape(focused)}"]`)?.focus();
    return true;
  }

  async function look() {
    if (place.querySelector(".moving")) return; // whoever drops it looks
    const changes = await following.changes();
    if (changes && !changes.length) return;
    if (await show()) say("The calendar has changed.");
  }

  function range() {
    if (mode === "day") return [day, addDays(day, 1)];
    if (mode === "week") return [weekStart(day), addDays(weekStart(day), 7)];
    if (mode === "agenda") return [day, addDays(day, AGENDA_DAYS)];
    return [weekStart(firstOfMonth(day)), addDays(weekStart(addDays(firstOfMonth(day, 1), -1)), 7)];
  }

  function stepped(by) {
    if (mode === "month") return firstOfMonth(day, by);
    return addDays(day, by * { day: 1, week: 7, agenda: AGENDA_DAYS }[mode]);
  }

  function heading() {
    if (mode === "day" || mode === "agenda") return dayName(day);
    return MONTH.format(mode === "week" ? addDays(weekStart(day), 3) : day);
  }

  function go(which, when) {
    location.hash = `#/calendar/${which}/${dayKey(when)}`;
  }

  return { open, look };
}
