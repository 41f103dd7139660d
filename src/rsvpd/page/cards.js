// One message as a card: an invitation, an answer, a cancellation, or mail.

import { answerForm } from "./answer.js";
import { action, el, fill, isOther, say } from "./dom.js";
import { frame } from "./frame.js";
import { ask, get, patch, Refused } from "./graph.js";
import { clock, instant, local, when, whenElsewhere, ZONE } from "./times.js";
import { ANSWERS, recurrenceWords } from "./words.js";

const KINDS = {
  meetingRequest: "request", meetingCancelled: "cancelled", meetingAccepted: "answer",
  meetingTenativelyAccepted: "answer", meetingDeclined: "answer",
};

/** What a message is: request, cancelled, answer or mail. */
export const kindOf = (message) => KINDS[message.meetingMessageType] ?? "mail";

/** The words for what a message is, and for what became of it. */
export function labelOf(message) {
  const what = whatOf(message);
  const mine = kindOf(message) === "request" && !message.isOutOfDate && message.event?.responseStatus?.response;
  return ["accepted", "tentativelyAccepted", "declined"].includes(mine) ? `${what}: you ${ANSWERS[mine].past}` : what;
}

function whatOf(message) {
  const kind = kindOf(message);
  if (kind === "mail") return message.isDraft ? "Draft" : "Mail";
  if (kind === "cancelled") return "Cancelled";
  if (kind === "answer") {
    const words = ANSWERS[message.responseType]?.said ?? "Answered";
    return message.proposedNewTime ? `${words}, another time proposed` : words;
  }
  if (message.isOutOfDate) return "Out of date";
  return message.meetingRequestType === "fullUpdate" || message.meetingRequestType === "informationalUpdate"
    ? "Update" : "Invitation";
}

/** The card of a message. `look` reads anew what may have changed beside it; `seen` is told of the meeting as it is now, null where it is gone. */
export function card(message, { changed, seen }) {
  const kind = kindOf(message);
  const node = el("article", { class: `card ${kind} waiting` });
  const problem = el("p", { class: "problem", role: "alert" });
  const beside = el("div", { class: "beside" });
  const answer = kind === "request" && message.event && !message.event.isOrganizer && !message.isOutOfDate
    ? answerForm(message.event, { changed }) : null;
  fill(node,
    el("p", { class: "kind" }, kind === "answer" ? "Answer" : whatOf(message)), // how it was answered stands with the form
    el("h2", {}, titleOf(message)),
    kind === "mail" ? mailHead(message) : meetingHead(message, kind),
    beside, answer?.node, problem, message.event && el("trap-lines", { meeting: message.event.iCalUId }), body(message),
    message.event && el("p", { class: "onward" }, el("a", { href: `#/meeting/${encodeURIComponent(message.event.id)}` }, "Open the meeting")));
  const shows = {
    request: () => requestBeside(message, beside, answer, seen),
    answer: () => answerBeside(message, beside, changed),
    cancelled: () => cancelledBeside(message, beside, changed),
    mail: async () => {},
  };
  /** What is pressed is not to be seen before all that stands above it: else it would move away under the hand. */
  async function look() {
    try {
      await shows[kind]();
    } finally {
      node.classList.remove("waiting");
    }
  }
  return { node, look };
}

function body(message) {
  if (kindOf(message) !== "mail" && !message.bodyPreview) return null;
  return frame(message.body, kindOf(message) === "mail" ? "Text of the message" : "What was written");
}

function mailHead(message) {
  return el("dl", { class: "facts" }, fact("From", person(message.from)),
    fact("To", message.toRecipients.map(person).join(", ") || "Nobody yet"),
    message.ccRecipients.length ? fact("Cc", message.ccRecipients.map(person).join(", ")) : null,
    fact("When", when(new Date(message.receivedDateTime), new Date(message.receivedDateTime)).split(" – ")[0]));
}

function meetingHead(message, kind) {
  const start = message.startDateTime && instant(message.startDateTime, message.isAllDay);
  const end = message.endDateTime && instant(message.endDateTime, message.isAllDay);
  const repeats = recurrenceWords(message.recurrence);
  const before = message.previousStartDateTime && instant(message.previousStartDateTime, message.isAllDay);
  const isMoved = before && start && before.getTime() !== start.getTime();
  return el("dl", { class: "facts" },
    kind === "answer" && fact("Meeting", message.event?.subject ?? message.subject),
    start && fact("When", el("span", {}, when(start, end, message.isAllDay), " ", zoneLine(message.event))),
    isMoved && fact("Was", when(before, instant(message.previousEndDateTime, message.isAllDay), message.isAllDay)),
    repeats && fact("Repeats", repeats),
    message.location?.displayName && fact("Where", message.location.displayName),
    kind !== "answer" && fact("From", person(message.from)),
    kind === "request" && message.event?.attendees?.length
      ? fact("Who", el("ul", { class: "people" }, message.event.attendees.map((one) => (
        el("li", {}, el("span", {}, one.emailAddress.name), el("span", { class: "quiet" }, roleOf(one, message.event)))))))
      : null);
}

/** The zone of these times, and what the clock says where the organizer is. */
export function zoneLine(event) {
  return el("span", { class: "quiet" }, [ZONE, event && whenElsewhere(event)].filter(Boolean).join(" · "));
}

/** What the meeting collides with, and how it was answered. */
async function requestBeside(message, place, answer, seen) {
  if (!message.event) {
    fill(place, el("p", { class: "note" }, "The meeting is not in your calendar any more."));
    return;
  }
  if (message.event.isOrganizer) {
    fill(place, el("p", { class: "note" }, "You sent this. Who answered what stands with the meeting."));
    return;
  }
  if (message.isOutOfDate) {
    fill(place, el("p", { class: "note" }, "A newer message has taken its place."));
    return;
  }
  const event = await eventOf(message, "subject,start,end,isAllDay,responseStatus,iCalUId,type,seriesMasterId,isCancelled");
  if (!event) {
    answer.node.hidden = true;
    seen(null);
    const words = "You declined, or it was removed: the meeting is not in your calendar any more.";
    if (isOther(place, words)) fill(place, el("p", { class: "note" }, words));
    return;
  }
  answer.node.hidden = false;
  answer.show(event.responseStatus.response);
  seen(event);
  const others = await collisions(event);
  if (!isOther(place, others)) return;
  fill(place, others.length
    ? el("div", { class: "collides" }, el("p", {}, "At that time you have:"), el("ul", {}, others.slice(0, 5).map((one) => (
      el("li", {}, el("a", { href: `#/meeting/${encodeURIComponent(one.id)}` }, one.subject || "(no subject)"), " ",
        el("span", { class: "quiet" }, `${clock(instant(one.start))} – ${clock(instant(one.end))}`))))))
    : el("p", { class: "free" }, "Nothing else is in your calendar at that time."));
}

/** The meeting as it is now, null where it is gone. */
async function eventOf(message, fields) {
  try {
    return await get(`/me/events/${encodeURIComponent(message.event.id)}?$select=${fields}`);
  } catch (wrong) {
    if (wrong instanceof Refused && wrong.status === 404) return null;
    throw wrong;
  }
}

async function collisions(event) {
  const start = instant(event.start, event.isAllDay).toISOString();
  const end = instant(event.end, event.isAllDay).toISOString();
  const { value } = await get(`/me/calendarView?startDateTime=${start}&endDateTime=${end}&$top=20`
    + "&$select=id,subject,start,end,showAs,isAllDay,iCalUId,seriesMasterId,responseStatus,isCancelled");
  return value.filter((one) => one.iCalUId !== event.iCalUId && one.seriesMasterId !== event.id && one.showAs !== "free"
    && !one.isCancelled && one.responseStatus.response !== "declined");
}

async function answerBeside(message, place, changed) {
  const proposed = message.proposedNewTime;
  if (!proposed || !message.event) return;
  const [start, end] = [instant(proposed.start), instant(proposed.end)];
  const event = await eventOf(message, "start,end,type,isOrganizer");
  if (!event) return;
  const isTaken = instant(event.start).getTime() === start.getTime() && instant(event.end).getTime() === end.getTime();
  const isOffered = !isTaken && event.type !== "seriesMaster" && event.isOrganizer;
  if (!isOther(place, [isTaken, isOffered])) return;
  const words = el("p", {}, "Proposes ", el("strong", {}, when(start, end)), isTaken ? ". That is when it is now." : ".");
  if (!isOffered) {
    fill(place, words);
    return;
  }
  const button = el("button", { type: "button", class: "main" }, "Take up this time");
  button.addEventListener("click", action(button, async () => {
    await patch(`/me/events/${encodeURIComponent(message.event.id)}`, { start: local(start), end: local(end) });
    say("The meeting was moved, and everybody is told.");
    await changed();
  }));
  fill(place, words, el("p", { class: "row" }, button));
}

async function cancelledBeside(message, place, changed) {
  if (!message.event) {
    fill(place, el("p", { class: "note" }, "It is not in your calendar any more."));
    return;
  }
  if (place.firstChild) return;
  const button = el("button", { type: "button" }, "Remove it from the calendar");
  button.addEventListener("click", action(button, async () => {
    await ask("DELETE", `/me/events/${encodeURIComponent(message.event.id)}`);
    say("It was removed from the calendar.");
    fill(place, el("p", { class: "note" }, "It was removed from your calendar."));
    await changed();
  }));
  fill(place, el("p", { class: "row" }, button));
}

/** The headline: of an answer who said what, else the subject. */
function titleOf(message) {
  const name = message.from?.emailAddress.name;
  const answer = ANSWERS[message.responseType];
  if (kindOf(message) === "answer" && name && answer) return `${name} ${answer.past}`;
  const subject = kindOf(message) === "cancelled" ? message.subject.replace(/^Canceled: /, "") : message.subject; // said above it
  return subject || "(no subject)";
}

/** Of those invited a guest knows no answers (only the organizer does), so none is shown. */
function roleOf(attendee, event) {
  if (attendee.emailAddress.address === event.organizer?.emailAddress.address) return "organizer";
  return { optional: "optional", resource: "room" }[attendee.type] ?? "";
}

function person(one) {
  const { name, address } = one?.emailAddress ?? { name: "Nobody" };
  return !address || !name || name === address ? address || name : `${name} <${address}>`;
}
const fact = (name, value) => [el("dt", {}, name), el("dd", {}, value)];
