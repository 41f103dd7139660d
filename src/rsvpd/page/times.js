// Times as the person who looks wants them: in a zone, the browser's until another one is chosen, and words for them.

import { reachJson } from "./reach.js";
import { ianaName } from "./zones.js";

const LOCALE = "en-GB";
export const BROWSER_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
export const MINUTE = 60000;
export const DAY = 24 * 60 * MINUTE;

/** The zone that everything is shown in. */
export let ZONE = BROWSER_ZONE;

/** Show everything in another zone. */
export function setZone(name) {
  ZONE = name;
}

/** A format in the zone that is chosen when it is used. */
function zoned(options) {
  let zone = "";
  let made = null;
  const format = () => {
    if (zone !== ZONE) {
      made = new Intl.DateTimeFormat(LOCALE, { ...options, timeZone: ZONE });
      zone = ZONE;
    }
    return made;
  };
  return { format: (date) => format().format(date), parts: (date) => format().formatToParts(date) };
}

const TIME = zoned({ hour: "2-digit", minute: "2-digit" });
const DATE = zoned({ weekday: "long", day: "numeric", month: "long" });
const DATE_OF_YEAR = zoned({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
const SHORT = zoned({ day: "numeric", month: "short" });
const SHORT_OF_YEAR = zoned({ day: "numeric", month: "short", year: "numeric" });
const WALL = zoned({
  year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric", hourCycle: "h23",
});

export const WEEKDAY = zoned({ weekday: "short" });
export const MONTH = zoned({ month: "long", year: "numeric" });
export const MONTH_SHORT = zoned({ month: "short" });

let ahead = 0;

/** What the server's clock shows: it may be set to any time. */
export const now = () => new Date(Date.now() + ahead);

/** Ask the server how its clock goes; a server that does not tell us has the time of everybody. */
export async function askClock() {
  try {
    const { ok, body } = await reachJson("/_rsvpd/clock");
    if (ok) ahead = Date.parse(body.now) - Date.now();
  } catch {
    // it does not answer, which others notice
  }
}

/** What a clock and a calendar on the wall show: months from 0, and all of it once more as if it were UTC. */
function wall(date) {
  const found = Object.fromEntries(WALL.parts(date).map(({ type, value }) => [type, Number(value)]));
  const { year, month, day, hour, minute, second } = found;
  return { year, month: month - 1, day, asUtc: Date.UTC(year, month - 1, day, hour, minute, second) };
}

/** When a clock on the wall shows that; what it never shows (the hour that is left out) is as long after midnight. */
function fromWall(year, month, day, hour = 0, minute = 0) {
  const wanted = Date.UTC(year, month, day, hour, minute);
  if (Number.isNaN(wanted)) return new Date(NaN);
  const as = (near) => new Date(wanted - (wall(new Date(near)).asUtc - near));
  const [before, after] = [as(wanted - DAY), as(wanted + DAY)];
  return wall(before).asUtc !== wanted && wall(after).asUtc === wanted ? after : before;
}

/** A dateTimeTimeZone in UTC as an instant; of a whole day the date counts, wherever one is. */
export function instant(value, isAllDay = false) {
  return isAllDay ? fromFields(value.dateTime.slice(0, 10)) : new Date(`${value.dateTime.slice(0, 19)}Z`);
}

export const utc = (date) => ({ dateTime: date.toISOString().slice(0, 19), timeZone: "UTC" });
/** What the wall shows, with the zone: what repeats does so by that clock. */
export const local = (date) => ({ dateTime: new Date(wall(date).asUtc).toISOString().slice(0, 19), timeZone: ZONE });
export const clock = (date) => TIME.format(date);
export const yearOf = (date) => wall(date).year;
export const monthOf = (date) => wall(date).month;
export const dayOf = (date) => wall(date).day;
/** 0 is Sunday. */
export const weekdayOf = (date) => new Date(wall(date).asUtc).getUTCDay();
export const firstOfMonth = (date, months = 0) => fromWall(yearOf(date), monthOf(date) + months, 1);
export const addDays = (date, days) => fromWall(yearOf(date), monthOf(date), dayOf(date) + days);
export const dayStart = (date) => addDays(date, 0);
export const weekStart = (date) => addDays(date, -((weekdayOf(date) + 6) % 7));
export const isSameDay = (one, other) => dayKey(one) === dayKey(other);

/** A day as it stands in addresses and date fields: 2026-11-30. */
export function dayKey(date) {
  return local(date).dateTime.slice(0, 10);
}

/** What a date field and a time field say, as an instant, which is not a time where they say nothing. */
export function fromFields(day, time = "") {
  const [year, month, date] = (day || "-").split("-").map(Number);
  const [hour, minute] = (time || "00:00").split(":").map(Number);
  return fromWall(year, month - 1, date, hour, minute);
}

/** Words for a day: today, tomorrow, else its date. */
export function dayName(date) {
  const away = Math.round((dayStart(date) - dayStart(now())) / DAY);
  const near = { "-1": "Yesterday", 0: "Today", 1: "Tomorrow" }[away];
  const name = (yearOf(date) === yearOf(now()) ? DATE : DATE_OF_YEAR).format(date);
  return near ? `${near}, ${name}` : name;
}

/** Words for when something is: day and times, or days. */
export function when(start, end, isAllDay) {
  if (isAllDay) {
    const last = addDays(end, -1);
    return last > start ? `${dayName(start)} to ${dayName(last)}, all day` : `${dayName(start)}, all day`;
  }
  const until = isSameDay(start, end) ? clock(end) : `${dayName(end)}, ${clock(end)}`;
  return `${dayName(start)}, ${clock(start)} – ${until}`;
}

/** The same where the organizer is, empty where the clocks there show what they show here. */
export function whenElsewhere(event) {
  const zone = ianaName(event.originalStartTimeZone);
  if (event.isAllDay || !zone) return "";
  const [start, end] = [instant(event.start), instant(event.end)];
  const there = (options, date) => new Intl.DateTimeFormat(LOCALE, { ...options, timeZone: zone }).format(date);
  const [time, weekday] = [{ hour: "2-digit", minute: "2-digit" }, { weekday: "short" }];
  const isOtherDay = there(weekday, start) !== WEEKDAY.format(start);
  if (there(time, start) === clock(start) && !isOtherDay) return "";
  return `${isOtherDay ? `${there(weekday, start)} ` : ""}${there(time, start)} – ${there(time, end)} in ${zone}`;
}

/** Short words for when something came. */
export function came(date) {
  if (isSameDay(date, now())) return clock(date);
  return (yearOf(date) === yearOf(now()) ? SHORT : SHORT_OF_YEAR).format(date);
}
