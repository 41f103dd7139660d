// Times as the person who looks has them: the browser's zone, and words for it.

const LOCALE = "en-GB";
export const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
export const MINUTE = 60000;
export const DAY = 24 * 60 * MINUTE;

const format = (options) => new Intl.DateTimeFormat(LOCALE, options);
const TIME = format({ hour: "2-digit", minute: "2-digit" });
const DATE = format({ weekday: "long", day: "numeric", month: "long" });
const DATE_OF_YEAR = format({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
const SHORT = format({ day: "numeric", month: "short" });
const SHORT_OF_YEAR = format({ day: "numeric", month: "short", year: "numeric" });

export const WEEKDAY = format({ weekday: "short" });
export const MONTH = format({ month: "long", year: "numeric" });
export const MONTH_SHORT = format({ month: "short" });

let ahead = 0;

/** What the server's clock shows: it may be set to any time. */
export const now = () => new Date(Date.now() + ahead);

/** Ask the server how its clock goes; a server that does not tell us has the time of everybody. */
export async function askClock() {
  try {
    const answer = await fetch("/_rsvpd/clock", { cache: "no-store" });
    if (answer.ok) ahead = Date.parse((await answer.json()).now) - Date.now();
  } catch {
    // it does not answer, which others notice
  }
}

/** A dateTimeTimeZone in UTC as an instant; of a whole day the date counts, wherever one is. */
export function instant(value, isAllDay = false) {
  return new Date(isAllDay ? `${value.dateTime.slice(0, 10)}T00:00:00` : `${value.dateTime.slice(0, 19)}Z`);
}

export const utc = (date) => ({ dateTime: date.toISOString().slice(0, 19), timeZone: "UTC" });
export const clock = (date) => TIME.format(date);
export const dayStart = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());
export const addDays = (date, days) => new Date(date.getFullYear(), date.getMonth(), date.getDate() + days);
export const weekStart = (date) => addDays(date, -((date.getDay() + 6) % 7));
export const isSameDay = (one, other) => dayStart(one).getTime() === dayStart(other).getTime();

/** A day as it stands in addresses and date fields: 2026-11-30. */
export function dayKey(date) {
  const two = (number) => `${number}`.padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Words for a day: today, tomorrow, else its date. */
export function dayName(date) {
  const away = Math.round((dayStart(date) - dayStart(now())) / DAY);
  const near = { "-1": "Yesterday", 0: "Today", 1: "Tomorrow" }[away];
  const name = (date.getFullYear() === now().getFullYear() ? DATE : DATE_OF_YEAR).format(date);
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

/** Short words for when something came. */
export function came(date) {
  if (isSameDay(date, now())) return clock(date);
  return (date.getFullYear() === now().getFullYear() ? SHORT : SHORT_OF_YEAR).format(date);
}

/** What a date field and a time field say, as an instant. */
export const fromFields = (day, time) => new Date(`${day}T${time || "00:00"}`);
