// @cocal/google-calendar-mcp: agents of alice and bob use each of its tools in their calendars.
//
// Both sign in by the package's own `auth`, which opens a browser (browser.py, where $SIGN_IN_AS sits).

"use strict";

const assert = require("node:assert");
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { Agent } = require("./mcp");
const { ALICE, BEGIN, BOB, END, LATER_BEGIN, LATER_END, SUBJECT, ZONE, same, step } = require("./story");

const SERVER = [process.execPath, path.join(process.env.NODE_PATH, "@cocal/google-calendar-mcp/build/index.js")];
const DESKTOP = {
  client_id: "rsvpd-local.apps.googleusercontent.com",
  client_secret: "rsvpd-local-secret",
  redirect_uris: ["http://localhost"],
};
const calendarId = "primary";
const MARCH = { timeMin: "2030-03-01T00:00:00", timeMax: "2030-04-01T00:00:00" };
const SERIES = "Weekly round";

// Let somebody sign in, and start a server for that account.
async function agentOf(address, folder) {
  const keys = path.join(folder, "keys.json");
  fs.writeFileSync(keys, JSON.stringify({ installed: DESKTOP }));
  const tokens = path.join(folder, `${address}.json`);
  const environ = { GOOGLE_OAUTH_CREDENTIALS: keys, GOOGLE_CALENDAR_MCP_TOKEN_PATH: tokens };
  const [program, ...server] = SERVER;
  // What opens it is xdg-open, to which the `&` of Python's webbrowser would be one more argument.
  const browser = { BROWSER: process.env.BROWSER.replace(/ *&$/, ""), SIGN_IN_AS: address };
  execFileSync(program, [...server, "auth"], { env: { ...process.env, ...environ, ...browser } });
  return Agent.start(SERVER, environ);
}

async function events(agent, more = {}) {
  return (await agent.use("list-events", { calendarId, ...MARCH, ...more })).events;
}

async function main() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "rsvpd-mcp-"));
  const alice = await step("alice signs in and her agent starts", () => agentOf(ALICE, folder));
  const bob = await step("bob signs in and his agent starts", () => agentOf(BOB, folder));
  await step("the account is listed", async () => {
    const found = await alice.use("manage-accounts", { action: "list" });
    assert.match(JSON.stringify(found), /normal/);
  });
  await step("what the calendar has is asked", async () => {
    const { calendars } = await alice.use("list-calendars");
    same(calendars.map((one) => [one.id, one.primary]), [[ALICE, true]]);
    const colors = await alice.use("list-colors");
    assert.ok(Object.keys(colors.event ?? colors.colors).length >= 11);
    same((await alice.use("get-current-time")).timezone, ZONE);
  });
  const meeting = await step("alice invites bob", async () => {
    const times = { start: BEGIN, end: END, timeZone: ZONE };
    const more = { attendees: [{ email: BOB }], sendUpdates: "all", colorId: "5", location: "Room 1" };
    return (await alice.use("create-event", { calendarId, summary: SUBJECT, ...times, ...more })).event.id;
  });
  await step("both find it by its words", async () => {
    for (const agent of [alice, bob]) {
      const found = await agent.use("search-events", { calendarId, query: SUBJECT, ...MARCH });
      same(found.events.map((one) => one.summary), [SUBJECT]);
    }
  });
  const seen = await step("bob sees the invitation", async () => {
    const [one] = (await events(bob)).filter((each) => each.summary === SUBJECT);
    same(one.attendees.find((each) => each.email === BOB).responseStatus, "needsAction");
    return one.id;
  });
  for (const response of ["tentative", "declined", "accepted"]) {
    await step(`bob answers ${response}, and alice sees it`, async () => {
      const answer = { response, comment: `I say ${response}.`, sendUpdates: "all" };
      await bob.use("respond-to-event", { calendarId, eventId: seen, ...answer });
      const { event } = await alice.use("get-event", { calendarId, eventId: meeting });
      const guest = event.attendees.find((each) => each.email === BOB);
      same([guest.responseStatus, guest.comment], [response, `I say ${response}.`]);
    });
  }
  await step("both are busy then", async () => {
    const then = { timeMin: BEGIN, timeMax: END, timeZone: ZONE };
    const found = await alice.use("get-freebusy", { calendars: [{ id: ALICE }, { id: BOB }], ...then });
    same(Object.values(found.calendars).map((one) => one.busy.length), [1, 1]);
  });
  await step("alice moves it", async () => {
    const later = { start: LATER_BEGIN, end: LATER_END, timeZone: ZONE };
    await alice.use("update-event", { calendarId, eventId: meeting, ...later });
    const { event } = await bob.use("get-event", { calendarId, eventId: seen });
    same(new Date(event.start.dateTime).getTime(), new Date(`${LATER_BEGIN}+01:00`).getTime());
  });
  await step("she makes several at once, one of them a series", async () => {
    const series = {
      summary: SERIES, start: "2030-03-05T09:00:00", end: "2030-03-05T09:30:00",
      recurrence: ["RRULE:FREQ=WEEKLY;COUNT=4"], attendees: [{ email: BOB }],
    };
    const allDay = { summary: "Trip", start: "2030-03-20", end: "2030-03-22" };
    const made = await alice.use("create-events", { calendarId, timeZone: ZONE, events: [series, allDay] });
    same([made.totalCreated, made.totalFailed], [2, 0]);
  });
  const found = await step("the series has four dates", async () => {
    const dates = (await events(alice)).filter((one) => one.summary === SERIES);
    same(dates.length, 4);
    return dates.map((one) => one.id);
  });
  const eventId = found[0].replace(/_.*/, "");
  const recurring = { calendarId, eventId, timeZone: ZONE };
  await step("one date of it is moved", async () => {
    const later = { start: "2030-03-13T09:00:00", end: "2030-03-13T09:30:00" };
    const at = { originalStartTime: "2030-03-12T09:00:00+01:00", modificationScope: "thisEventOnly" };
    await alice.use("update-event", { ...recurring, ...at, ...later });
    const dates = (await events(bob)).filter((one) => one.summary === SERIES);
    same(dates.map((one) => one.start.dateTime.slice(0, 10)).sort(), ["2030-03-05", "2030-03-13", "2030-03-19", "2030-03-26"]);
  });
  await step("one date of it is declined", async () => {
    const at = { originalStartTime: "2030-03-19T09:00:00+01:00", modificationScope: "thisEventOnly" };
    await bob.use("respond-to-event", { calendarId, eventId, response: "declined", sendUpdates: "all", ...at });
    const dates = (await events(alice)).filter((one) => one.summary === SERIES);
    const answers = dates.map((one) => one.attendees.find((each) => each.email === BOB).responseStatus);
    same(answers.filter((one) => one === "declined").length, 1);
  });
  await step("all of it is renamed, and then what follows a date", async () => {
    await alice.use("update-event", { ...recurring, summary: `${SERIES} 2`, modificationScope: "all" });
    const from = { futureStartDate: "2030-03-26T09:00:00+01:00", modificationScope: "thisAndFollowing" };
    await alice.use("update-event", { ...recurring, ...from, summary: `${SERIES} 3` });
    const names = (await events(alice)).map((one) => one.summary).filter((one) => one.startsWith(SERIES));
    same([...new Set(names)].sort(), [`${SERIES} 2`, `${SERIES} 3`]);
  });
  await step("alice calls the meeting off", async () => {
    await alice.use("delete-event", { calendarId, eventId: meeting, sendUpdates: "all" });
    same((await events(bob)).filter((one) => one.summary === SUBJECT), []);
  });
  await step("every tool was used", async () => {
    same(alice.left(), ["respond-to-event"]);
    assert.ok(bob.called.has("respond-to-event"));
  });
  await Promise.all([alice.close(), bob.close()]);
}

main();
