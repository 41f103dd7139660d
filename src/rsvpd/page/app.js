// The page: who is here, where in it, and what is told when something comes.

import { el, empty, fill, trouble } from "./dom.js";
import { get, SignedOut } from "./graph.js";
import { takeGoogleAnswer } from "./google.js";
import { follow, listen } from "./live.js";
import { accessToken, forget, signIn, takeAnswer } from "./session.js";
import { calendar } from "./calendar.js";
import { mail } from "./mail.js";
import { meeting } from "./meeting.js";
import { requests } from "./requests.js";
import { askClock } from "./times.js";
import { watchTraps } from "./traps.js";
import { recallZone, zonePicker } from "./zone.js";

const main = document.getElementById("main");
const PLACES = { mail, calendar, meeting, requests };
let shown = { name: "", view: null };
let me = null;

async function show() {
  const place = location.hash;
  const [first, ...more] = place.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  const [name, rest] = first === "inbox" ? ["mail", ["inbox", ...more]] : [first, more];
  const make = PLACES[name];
  if (!make) {
    location.replace("#/inbox");
    return;
  }
  for (const link of document.querySelectorAll("#nav a")) {
    const isHere = (link.dataset.place ?? link.getAttribute("href").slice(2)) === name;
    if (isHere) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (shown.name !== name) leave();
  await askClock();
  if (location.hash !== place) return; // somebody went on meanwhile
  const isNew = shown.name !== name;
  if (isNew) {
    leave();
    shown = { name, view: make(main, me) };
    main.className = name;
  }
  const { view } = shown;
  await guarded(() => view.open(...rest));
  if (isNew && shown.view === view) await guarded(() => follow(() => view.look(), view.polls));
}

/** Leave a place: the next one may take a while, and what is left of this one is no part of it. */
function leave() {
  shown.view?.close?.();
  shown = { name: "", view: null };
  fill(main);
}

/** Run `work`; who is not signed in any more is asked to. */
async function guarded(work) {
  try {
    await work();
  } catch (wrong) {
    if (wrong instanceof SignedOut) signedOut();
    else trouble(wrong.message);
  }
}

/** The server has other data, or took the sign-in back: whoever looks is told so, and comes back to where they are. */
function signedOut() {
  if (main.className === "welcome") return;
  leave();
  follow(async () => {});
  window.removeEventListener("hashchange", show);
  trouble("");
  welcome("You are not signed in any more: the sign-in ended, or the server has other data now. Sign in again.");
}

function welcome(problem = "") {
  document.title = "rsvpd";
  main.className = "welcome";
  document.getElementById("nav").hidden = true;
  document.getElementById("traps").removeAttribute("mailbox");
  fill(document.getElementById("person"));
  fill(document.getElementById("zone"));
  const button = el("button", { type: "button", class: "main", onclick: () => signIn() }, "Sign in");
  fill(main,
    el("h1", {}, "Meeting invitations, for real"),
    el("p", {}, "A Microsoft 365 and a Google Calendar on this machine. Open an invitation, answer it, and watch the "
      + "answer arrive at whoever invited."),
    problem && el("p", { class: "problem", role: "alert" }, problem),
    el("p", {}, button),
    el("p", { class: "quiet" }, "Where only this machine reaches the server, you pick who you are, without a password."));
}

async function person() {
  me = await get("/me?$select=id,displayName,mail,userPrincipalName");
  const initials = me.displayName.split(/\s+/).map((word) => word[0]).slice(0, 2).join("").toUpperCase();
  fill(document.getElementById("person"),
    el("span", { class: "face", "aria-hidden": "true" }, initials),
    el("span", { class: "name" }, me.displayName),
    el("button", { type: "button", onclick: () => signIn({ pick: true }) }, "Switch", el("span", { class: "word" }, " person")));
  document.getElementById("nav").hidden = false;
  document.getElementById("traps").setAttribute("mailbox", me.mail);
  fill(document.getElementById("zone"), await zonePicker({ changed: () => {
    leave();
    return show();
  } }));
}

async function begin() {
  document.getElementById("skip").addEventListener("click", (event) => {
    event.preventDefault(); // the address says where in the page we are
    main.focus();
  });
  recallZone();
  window.addEventListener("unhandledrejection", (event) => {
    if (event.reason instanceof SignedOut) {
      event.preventDefault(); // it is told
      signedOut();
    } else trouble(event.reason?.message ?? "Something went wrong.");
  });
  try {
    await takeGoogleAnswer();
    await takeAnswer();
  } catch (wrong) {
    forget();
    welcome(wrong.message);
    return;
  }
  if (!accessToken()) {
    welcome();
    return;
  }
  fill(main, empty("One moment", "Your mailbox is on its way."));
  await arrive();
  window.addEventListener("hashchange", show);
  await show();
  watchTraps();
  listen();
}

/** Find out who is here, however long the server takes to come up. */
async function arrive() {
  for (;;) {
    try {
      await person();
      trouble("");
      return;
    } catch (wrong) {
      if (wrong instanceof SignedOut) throw wrong;
      trouble(wrong.message);
      await new Promise((done) => { setTimeout(done, 2000); });
    }
  }
}

begin();
