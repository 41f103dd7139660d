// Accept, Maybe, Decline: with a comment, another time, or in silence.

import { action, el, fill, say } from "./dom.js";
import { post } from "./graph.js";
import { dayKey, fromFields, instant, clock, utc } from "./times.js";
import { answerOf, mark } from "./words.js";

const CALLS = [
  ["accept", "Accept", "accepted"], ["tentativelyAccept", "Maybe", "tentativelyAccepted"],
  ["decline", "Decline", "declined"],
];

/** The form that answers an invitation. `show` says how it was answered. */
export function answerForm(event, { changed }) {
  const start = instant(event.start, event.isAllDay);
  const end = instant(event.end, event.isAllDay);
  const comment = el("textarea", { id: "comment", rows: "2", maxlength: "5000" });
  const silent = el("input", { type: "checkbox", id: "silent" });
  const wantsTime = el("input", { type: "checkbox", id: "other-time", onchange: toggle });
  const fields = [
    el("input", { type: "date", id: "new-day", value: dayKey(start) }),
    el("input", { type: "time", id: "new-start", value: clock(start) }),
    el("input", { type: "time", id: "new-end", value: clock(end) }),
  ];
  const time = el("div", { class: "fields", hidden: true },
    ["Day", "From", "Until"].map((name, at) => el("div", {}, el("label", { for: fields[at].id }, name), fields[at])));
  const state = el("p", { class: "state", role: "status" });
  const buttons = CALLS.map(([call, name, response]) => {
    const button = el("button", { type: "button", "data-answer": response }, name);
    button.addEventListener("click", action(button, () => send(call, response)));
    return button;
  });
  const options = [
    el("label", { class: "check" }, silent, "Don’t send a response"),
    event.allowNewTimeProposals && !event.isAllDay && event.type !== "seriesMaster"
      && el("label", { class: "check" }, wantsTime, "Propose another time"),
  ];
  const node = el("form", { class: "answer", "aria-label": "Your answer", onsubmit: (event) => event.preventDefault() },
    state, scope(event), el("div", { class: "row" }, buttons),
    el("details", {}, el("summary", {}, "Add a comment, another time, or answer in silence"),
      el("label", { for: "comment" }, "Comment"), comment, el("div", { class: "checks" }, options), time),
    el("p", { class: "problem", role: "alert" }));

  function toggle() {
    time.hidden = !wantsTime.checked;
    buttons[0].disabled = wantsTime.checked; // who accepts takes the time as it is
    if (wantsTime.checked) silent.checked = false;
    silent.disabled = wantsTime.checked;
  }

  async function send(call, response) {
    const body = { sendResponse: !silent.checked };
    if (comment.value.trim()) body.comment = comment.value;
    if (wantsTime.checked) body.proposedNewTime = proposal();
    await post(`/me/events/${encodeURIComponent(event.id)}/${call}`, body);
    comment.value = "";
    show(response);
    say(`You ${answerOf(response).past}.`);
    await changed();
  }

  function proposal() {
    const [day, from, until] = fields.map((one) => one.value);
    const [first, last] = [fromFields(day, from), fromFields(day, until)];
    if (!(last > first)) throw new Error("The proposed time has to end after it begins.");
    return { start: utc(first), end: utc(last) };
  }

  function show(response) {
    const isAnswered = ["accepted", "tentativelyAccepted", "declined"].includes(response);
    fill(state, isAnswered ? [mark(response), `You ${answerOf(response).past}. You can change your answer.`]
      : event.responseRequested === false ? "The organizer asks for no answer." : "You have not answered yet.");
    for (const button of buttons) {
      const isMine = button.dataset.answer === response;
      button.setAttribute("aria-pressed", `${isMine}`);
      button.className = isMine || (!isAnswered && button.dataset.answer === "accepted") ? "main" : "";
    }
  }

  show(event.responseStatus?.response ?? "none");
  return { node, show };
}

/** What an answer is for: one date of a series has its own. */
function scope(event) {
  if (event.type === "seriesMaster") return el("p", { class: "quiet" }, "Your answer is for every date of the series.");
  if (!event.seriesMasterId) return null;
  return el("p", { class: "quiet" }, "Your answer is for this date alone. ",
    el("a", { href: `#/meeting/${encodeURIComponent(event.seriesMasterId)}` }, "Answer the whole series"));
}
