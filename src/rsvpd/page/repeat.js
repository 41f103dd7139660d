// How a meeting repeats: each day, on days of the week, each month or year; until a day, a number of times, or without end.

import { el, fill } from "./dom.js";
import { addDays, dayKey, dayOf, monthOf, weekdayOf, ZONE } from "./times.js";

const DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const WEEKS = ["first", "second", "third", "fourth", "last"];
const KINDS = { "": "Does not repeat", daily: "Daily", weekly: "Weekly", absoluteMonthly: "Monthly, on the same day", relativeMonthly: "Monthly, on the same weekday",
  absoluteYearly: "Yearly" };
const UNITS = { daily: "days", weekly: "weeks", absoluteMonthly: "months", relativeMonthly: "months", absoluteYearly: "years" };
const FIRST = 10;

/** The fields for it. `day` tells the first day, `recurrence` what it was; `value` returns what was chosen, null for a
 * meeting that does not repeat. What these fields do not know (a weekday of each year) is kept as it is until they are touched. */
export function repeat({ day, recurrence = null, changed }) {
  const { pattern, range } = recurrence ?? {};
  let isTouched = !pattern || pattern.type in UNITS;
  const kept = pattern && !(pattern.type in UNITS) ? { [pattern.type]: "As it is now" } : {};
  const kind = el("select", { id: "repeats", onchange: () => { isTouched = kind.value in UNITS || !kind.value; paint(); changed(); } },
    Object.entries({ ...KINDS, ...kept }).map(([value, words]) => el("option", { value, selected: value === (pattern?.type ?? "") }, words)));
  const every = el("input", { type: "number", id: "every", min: "1", max: "99", value: pattern?.interval ?? 1, required: true });
  const unit = el("label", { for: every.id });
  const checks = el("fieldset", { class: "days" }, el("legend", {}, "On"));
  const boxes = [1, 2, 3, 4, 5, 6, 0].map((at) => {
    const box = el("input", { type: "checkbox", value: DAYS[at], checked: pattern?.type === "weekly" && pattern.daysOfWeek.includes(DAYS[at]) });
    checks.append(el("label", { class: "check" }, box, el("span", { "aria-hidden": "true" }, capital(DAYS[at].slice(0, 3))),
      el("span", { class: "unseen" }, capital(DAYS[at]))));
    return box;
  });
  const ends = el("select", { id: "ends", onchange: paint }, [["noEnd", "Never"], ["endDate", "On a day"], ["numbered", "After"]].map(
    ([value, words]) => el("option", { value, selected: value === range?.type }, words)));
  const until = el("input", { type: "date", id: "until-day", value: range?.type === "endDate" ? range.endDate : "" });
  const times = el("input", { type: "number", id: "times", min: "1", max: "999", value: range?.numberOfOccurrences || FIRST });
  const field = (label, input) => el("div", {}, label.nodeType ? label : el("label", { for: input.id }, label), input);
  const untilField = field("Last date", until);
  const timesField = field("Times", times);
  const more = [field(unit, every), field("Ends", ends), untilField, timesField];
  const node = el("div", {}, el("div", { class: "fields" }, field("Repeats", kind), more), checks);

  function paint() {
    const isOn = kind.value in UNITS;
    for (const one of more) one.hidden = !isOn;
    every.required = isOn;
    fill(unit, `Every … ${UNITS[kind.value] ?? ""}`);
    checks.hidden = kind.value !== "weekly";
    if (!checks.hidden && !boxes.some((one) => one.checked)) check(weekdayOf(day()));
    untilField.hidden = !isOn || ends.value !== "endDate";
    timesField.hidden = !isOn || ends.value !== "numbered";
    until.required = !untilField.hidden;
    until.min = dayKey(day());
    if (!untilField.hidden && !until.value) until.value = dayKey(addDays(day(), 90));
    times.required = !timesField.hidden;
  }

  function check(weekday) {
    for (const box of boxes) if (box.value === DAYS[weekday]) box.checked = true;
  }

  function value() {
    if (!kind.value) return null;
    const first = day();
    const startDate = dayKey(first);
    if (!isTouched) return { pattern, range: { ...range, startDate } };
    return { pattern: chosenPattern(first), range: { ...chosenRange(), startDate, recurrenceTimeZone: ZONE } };
  }

  function chosenPattern(first) {
    const base = { type: kind.value, interval: Number(every.value) };
    if (kind.value === "weekly") {
      return { ...base, daysOfWeek: boxes.filter((one) => one.checked).map((one) => one.value), firstDayOfWeek: pattern?.firstDayOfWeek ?? "monday" };
    }
    if (kind.value === "absoluteMonthly") return { ...base, dayOfMonth: dayOf(first) };
    if (kind.value === "absoluteYearly") return { ...base, dayOfMonth: dayOf(first), month: monthOf(first) + 1 };
    if (kind.value === "relativeMonthly") return { ...base, daysOfWeek: [DAYS[weekdayOf(first)]], index: weekOf(first) };
    return base;
  }

  function chosenRange() {
    if (ends.value === "endDate") return { type: "endDate", endDate: until.value };
    return ends.value === "numbered" ? { type: "numbered", numberOfOccurrences: Number(times.value) } : { type: "noEnd" };
  }

  paint();
  return { node, value, paint };
}

/** Which one of its weekday a day is in its month; the one after which there is no more is the last. */
function weekOf(day) {
  const at = Math.ceil(dayOf(day) / 7) - 1;
  return at === 4 || monthOf(addDays(day, 7)) !== monthOf(day) ? "last" : WEEKS[at];
}

const capital = (word) => word[0].toUpperCase() + word.slice(1);
