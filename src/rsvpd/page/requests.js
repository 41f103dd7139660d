// What programs asked lately, newest first; one opened with what it did not do, and the same call once more.

import { el, empty, fill, isOther, Keyed } from "./dom.js";
import { isOwn, Refused } from "./graph.js";
import { reachJson } from "./reach.js";
import { clock, dayName } from "./times.js";

const LOG = "/_rsvpd/requests";
const MOST = 200;
const PAGE = "72737670-6400-4000-8000-000000000002"; // the application that this page is, in every tab
const INTERFACES = [["", "All interfaces"], ["graph", "Microsoft Graph"], ["outlook-v2", "Outlook REST v2.0"],
  ["outlook-v1", "Outlook REST v1.0"], ["google", "Google Calendar"], ["other", "Sign-in and others"]];

export function requests(main, me) {
  let isOpen = true;
  let id = "";
  let meeting = "";
  let wanted = "";
  const person = el("input", { type: "search", id: "by-person", placeholder: "alice@example.com", oninput: look });
  const status = el("input", { type: "search", id: "by-status", placeholder: "404 or 4xx", oninput: look });
  const kind = el("select", { id: "by-interface", onchange: look },
    INTERFACES.map(([value, name]) => el("option", { value }, name)));
  const hint = el("input", { type: "checkbox", id: "by-hint", onchange: look });
  const own = el("input", { type: "checkbox", id: "with-own", onchange: look });
  const place = el("div", { class: "log" });
  const body = el("tbody", {});
  const rows = new Keyed(body);
  const table = el("table", {},
    el("thead", {}, el("tr", {}, ["When", "Who", "What", "Status"].map((one) => el("th", { scope: "col" }, one)))), body);
  const field = (name, input) => el("div", {}, el("label", { for: input.id }, name), input);

  /** Open the list, one request, or those `of` a meeting. */
  async function open(which = "", uid = "") {
    meeting = which === "of" ? uid : "";
    id = meeting ? "" : which;
    document.title = `Requests – ${me.displayName} – rsvpd`;
    if (id) {
      await show();
      return;
    }
    fill(main, el("h1", {}, meeting ? "Requests about a meeting" : "Requests"),
      meeting && el("p", {}, el("a", { href: "#/requests" }, "All requests")),
      el("form", { class: "fields", onsubmit: (event) => event.preventDefault(), "aria-label": "Filters" },
        field("Person", person), field("Status", status), field("Interface", kind),
        el("label", { class: "check" }, hint, "With a hint"), el("label", { class: "check" }, own, "Of this page, too")), place);
    await look();
  }

  async function look() {
    if (id) return;
    const query = new URLSearchParams({ limit: MOST });
    for (const [name, input] of [["person", person], ["status", status], ["interface", kind]]) {
      if (input.value.trim()) query.set(name, input.value.trim());
    }
    if (meeting) query.set("meeting", meeting);
    if (hint.checked) query.set("hint", "true");
    const mine = `${query}`;
    wanted = mine;
    const found = await ask(`${LOG}?${query}`);
    if (id || wanted !== mine || !found) return; // somebody went on meanwhile
    const some = found.filter((one) => own.checked || !(isOwn(one.id) || one.application === PAGE || /^\/(page\/|$)/.test(one.path)));
    if (!isOther(place, some.map((one) => one.number))) return;
    rows.show(some.map((one) => [one.number, one]), row);
    if (!some.length) fill(place, empty("No requests", "What programs ask shows up here by itself."));
    else if (table.parentElement !== place) fill(place, table);
  }

  async function show() {
    const mine = id;
    const [whole, told] = await Promise.all([ask(`${LOG}/${encodeURIComponent(id)}`), ask(`${LOG}/${encodeURIComponent(id)}/explanation`)]);
    if (!whole || !told || !isOpen || id !== mine) return;
    const title = el("h1", { tabindex: "-1" }, `${whole.method} ${path(whole)}`);
    fill(main, el("a", { href: "#/requests", class: "up" }, "Back to the requests"), el("article", { class: "card request" },
      el("p", { class: "kind" }, `${answered(whole)}, ${whole.milliseconds} ms, ${dayName(new Date(whole.at))}, ${seconds(whole.at)}`),
      title, el("p", {}, told.summary),
      told.sentences.map((one) => el("section", { class: "told" },
        el("p", {}, el("strong", {}, one.what || one.said)), one.rule && el("p", {}, one.rule),
        one.instead && el("p", {}, "Instead: ", one.instead),
        one.page && el("p", {}, el("a", { href: one.page, target: "_blank", rel: "noopener noreferrer" }, "Documentation")))),
      message("Request", whole.request), message("Answer", whole.answer),
      code("The same with curl", whole.curl), code("As a test in Python", whole.python),
      code("As a test in JavaScript", whole.javascript)));
    title.focus({ preventScroll: true });
  }

  /** Ask the control interface; null where this machine may not, which is said. */
  async function ask(url) {
    const mine = id;
    const { ok, status, body } = await reachJson(url);
    if (ok || !isOpen || id !== mine) return ok ? body : null;
    if ([401, 403].includes(status)) {
      fill(main, empty("The log is for whoever runs the server", "Ask there: rsvpd requests"));
    } else if (status === 404) {
      fill(main, empty("That request is not kept any more", "The server keeps the newest in memory."));
    } else {
      throw new Refused(status, body?.error);
    }
    return null;
  }

  return { open, look, polls: true, close: () => { isOpen = false; } };
}

function row(one) {
  return el("tr", { class: one.status >= 400 ? "refused" : "" },
    el("td", {}, el("time", { datetime: one.at }, seconds(one.at))),
    el("td", {}, one.person.split("@")[0] || "–"),
    el("td", {}, el("a", { href: `#/requests/${one.number}` }, `${one.method} ${path(one)}`),
      one.hint && el("span", { class: "hint" }, one.hint)),
    el("td", {}, answered(one)));
}

/** The time of day with its seconds, as who looks has it. */
const seconds = (at) => `${clock(new Date(at))}:${at.slice(17, 19)}`;

function message(title, one) {
  const lines = Object.entries(one.headers).map(([name, value]) => `${name}: ${value}`);
  return code(title, [...lines, "", pretty(one.text), one.is_cut ? "…" : ""].join("\n").trim());
}

const code = (title, text) => el("details", {}, el("summary", {}, title), el("pre", { tabindex: "0" }, text));

function path(one) {
  try {
    return decodeURIComponent(one.path);
  } catch {
    return one.path;
  }
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** What was answered, and by which rule it went wrong on purpose. */
function answered(one) {
  return `${one.status || "no answer"}${one.fault ? ` (fault ${one.fault})` : ""}`;
}
