// Where programs fell into traps: a sentence at the meeting that a request was about, or at the mailbox.

import { el, fill, say } from "./dom.js";
import { nudge } from "./live.js";
import { reachJson } from "./reach.js";
import { clock } from "./times.js";

const TRAPS = "/_rsvpd/traps";
const POLL = 3000;
const MOST = 200;
const DISMISSED = "rsvpd.traps.dismissed";
// What is gone from the calendar has no place of its own there.
const OF_THE_MAILBOX = "event-left-calendar";

const places = new Set();
let traps = []; // the newest first
let newest = 0;

/**
 * A place for what programs did wrong. `<trap-lines meeting="UID" most="3">` has a line for each of the newest requests
 * about a meeting, with `brief` only a sign; `<trap-lines mailbox="bob@example.com">` the newest about no meeting.
 */
class TrapLines extends HTMLElement {
  static observedAttributes = ["meeting", "mailbox"];

  connectedCallback() {
    places.add(this);
    this.paint();
  }

  disconnectedCallback() {
    places.delete(this);
  }

  attributeChangedCallback() {
    if (this.isConnected) this.paint();
  }

  get found() {
    const meeting = this.getAttribute("meeting");
    if (meeting) return traps.filter((one) => isOf(meeting, one.meeting));
    const mailbox = this.getAttribute("mailbox");
    const until = sessionStorage.getItem(DISMISSED) ?? "";
    return traps.filter((one) => mailbox && one.person === mailbox && one.at > until
      && (!one.meeting || one.sentences.some(({ name }) => name === OF_THE_MAILBOX)));
  }

  paint() {
    const { found } = this;
    const state = found.map((one) => one.number).join();
    if (state === this.state) return;
    const isNew = this.state !== undefined && found.length;
    this.state = state;
    this.hidden = !found.length;
    if (!found.length) fill(this);
    else if (this.hasAttribute("brief")) sign(this, found);
    else if (this.hasAttribute("mailbox")) line(this, found);
    else lines(this, found);
    if (isNew && !this.hasAttribute("brief")) say(words(found[0]));
  }
}

customElements.define("trap-lines", TrapLines);

/** Look for what programs did wrong, now and again, until the page is closed or the server does not tell. */
export async function watchTraps() {
  for (let isTold = true; isTold;) {
    if (!document.hidden) isTold = await look();
    await new Promise((done) => { setTimeout(done, POLL); });
  }
}

async function look() {
  let answer;
  try {
    answer = await reachJson(`${TRAPS}?after=${newest}&limit=${MOST}`);
  } catch {
    nudge(); // nobody answers: the events may not notice for long
    return true;
  }
  if (!answer.ok) return answer.status >= 500;
  const found = answer.body;
  const isAnew = found.newest < newest; // the server has begun anew
  newest = isAnew ? 0 : found.newest;
  if (!isAnew && !found.traps.length) return true;
  traps = isAnew ? [] : [...found.traps, ...traps].slice(0, MOST);
  for (const one of places) one.paint();
  return isAnew ? look() : true;
}

/** A date of a series has the UID of the series, an underscore, and when it is. */
const isOf = (iCalUId, meeting) => iCalUId === meeting || (meeting && iCalUId.startsWith(`${meeting}_`));

function sign(place, found) {
  fill(place, el("span", { class: "sign", title: found.map(words).join("\n") }, "⚠", el("span", { class: "unseen" }, " Trap")));
  place.closest("a")?.setAttribute("aria-description", words(found[0]));
}

function lines(place, found) {
  const most = Number(place.getAttribute("most") ?? 1);
  fill(place, el("ul", {}, found.slice(0, most).map((one, at) => {
    const more = at === most - 1 && found.length - most;
    return el("li", {}, sentence(one), ` Instead: ${told(one).instead}`.replace(/ Instead: $/, ""),
      more > 0 && [" ", el("a", { href: `#/requests/of/${encodeURIComponent(one.meeting)}` }, `${more} more`)]);
  })));
}

function line(place, found) {
  const dismiss = el("button", { type: "button", "aria-label": "Dismiss", onclick: () => {
    sessionStorage.setItem(DISMISSED, found[0].at);
    place.paint();
  } }, "×");
  fill(place, el("p", {}, sentence(found[0]), found.length > 1 && [" ", el("a", { href: "#/requests" }, `${found.length - 1} more`)]), dismiss);
}

function sentence(one) {
  return [`A program of ${one.person.split("@")[0] || "nobody"}, ${clock(new Date(one.at))}: `,
    el("a", { href: `#/requests/${one.number}` }, `${one.method} ${short(one.path)}`),
    one.status >= 400 ? ` was refused (${one.status}). ` : ": ", el("strong", {}, told(one).what)];
}

const words = (one) => `${one.method} ${short(one.path)}, ${one.person.split("@")[0]}: ${told(one).what}`;

/** What happened, in words; where the rule says no more than that it was refused, the answer does. */
function told({ sentences }) {
  const one = sentences.find(({ kind }) => kind === "hint") ?? sentences[0];
  if (!one) return { what: "The answer has a hint.", instead: "" };
  return one.name === "refused-because" ? { what: one.said, instead: "" } : one;
}

/** A path without what stands before `me` or `calendars`, its options, and its ids. */
function short(path) {
  let plain = path.split("?")[0];
  try {
    plain = decodeURIComponent(plain);
  } catch {
    // it stays as it was sent
  }
  return plain.replace(/^\/(v1\.0|beta|api\/v[12]\.0|calendar\/v3)(?=\/)/i, "").replace(/\('[^']{12,}'\)/g, "/…")
    .split("/").map((one) => (one.length > 24 && !/^microsoft\./.test(one) ? "…" : one)).join("/");
}
