// @softeria/ms-365-mcp-server, its preset for calendars: agents of alice and bob use each of its tools.
//
// Both sign in by its tool `login`, with a code for another device.

"use strict";

const assert = require("node:assert");
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { setTimeout: sleep } = require("node:timers/promises");
const { Agent } = require("./mcp");
const {
  ALICE, BEGIN, BOB, END, LATER_BEGIN, LATER_END, SUBJECT, ZONE, same, signIn, step, token,
} = require("./story");

const MODULE = path.join(process.env.NODE_PATH, "@softeria/ms-365-mcp-server/dist/index.js");
const SERVER = [process.execPath, MODULE, "--preset", "calendar", "--org-mode"];
const window = { startDateTime: "2030-03-01T00:00:00Z", endDateTime: "2030-04-01T00:00:00Z" };
const CAROL = "carol@example.com";
// What is about accounts and not about calendars.
const ACCOUNTS = ["list-accounts", "login", "logout", "remove-account", "select-account", "verify-login"];
const PATIENCE = 30;

function at(begin, end) {
  return { start: { dateTime: begin, timeZone: ZONE }, end: { dateTime: end, timeZone: ZONE } };
}

function guest(address) {
  return { emailAddress: { address } };
}

// Start a server for somebody and let that person sign in.
async function agentOf(address, folder) {
  const home = path.join(folder, address);
  fs.mkdirSync(home);
  const own = { MS365_MCP_CLIENT_ID: process.env.AZURE_CLIENT_ID, MS365_MCP_TENANT_ID: process.env.AZURE_TENANT_ID };
  const agent = await Agent.start(SERVER, { HOME: home, SILENT: "1", ...own });
  const { message } = await agent.use("login");
  const [, url, code] = message.match(/open the page (\S+) and enter the code (\S+) to/);
  signIn(url, address, code);
  for (let tries = 0; !(await agent.use("verify-login")).success; tries += 1) {
    assert.ok(tries < PATIENCE, "the sign-in did not arrive");
    await sleep(1000);
  }
  return agent;
}

async function named(agent, subject) {
  const { value } = await agent.use("get-calendar-view", window);
  return value.filter((one) => one.subject === subject);
}

async function meetings(alice, bob) {
  const meeting = await step("alice invites bob", async () =>
    alice.use("create-calendar-event", { body: { subject: SUBJECT, ...at(BEGIN, END), attendees: [guest(BOB)] } }));
  const event = await step("bob finds it, not answered", async () => {
    const [one] = await named(bob, SUBJECT);
    same(one.responseStatus.response, "notResponded");
    same((await bob.use("get-calendar-event", { eventId: one.id, timezone: ZONE })).start.dateTime.slice(0, 19), BEGIN);
    return one.id;
  });
  const ways = { tentativelyAccepted: "tentatively-accept", declined: "decline", accepted: "accept" };
  let mine = event;
  for (const [answer, way] of Object.entries(ways)) {
    await step(`bob answers ${answer}, and alice sees it`, async () => {
      const body = { Comment: `I say ${answer}.`, SendResponse: true };
      await bob.use(`${way}-calendar-event`, { eventId: mine, body });
      const { attendees } = await alice.use("get-calendar-event", { eventId: meeting.id });
      same(attendees[0].status.response, answer);
      if (answer !== "declined") return;
      // What he declined left his calendar; she asks him once more.
      await alice.use("update-calendar-event", { eventId: meeting.id, body: at(LATER_BEGIN, LATER_END) });
      mine = (await named(bob, SUBJECT))[0].id;
    });
  }
  await step("both are busy then", async () => {
    const body = {
      Schedules: [ALICE, BOB],
      StartTime: { dateTime: LATER_BEGIN, timeZone: ZONE },
      EndTime: { dateTime: LATER_END, timeZone: ZONE },
      AvailabilityViewInterval: 60,
    };
    same((await alice.use("get-schedule", { body })).value.map((one) => one.availabilityView), ["2", "2"]);
  });
  await step("bob has his reminder later, and then not", async () => {
    const body = { NewReminderTime: { dateTime: BEGIN, timeZone: ZONE } };
    await bob.use("snooze-calendar-event-reminder", { eventId: mine, body });
    await bob.use("dismiss-calendar-event-reminder", { eventId: mine });
  });
  await step("alice passes it on to carol", async () => {
    await alice.use("forward-calendar-event", { eventId: meeting.id, body: { ToRecipients: [guest(CAROL)] } });
    const { attendees } = await alice.use("get-calendar-event", { eventId: meeting.id });
    same(attendees.map((one) => one.emailAddress.address), [BOB, CAROL]);
  });
  await step("alice calls it off, and bob removes it", async () => {
    await alice.use("cancel-calendar-event", { eventId: meeting.id, body: { Comment: "It is called off." } });
    const [one] = await named(bob, `Canceled: ${SUBJECT}`);
    await bob.use("delete-calendar-event", { eventId: one.id });
    same(await named(bob, `Canceled: ${SUBJECT}`), []);
  });
}

async function lists(alice) {
  await step("events are listed, and what changed", async () => {
    assert.ok((await alice.use("list-calendar-events", { top: 5 })).value.length > 0);
    assert.ok((await alice.use("list-calendar-events-delta", window)).value.length > 0);
    assert.ok((await alice.use("list-calendar-view-delta", window)).value.length > 0);
  });
  await step("zones and languages are listed", async () => {
    const zones = (await alice.use("list-supported-time-zones", { TimeZoneStandard: "Iana" })).value;
    assert.ok(zones.some((one) => one.alias === ZONE));
    assert.ok((await alice.use("list-supported-languages")).value.some((one) => one.locale === "en-US"));
  });
  await step("categories are made and listed", async () => {
    await alice.use("create-outlook-category", { body: { displayName: "Travel", color: "preset3" } });
    const { value } = await alice.use("list-outlook-categories");
    assert.ok(value.some((one) => one.displayName === "Travel"));
  });
}

async function files(alice, folder) {
  await step("the bytes of an attachment are downloaded", async () => {
    const times = at("2030-03-06T09:00:00", "2030-03-06T09:30:00");
    const { id } = await alice.use("create-calendar-event", { body: { subject: "With a file", ...times } });
    const file = { "@odata.type": "#microsoft.graph.fileAttachment", name: "a.txt", contentBytes: btoa("some bytes") };
    // No tool of this preset attaches anything.
    const made = await fetch(`${process.env.RSVPD_URL}/v1.0/me/events/${id}/attachments`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token(ALICE)}`, "Content-Type": "application/json" },
      body: JSON.stringify(file),
    });
    const target = `/me/events/${id}/attachments/${(await made.json()).id}/$value`;
    const found = await alice.use("download-bytes", { target });
    same(atob(found.contentBytes), "some bytes");
    const outputPath = path.join(folder, "a.txt");
    await alice.use("download-bytes-to-file", { target, outputPath });
    same(fs.readFileSync(outputPath, "utf-8"), "some bytes");
  });
}

async function calendars(alice) {
  const calendarId = await step("the own calendar is listed", async () => {
    const { value } = await alice.use("list-calendars");
    return value.find((one) => one.isDefaultCalendar).id;
  });
  await step("a series is made there, changed, read and removed", async () => {
    const recurrence = {
      pattern: { type: "weekly", interval: 1, daysOfWeek: ["tuesday"] },
      range: { type: "numbered", startDate: "2030-03-05", numberOfOccurrences: 3 },
    };
    const times = at("2030-03-05T07:00:00", "2030-03-05T07:30:00");
    const body = { subject: "Round", ...times, recurrence };
    const { id: eventId } = await alice.use("create-specific-calendar-event", { calendarId, body });
    await alice.use("update-specific-calendar-event", { calendarId, eventId, body: { subject: "Weekly round" } });
    same((await alice.use("get-specific-calendar-event", { calendarId, eventId })).subject, "Weekly round");
    const listed = async (tool, more) => (await alice.use(tool, { calendarId, ...more })).value
      .filter((one) => one.subject === "Weekly round");
    same((await listed("list-specific-calendar-events", { top: 100 })).length, 1);
    same((await listed("get-specific-calendar-view", { ...window, top: 100 })).length, 3);
    same((await listed("list-calendar-event-instances", { eventId, ...window })).length, 3);
    await alice.use("delete-specific-calendar-event", { calendarId, eventId });
    same(await listed("list-specific-calendar-events", { top: 100 }), []);
  });
}

async function sharing(alice) {
  await step("alice shares her calendar, more, and no longer", async () => {
    const body = { emailAddress: { address: CAROL, name: "Carol" }, role: "read" };
    const { id: calendarPermissionId } = await alice.use("create-my-calendar-permission", { body });
    await alice.use("update-my-calendar-permission", { calendarPermissionId, body: { role: "write" } });
    const roles = async () => (await alice.use("list-my-calendar-permissions")).value
      .filter((one) => one.emailAddress?.address === CAROL).map((one) => one.role);
    same(await roles(), ["write"]);
    await alice.use("delete-my-calendar-permission", { calendarPermissionId });
    same(await roles(), []);
  });
}

async function times(alice) {
  await step("a time for both is found", async () => {
    const attendees = [{ type: "required", ...guest(BOB) }];
    const timeConstraint = { timeSlots: [at("2030-03-04T08:00:00", "2030-03-04T18:00:00")] };
    const body = { attendees, timeConstraint, meetingDuration: "PT1H" };
    assert.ok((await alice.use("find-meeting-times", { body })).meetingTimeSuggestions.length > 0);
  });
}

async function ownCalendars(alice) {
  await step("another calendar is made, renamed and removed", async () => {
    const { id: calendarId } = await alice.use("create-calendar", { body: { name: "Side" } });
    await alice.use("update-calendar", { calendarId, body: { name: "Side project" } });
    const names = async () => (await alice.use("list-calendars")).value.map((one) => one.name);
    assert.ok((await names()).includes("Side project"));
    const subject = "In the other one";
    const times = at("2030-03-07T09:00:00", "2030-03-07T09:30:00");
    await alice.use("create-specific-calendar-event", { calendarId, body: { subject, ...times } });
    same((await alice.use("list-specific-calendar-events", { calendarId })).value.map((one) => one.subject), [subject]);
    await alice.use("delete-calendar", { calendarId });
    assert.ok(!(await names()).includes("Side project"));
  });
}

async function rooms(alice) {
  await step("a room and its list are read, and changed", async () => {
    const [room, list] = ["orion@example.com", "rooms@example.com"];
    const rsvpd = (...args) => execFileSync(process.env.PYTHON, ["-m", "rsvpd.cli.rsvpd", ...args], { stdio: "ignore" });
    rsvpd("room", room, "--list", list);
    rsvpd("user", "set", ALICE, "administrator=yes"); // who else may change a room
    await alice.use("update-place", { placeId: room, body: { "@odata.type": "microsoft.graph.room", capacity: 12 } });
    same((await alice.use("get-room", { placeId: room })).capacity, 12);
    same((await alice.use("get-room-list", { placeId: list })).emailAddress, list);
    const { value } = await alice.use("list-room-list-rooms", { placeId: list });
    same(value.map((one) => one.emailAddress), [room]);
    same((await alice.use("get-room-list-room", { placeId: list, roomId: room })).emailAddress, room);
  });
}

async function main() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "rsvpd-mcp-"));
  const alice = await step("alice signs in", () => agentOf(ALICE, folder));
  const bob = await step("bob signs in", () => agentOf(BOB, folder));
  await meetings(alice, bob);
  await sharing(alice);
  await lists(alice);
  await files(alice, folder);
  await times(alice);
  await calendars(alice);
  await ownCalendars(alice);
  await rooms(alice);
  await step("every tool was used", async () => {
    const left = alice.left().filter((one) => !bob.called.has(one) && !ACCOUNTS.includes(one));
    same(left, []);
  });
  await Promise.all([alice.close(), bob.close()]);
}

main();
