// A meeting is made or changed: what, when, how often, with whom and where, beside the free and busy times of each.

import { action, el, fill, say } from "./dom.js";
import { all, batch, patch, post } from "./graph.js";
import { everybody, people } from "./people.js";
import { repeat } from "./repeat.js";
import { addDays, clock, dayKey, dayStart, fromFields, instant, local, MINUTE, now, utc, ZONE } from "./times.js";

const STEP = 30;
const FIRST_HOUR = 7;
const LAST_HOUR = 19;
const LONGEST_LIST = 200;
const LENGTHS = [15, 30, 45, 60, 90, 120];
const STATES = ["free", "tentative", "busy", "away", "elsewhere"];
const WORDS = { free: "free", tentative: "tentative", busy: "busy", away: "away", elsewhere: "working elsewhere" };
const TITLES = { singleInstance: "Change the meeting", seriesMaster: "Change the series" };

/** Open the form: of a new meeting on a `day`, or of `event`. `changed` is called once the server has it. */
export async function compose({ me, day, event = null, changed }) {
  const from = event ? instant(event.start, event.isAllDay) : startTime(day);
  const to = event ? instant(event.end, event.isAllDay) : new Date(from.getTime() + 60 * MINUTE);
  const minutes = event && !event.isAllDay ? Math.round((to - from) / MINUTE) : 60;
  const subject = el("input", { type: "text", id: "subject", required: true, maxlength: "255", value: event?.subject ?? "" });
  const allDay = el("input", { type: "checkbox", id: "all-day", checked: event?.isAllDay, onchange: look });
  const date = el("input", { type: "date", id: "day", required: true, value: dayKey(from), onchange: look });
  const last = el("input", { type: "date", id: "last-day", value: dayKey(event?.isAllDay ? addDays(to, -1) : from), onchange: look });
  const begins = el("input", { type: "time", id: "begins", required: true, value: event?.isAllDay ? "09:00" : clock(from), onchange: paint });
  const lengths = [...new Set([...LENGTHS, minutes])].sort((a, b) => a - b);
  const lasts = el("select", { id: "lasts", onchange: paint },
    lengths.map((one) => el("option", { value: one, selected: one === minutes }, lengthWords(one))));
  const who = people({ id: "who", label: "Who", own: me.mail, verb: "invited", changed: look });
  const maybe = people({ id: "optional", label: "Optional", own: me.mail, verb: "invited", changed: look });
  const where = el("div", { class: "fields" });
  const place = el("input", { type: "text", id: "place", maxlength: "255", placeholder: "Where there is no room" });
  const online = el("input", { type: "checkbox", id: "online", checked: event?.isOnlineMeeting, disabled: event?.isOnlineMeeting });
  const words = el("textarea", { id: "words", rows: "3" });
  const times = el("div", { class: "times", role: "group", "aria-label": "Free and busy" });
  const send = el("button", { type: "submit", class: "main" }, "Save");
  const isDate = event && !["singleInstance", "seriesMaster"].includes(event.type);
  const often = isDate ? null : repeat({ day: firstDay, recurrence: event?.recurrence, changed: paint });
  const rooms = new Map();
  const names = new Map([[me.mail, "You"]]);
  let schedules = [];
  let before = "";
  let asked = "";
  const field = (name, input) => el("div", {}, el("label", { for: input.id }, name), input);
  const lastField = field("Last day", last);
  const timed = [field("Begins", begins), field("Lasts", lasts)];
  const onlineField = el("label", { class: "check", hidden: true }, online, "Online meeting");

  const dialog = el("dialog", { class: "compose", "aria-labelledby": "compose-title", onclose: () => dialog.remove() },
    el("form", { onsubmit: action(send, save) },
      el("div", { class: "body" }, el("h2", { id: "compose-title" }, !event ? "New meeting" : TITLES[event.type] ?? "Change this date"),
        field("What", subject),
        el("div", { class: "fields" }, field("Day", date), timed, lastField),
        el("div", { class: "checks" }, el("label", { class: "check" }, allDay, "All day"), onlineField),
        often?.node, el("div", { class: "fields top" }, who.node, maybe.node), where, field("Other place", place), times,
        field("What it is about", words)),
      el("p", { class: "problem", role: "alert" }),
      el("div", { class: "row" }, send, el("button", { type: "button", onclick: () => dialog.close() }, "Close"))));
  const guests = event?.attendees ?? [];
  words.value = event?.body.content.trimEnd() ?? "";
  who.set(guests.filter((one) => one.type === "required" && !isMine(one)));
  maybe.set(guests.filter((one) => one.type === "optional" && !isMine(one)));
  await Promise.all([offer(), offerRooms(), offerOnline()]);
  before = JSON.stringify(value());
  document.body.append(dialog); // complete: what is written from now on is a change
  dialog.showModal();
  subject.focus();
  await look();

  function isMine(one) {
    return one.emailAddress.address.toLowerCase() === me.mail.toLowerCase();
  }

  function isRoom(place) {
    return [place.locationEmailAddress, place.locationUri].some((one) => rooms.has(one))
      || [...rooms.values()].some((one) => one.displayName === place.displayName);
  }

  async function offer() {
    await Promise.all([who.offer(), maybe.offer()]);
    for (const [address, name] of await everybody()) if (!names.has(address)) names.set(address, name);
  }

  async function offerRooms() {
    for (const one of await all("/places/microsoft.graph.room", LONGEST_LIST)) rooms.set(one.emailAddress, one);
    const taken = guests.filter((one) => one.type === "resource").map((one) => one.emailAddress);
    for (const { address, name } of taken) if (!rooms.has(address)) rooms.set(address, { emailAddress: address, displayName: name });
    for (const one of rooms.values()) names.set(one.emailAddress, one.displayName);
    for (const { address } of taken) addRoom(address);
    if (taken.length < Math.max(rooms.size, 1)) addRoom("");
    place.value = (event?.locations ?? []).filter((one) => !isRoom(one)).map((one) => one.displayName).join("; ");
  }

  /** One list for each room that was picked, and one more. */
  function addRoom(address) {
    const at = where.childElementCount;
    const list = el("select", { id: `room-${at}`, onchange: () => {
      if (list.value && list.closest("div") === where.lastElementChild && at < rooms.size - 1) addRoom("");
      look();
    } }, el("option", { value: "" }, "No room"), [...rooms.values()].map((one) => (
      el("option", { value: one.emailAddress, selected: one.emailAddress === address },
        one.displayName + (one.capacity ? ` (${one.capacity})` : "")))));
    where.append(field(at ? `Room ${at + 1}` : "Where", list));
  }

  async function offerOnline() {
    const [calendar] = await batch(["/me/calendar?$select=allowedOnlineMeetingProviders"]);
    onlineField.hidden = !calendar?.allowedOnlineMeetingProviders?.length && !online.checked;
  }

  function firstDay() {
    return fromFields(date.value);
  }

  function chosenRooms() {
    return [...new Set([...where.querySelectorAll("select")].map((one) => one.value).filter(Boolean))];
  }

  /** Ask when everybody is free on that day. */
  async function look() {
    for (const one of timed) one.hidden = allDay.checked;
    lastField.hidden = !allDay.checked;
    last.min = date.value;
    if (last.value < date.value) last.value = date.value;
    often?.paint();
    const first = dayBegin();
    if (Number.isNaN(first.getTime())) return;
    const question = {
      schedules: [...new Set([me.mail, ...who.chosen.keys(), ...maybe.chosen.keys(), ...chosenRooms()])], startTime: utc(first), endTime: utc(dayEnd(first)),
      availabilityViewInterval: STEP,
    };
    const mine = JSON.stringify(question);
    asked = mine;
    const found = await post("/me/calendar/getSchedule", question);
    if (asked !== mine) return; // it is about other people or another day by now
    schedules = found.value;
    paint();
  }

  function dayBegin() {
    return fromFields(date.value, `${`${FIRST_HOUR}`.padStart(2, "0")}:00`);
  }

  function dayEnd(first) {
    return new Date(first.getTime() + (LAST_HOUR - FIRST_HOUR) * 60 * MINUTE);
  }

  function chosen() {
    if (allDay.checked) return [firstDay(), addDays(fromFields(last.value), 1)];
    const start = fromFields(date.value, begins.value);
    return [start, new Date(start.getTime() + Number(lasts.value) * MINUTE)];
  }

  function isSharedNow() {
    return who.chosen.size + maybe.chosen.size + chosenRooms().length > 0;
  }

  function paint() {
    const isShared = isSharedNow() || guests.length;
    send.textContent = !isShared ? "Save" : event ? "Save and tell everybody" : "Send invitation";
    const [start, end] = chosen();
    const first = dayBegin();
    fill(times,
      el("p", { class: "quiet" }, `${FIRST_HOUR}:00 to ${LAST_HOUR}:00${often?.value() ? " of the first date" : ""}, ${ZONE}. `,
        end <= first || start >= dayEnd(first) ? "The chosen time is outside of it." : "The chosen time is framed."),
      schedules.map((one) => {
        const state = one.error ? "unknown" : at(one, start, end, event && [from, to]);
        return el("div", { class: "line" },
          el("span", { class: "name" }, names.get(one.scheduleId) ?? one.scheduleId),
          el("span", { class: "bar", "aria-hidden": "true" }, [...(one.availabilityView ?? "")].map((code, slot) => {
            const begin = first.getTime() + slot * STEP * MINUTE;
            const isChosen = begin < end && begin + STEP * MINUTE > start;
            return el("span", { class: `${STATES[code] ?? "unknown"} ${isChosen ? "chosen" : ""}` });
          })),
          el("span", { class: `verdict ${state}` }, WORDS[state] ?? "not known"));
      }));
  }

  /** The meeting as the form has it. */
  function value() {
    const [start, end] = chosen();
    const as = (type, those) => those.map((one) => ({ ...one, type }));
    const places = as("resource", chosenRooms().map((address) => ({ emailAddress: { address, name: names.get(address) } })));
    const others = place.value.split(";").map((one) => one.trim()).filter(Boolean);
    const found = {
      subject: subject.value, body: { contentType: "text", content: words.value }, isAllDay: allDay.checked, time: [local(start), local(end)],
      recurrence: often ? often.value() : undefined,
      attendees: [...as("required", who.recipients()), ...as("optional", maybe.recipients()), ...places],
      locations: [...places.map(({ emailAddress }) => ({
        displayName: emailAddress.name, locationEmailAddress: emailAddress.address, locationUri: emailAddress.address,
        locationType: "conferenceRoom",
      })), ...others.map((name) => event?.locations?.find((one) => one.displayName === name) ?? { displayName: name })],
    };
    return onlineField.hidden ? found : { ...found, isOnlineMeeting: online.checked };
  }

  async function save() {
    if (!(await who.take()) || !(await maybe.take())) return;
    const [start, end] = chosen();
    if (!(end > start)) throw new Error("A meeting has to end after it begins.");
    await (event ? update() : create());
    dialog.close();
    const isShared = isSharedNow();
    if (event) say(isShared ? "The meeting was changed, and everybody is told." : "The meeting was changed.");
    else say(isShared ? "The invitation was sent." : "The meeting is in your calendar.");
    await changed();
  }

  async function create() {
    const { time: [start, end], ...rest } = value();
    await post("/me/events", { ...rest, start, end });
  }

  /** Send what is another than before. A day of a series is the first one of its pattern, too. */
  async function update() {
    const [old, found] = [JSON.parse(before), JSON.parse(JSON.stringify(value()))];
    const isOther = (name) => JSON.stringify(old[name]) !== JSON.stringify(found[name]);
    const { time: [start, end], ...rest } = found;
    const body = Object.fromEntries(Object.entries(rest).filter(([name]) => isOther(name)));
    if (isOther("time") || isOther("isAllDay") || (isOther("recurrence") && found.recurrence)) Object.assign(body, { start, end, isAllDay: found.isAllDay });
    if (body.start && found.recurrence) body.recurrence = found.recurrence;
    if (body.body && event.isOnlineMeeting) body.isOnlineMeeting = true; // other words do not end it
    if (Object.keys(body).length) await patch(`/me/events/${encodeURIComponent(event.id)}`, body);
  }
}

/** What somebody is doing between two instants: the strongest of what stands there, but for the meeting itself. */
function at(schedule, start, end, itself) {
  const there = (schedule.scheduleItems ?? []).filter((one) => instant(one.start) < end && instant(one.end) > start
    && !(itself && instant(one.start).getTime() === itself[0].getTime() && instant(one.end).getTime() === itself[1].getTime()));
  const strength = ["busy", "oof", "tentative", "workingElsewhere"].find((name) => there.some((one) => one.status === name));
  return { busy: "busy", oof: "away", tentative: "tentative", workingElsewhere: "elsewhere" }[strength] ?? "free";
}

function lengthWords(minutes) {
  if (minutes < 120 || minutes % 60) return `${minutes} minutes`;
  return `${minutes / 60} hours`;
}

/** The next full hour of a day that is still to come, nine o'clock of another one. */
function startTime(day) {
  const chosen = day && day >= dayStart(now()) ? day : dayStart(now());
  if (dayStart(now()).getTime() !== chosen.getTime()) return new Date(chosen.getTime() + 9 * 60 * MINUTE);
  const next = new Date(Math.ceil(now() / (60 * MINUTE)) * 60 * MINUTE);
  return next < addDays(dayStart(now()), 1) ? next : new Date(addDays(chosen, 1).getTime() + 9 * 60 * MINUTE);
}
