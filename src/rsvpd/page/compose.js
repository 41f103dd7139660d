// A new meeting: what, when, with whom and where, beside the free and busy times of each.

import { action, el, fill, say } from "./dom.js";
import { all, post } from "./graph.js";
import { addDays, clock, dayKey, dayStart, fromFields, instant, MINUTE, now, utc, ZONE } from "./times.js";

const STEP = 30;
const FIRST_HOUR = 7;
const LAST_HOUR = 19;
const LONGEST_LIST = 200;
const STATES = ["free", "tentative", "busy", "away", "elsewhere"];
const WORDS = { free: "free", tentative: "tentative", busy: "busy", away: "away", elsewhere: "working elsewhere" };

/** Open the form of a new meeting; `changed` is called once it is made. */
export async function compose({ me, day, changed }) {
  const from = startTime(day);
  const subject = el("input", { type: "text", id: "subject", required: true, maxlength: "255" });
  const date = el("input", { type: "date", id: "day", required: true, value: dayKey(from), onchange: look });
  const begins = el("input", { type: "time", id: "begins", required: true, value: clock(from), onchange: paint });
  const lasts = el("select", { id: "lasts", onchange: paint },
    [15, 30, 45, 60, 90, 120].map((one) => el("option", { value: one, selected: one === 60 }, `${one} minutes`)));
  const room = el("select", { id: "room", onchange: look }, el("option", { value: "" }, "No room"));
  const who = el("input", { type: "text", id: "who", list: "known", autocomplete: "off", placeholder: "Name or address", onchange: addTyped });
  const known = el("datalist", { id: "known" });
  const guests = el("ul", { class: "chips", "aria-label": "Invited" });
  const words = el("textarea", { id: "words", rows: "3" });
  const times = el("div", { class: "times", role: "group", "aria-label": "Free and busy" });
  const send = el("button", { type: "submit", class: "main" }, "Send invitation");
  const invited = new Map();
  const names = new Map([[me.mail, "You"]]);
  let schedules = [];
  const field = (name, input, ...more) => el("div", {}, el("label", { for: input.id }, name), input, more);

  const dialog = el("dialog", { class: "compose", "aria-labelledby": "compose-title", onclose: () => dialog.remove() },
    el("form", { onsubmit: action(send, create) },
      el("h2", { id: "compose-title" }, "New meeting"),
      field("What", subject),
      el("div", { class: "fields" }, field("Day", date), field("Begins", begins), field("Lasts", lasts)),
      el("div", { class: "fields" }, field("Who", who, known), field("Where", room)),
      guests, times,
      field("What it is about", words),
      el("p", { class: "problem", role: "alert" }),
      el("div", { class: "row" }, send, el("button", { type: "button", onclick: () => dialog.close() }, "Close"))));
  document.body.append(dialog);
  dialog.showModal();
  subject.focus();
  who.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // it adds somebody; it does not send
    addTyped();
  });
  await Promise.all([people(), rooms()]);
  await look();

  async function people() {
    const found = await all("/users?$select=displayName,mail&$top=100", LONGEST_LIST);
    for (const one of found) if (one.mail && one.mail !== me.mail && !names.has(one.mail)) names.set(one.mail, one.displayName);
    fill(known, [...names].slice(1).map(([address, name]) => el("option", { value: address }, name)));
  }

  async function rooms() {
    for (const one of await all("/places/microsoft.graph.room", LONGEST_LIST)) {
      names.set(one.emailAddress, one.displayName);
      room.append(el("option", { value: one.emailAddress }, one.displayName + (one.capacity ? ` (${one.capacity})` : "")));
    }
  }

  async function addTyped() {
    const text = who.value.trim().toLowerCase();
    if (!text) return;
    const found = [...names].find(([address, name]) => address.toLowerCase() === text || name.toLowerCase() === text);
    const address = found?.[0] ?? text;
    if (!/^[^\s@]+@[^\s@]+$/.test(address)) {
      who.setCustomValidity("Nobody has that name. Write an address.");
      who.reportValidity();
      return;
    }
    who.setCustomValidity("");
    who.value = "";
    invited.set(address, found?.[1] ?? address);
    paintGuests();
    say(`${invited.get(address)} is invited.`);
    await look();
  }

  function paintGuests() {
    fill(guests, [...invited].map(([address, name]) => el("li", {}, name,
      el("button", {
        type: "button", "aria-label": `Remove ${name}`,
        onclick: () => { invited.delete(address); paintGuests(); who.focus(); look(); },
      }, "×"))));
  }

  /** Ask when everybody is free on that day. */
  async function look() {
    const addresses = [me.mail, ...invited.keys(), ...(room.value ? [room.value] : [])];
    const first = dayBegin();
    if (Number.isNaN(first.getTime())) return;
    const last = new Date(first.getTime() + (LAST_HOUR - FIRST_HOUR) * 60 * MINUTE);
    const found = await post("/me/calendar/getSchedule", {
      schedules: addresses, startTime: utc(first), endTime: utc(last), availabilityViewInterval: STEP,
    });
    schedules = found.value;
    paint();
  }

  function dayBegin() {
    return fromFields(date.value, `${`${FIRST_HOUR}`.padStart(2, "0")}:00`);
  }

  function chosen() {
    const start = fromFields(date.value, begins.value);
    return [start, new Date(start.getTime() + Number(lasts.value) * MINUTE)];
  }

  function paint() {
    const [start, end] = chosen();
    const first = dayBegin();
    fill(times,
      el("p", { class: "quiet" }, `${FIRST_HOUR}:00 to ${LAST_HOUR}:00, ${ZONE}. The chosen time is framed.`),
      schedules.map((one) => {
        const state = one.error ? "unknown" : at(one, start, end);
        return el("div", { class: "line" },
          el("span", { class: "name" }, names.get(one.scheduleId) ?? one.scheduleId),
          el("span", { class: "bar", "aria-hidden": "true" }, [...(one.availabilityView ?? "")].map((code, slot) => {
            const from = first.getTime() + slot * STEP * MINUTE;
            const isChosen = from < end && from + STEP * MINUTE > start;
            return el("span", { class: `${STATES[code] ?? "unknown"} ${isChosen ? "chosen" : ""}` });
          })),
          el("span", { class: `verdict ${state}` }, WORDS[state] ?? "not known"));
      }));
  }

  async function create() {
    const [start, end] = chosen();
    const place = room.value ? [{ emailAddress: { address: room.value, name: names.get(room.value) }, type: "resource" }] : [];
    await post("/me/events", {
      subject: subject.value, start: utc(start), end: utc(end),
      body: { contentType: "text", content: words.value },
      location: room.value ? { displayName: names.get(room.value), locationEmailAddress: room.value } : undefined,
      attendees: [
        ...[...invited].map(([address, name]) => ({ emailAddress: { address, name }, type: "required" })), ...place,
      ],
    });
    dialog.close();
    say(invited.size || room.value ? "The invitation was sent." : "The meeting is in your calendar.");
    await changed();
  }
}

/** What somebody is doing between two instants: the strongest of what stands there. */
function at(schedule, start, end) {
  const there = (schedule.scheduleItems ?? []).filter((one) => instant(one.start) < end && instant(one.end) > start);
  const strength = ["busy", "oof", "tentative", "workingElsewhere"].find((name) => there.some((one) => one.status === name));
  return { busy: "busy", oof: "away", tentative: "tentative", workingElsewhere: "elsewhere" }[strength] ?? "free";
}

/** The next full hour of a day that is still to come, nine o'clock of another one. */
function startTime(day) {
  const chosen = day && day >= dayStart(now()) ? day : dayStart(now());
  if (dayStart(now()).getTime() !== chosen.getTime()) return new Date(chosen.getTime() + 9 * 60 * MINUTE);
  const next = new Date(Math.ceil(now() / (60 * MINUTE)) * 60 * MINUTE);
  return next < addDays(dayStart(now()), 1) ? next : new Date(addDays(chosen, 1).getTime() + 9 * 60 * MINUTE);
}
