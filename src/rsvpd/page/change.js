// What the organizer may do with a meeting: change it, move it, call it off; of a series one date, or all of it.

import { compose } from "./compose.js";
import { action, el, say } from "./dom.js";
import { ask, AS_TEXT, get, patch, post } from "./graph.js";
import { clock, dayKey, fromFields, instant, local } from "./times.js";

const pathOf = (id) => `/me/events/${encodeURIComponent(id)}`;

/** The part of a meeting's page for whoever called it; `changed` is called when it is another one. */
export function changes(event, { me, changed }) {
  const isDate = Boolean(event.seriesMasterId);
  return el("div", { class: "changes" },
    el("section", {}, el("h2", {}, "Change it"),
      el("div", { class: "row" }, isDate
        ? [changeButton("Change this date", event.id), changeButton("Change the series", event.seriesMasterId)]
        : changeButton(event.type === "seriesMaster" ? "Change the series" : "Change the meeting", event.id)),
      event.isAllDay || event.type === "seriesMaster" ? null : move(event, changed),
      el("p", { class: "problem", role: "alert" })),
    el("section", {}, el("h2", {}, "Call it off"), cancel(event), el("p", { class: "problem", role: "alert" })));

  function changeButton(words, id) {
    const button = el("button", { type: "button" }, words);
    button.addEventListener("click", action(button, async () => {
      await compose({ me, event: await get(pathOf(id), AS_TEXT), changed });
    }));
    return button;
  }
}

/** Another time, without opening the form. */
function move(event, changed) {
  const [start, end] = [instant(event.start), instant(event.end)];
  const day = el("input", { type: "date", id: "move-day", value: dayKey(start) });
  const from = el("input", { type: "time", id: "move-from", value: clock(start) });
  const until = el("input", { type: "time", id: "move-until", value: clock(end) });
  const button = el("button", { type: "submit" }, event.seriesMasterId ? "Move this date" : "Move");
  const fields = [["Day", day], ["From", from], ["Until", until]];
  return el("form", { class: "fields", onsubmit: action(button, async () => {
    const [first, last] = [fromFields(day.value, from.value), fromFields(day.value, until.value)];
    if (!(last > first)) throw new Error("A meeting has to end after it begins.");
    await patch(pathOf(event.id), { start: local(first), end: local(last) });
    say("The meeting was moved, and everybody is told.");
    await changed();
  }) }, fields.map(([name, field]) => el("div", {}, el("label", { for: field.id }, name), field)), button);
}

/** Calling it off: everybody is told why. What nobody else is invited to is only deleted. */
function cancel(event) {
  const isShared = event.attendees.length > 0;
  const words = el("input", { type: "text", id: "cancel-comment", maxlength: "5000" });
  const off = (name, id) => {
    const button = el("button", { type: "button", class: "wrong" }, name);
    button.addEventListener("click", action(button, async () => {
      if (isShared) await post(`${pathOf(id)}/cancel`, words.value ? { comment: words.value } : {});
      else await ask("DELETE", pathOf(id));
      say(isShared ? "The meeting was cancelled, and everybody is told." : "The meeting was deleted.");
      location.hash = "#/calendar";
    }));
    return button;
  };
  const verb = isShared ? "Cancel" : "Delete";
  const isSeries = event.type === "seriesMaster";
  return [
    isShared && el("div", {}, el("label", { for: words.id }, "Comment"), words),
    el("div", { class: "row" }, event.seriesMasterId
      ? [off(`${verb} this date`, event.id), off(`${verb} the series`, event.seriesMasterId)]
      : off(isSeries ? `${verb} the series` : `${verb} the meeting`, event.id)),
  ];
}
