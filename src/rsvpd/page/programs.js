// One meeting as programs see it: the same event in each interface, called here and now.

import { action, el, fill, say } from "./dom.js";
import { agree, askGoogle, NotAgreed } from "./google.js";
import { get } from "./graph.js";
import { reachJson } from "./reach.js";
import { accessToken, refresh } from "./session.js";
import { instant, MINUTE } from "./times.js";

const GOOGLE = "/calendar/v3/calendars/primary/events";
const INTERFACES = {
  graph: { name: "Microsoft Graph", call: (event) => askMicrosoft(`/v1.0/me/events/${event.id}`) },
  outlook: { name: "Outlook REST v2.0", call: (event) => askMicrosoft(`/api/v2.0/me/events/${event.id}`) },
  first: { name: "Outlook REST v1.0", call: (event) => askMicrosoft(`/api/v1.0/me/events/${event.id}`) },
  google: { name: "Google Calendar", call: byGoogle },
};

/** A part that asks when it is opened. */
export function programs(event, me) {
  let wanted = "";
  const place = el("div", { "aria-live": "polite" });
  const buttons = Object.entries(INTERFACES).map(([key, { name }]) => {
    const button = el("button", { type: "button", "aria-pressed": "false" }, name);
    button.addEventListener("click", action(button, () => show(key)));
    return button;
  });
  const part = el("details", { class: "programs", ontoggle: () => part.open && !place.firstChild && buttons[0].click() },
    el("summary", {}, "As programs see it"), el("div", { class: "row" }, buttons),
    el("section", {}, el("p", { class: "problem", role: "alert" }), place));

  async function show(key) {
    wanted = key;
    buttons.forEach((button, at) => button.setAttribute("aria-pressed", `${Object.keys(INTERFACES)[at] === key}`));
    try {
      const found = await INTERFACES[key].call(event, me.mail);
      if (wanted === key) fill(place, answer(found));
    } catch (wrong) {
      if (wanted !== key) return; // another one was asked for meanwhile
      if (!(wrong instanceof NotAgreed)) throw wrong;
      const button = el("button", { type: "button", class: "main" }, "Sign in for Google Calendar");
      button.addEventListener("click", action(button, () => agree(me.mail)));
      fill(place, el("p", {}, "Google has a sign-in of its own: a token of Microsoft’s opens nothing there. It asks you once."), button);
    }
  }

  return part;
}

function answer({ target, status, body }) {
  const text = JSON.stringify(body, null, 2);
  const curl = `curl -sS -H "Authorization: Bearer $TOKEN" '${location.origin}${target}'`;
  return [el("p", { class: "quiet" }, el("code", {}, `GET ${target}`), ` was answered ${status}.`),
    el("div", { class: "row" }, copy("Copy as curl", curl), copy("Copy the JSON", text)),
    el("pre", { tabindex: "0" }, text)];
}

function copy(name, text) {
  const button = el("button", { type: "button" }, name);
  button.addEventListener("click", action(button, async () => {
    await navigator.clipboard.writeText(text);
    say("Copied.");
  }));
  return button;
}

async function askMicrosoft(path) {
  const asked = () => reachJson(path, { headers: { Authorization: `Bearer ${accessToken()}` } });
  let found = await asked();
  if (found.status === 401 && (await refresh())) found = await asked();
  return { target: path, status: found.status, body: found.body };
}

/** Google finds it by what all copies have in common, and a date of a series among its instances. */
async function byGoogle(event, person) {
  const isDate = ["occurrence", "exception"].includes(event.type);
  const { iCalUId: iCalUID } = isDate ? await get(`/me/events/${event.seriesMasterId}?$select=iCalUId`) : event;
  const list = await askGoogle(`${GOOGLE}?${new URLSearchParams({ iCalUID })}`, person);
  const id = list.body.items?.[0]?.id;
  if (!id) return list;
  if (!isDate) return askGoogle(`${GOOGLE}/${id}`, person);
  const start = instant(event.start).getTime();
  const window = new URLSearchParams({
    timeMin: new Date(start).toISOString(), timeMax: new Date(Math.max(instant(event.end), start + MINUTE)).toISOString(),
  });
  const dates = await askGoogle(`${GOOGLE}/${id}/instances?${window}`, person);
  const date = dates.body.items?.[0]?.id;
  return date ? askGoogle(`${GOOGLE}/${date}`, person) : dates;
}
