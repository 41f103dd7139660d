// Words and signs for answers and for what repeats. A sign never stands without words.

import { el } from "./dom.js";

export const ANSWERS = {
  accepted: { said: "Accepted", past: "accepted", sign: "✓" },
  tentativelyAccepted: { said: "Maybe", past: "said maybe", sign: "?" },
  declined: { said: "Declined", past: "declined", sign: "✕" },
  organizer: { said: "Organizer", past: "invited", sign: "★" },
  none: { said: "No answer", past: "have not answered", sign: "·" },
  notResponded: { said: "No answer", past: "have not answered", sign: "·" },
};

export const answerOf = (response) => ANSWERS[response] ?? ANSWERS.none;

/** The sign of an answer; the words beside it say the same. */
export const mark = (response) => el("span", { class: `mark ${response}`, "aria-hidden": "true" }, answerOf(response).sign);

const NAMES = { first: "first", second: "second", third: "third", fourth: "fourth", last: "last" };
const capital = (word) => word[0].toUpperCase() + word.slice(1);
const UNITS = {
  daily: "day", weekly: "week", absoluteMonthly: "month", relativeMonthly: "month", absoluteYearly: "year",
  relativeYearly: "year",
};

/** A recurrence in words, empty without one. */
export function recurrenceWords(recurrence) {
  if (!recurrence?.pattern) return "";
  const { pattern, range } = recurrence;
  const unit = UNITS[pattern.type];
  const every = pattern.interval > 1 ? `Every ${pattern.interval} ${unit}s` : `Every ${unit}`;
  const days = (pattern.daysOfWeek ?? []).map(capital).join(", ");
  const on = {
    weekly: days && ` on ${days}`,
    absoluteMonthly: ` on day ${pattern.dayOfMonth}`,
    relativeMonthly: ` on the ${NAMES[pattern.index]} ${days}`,
  }[pattern.type] ?? "";
  const ends = { endDate: ` until ${range.endDate}`, numbered: `, ${range.numberOfOccurrences} times` }[range.type] ?? "";
  return every + on + ends;
}
