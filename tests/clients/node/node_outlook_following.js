// node-outlook keeps bob's inbox and calendar by its own syncMessages and syncEvents, in Outlook REST v2.0 and v1.0,
// while alice and bob change them. What it has after each round is what a full read shows.

"use strict";

const { promisify } = require("node:util");
const { base, calendar, mail } = require("node-outlook");
const { ALICE, BEGIN, BOB, END, LATER_BEGIN, LATER_END, SUBJECT, ZONE, same, step, token } = require("./story");

const MARCH = { startDateTime: "2030-03-01T00:00:00Z", endDateTime: "2030-04-01T00:00:00Z" };
const V1 = {
  endpoint: "https://outlook.office.com/api/v1.0",
  times: (begin, end) => ({ Start: begin, End: end, StartTimeZone: ZONE, EndTimeZone: ZONE }),
};
const V2 = {
  endpoint: "https://outlook.office.com/api/v2.0",
  times: (begin, end) => ({ Start: { DateTime: begin, TimeZone: ZONE }, End: { DateTime: end, TimeZone: ZONE } }),
};

function ask(call, who, parameters) {
  return promisify(call)({ token: token(who), ...parameters });
}

// A list that is kept by what node-outlook tells, as its pages say: what a first answer leaves out comes under the
// token in its link, and a page ends with a link to the next one or to the next round.
class Follower {
  constructor(call, parameters) {
    this.call = call;
    this.parameters = { pageSize: 2, ...parameters };
    this.items = new Map();
    this.next = {};
  }

  async round() {
    do {
      const answer = await ask(this.call, BOB, { ...this.parameters, odataParams: {}, ...this.next });
      answer.value.forEach((one) => this.take(one));
      this.next = tokenOf(answer["@odata.nextLink"] ?? answer["@odata.deltaLink"]);
      this.hasMore = "@odata.nextLink" in answer || !this.isBegun;
      this.isBegun = true;
    } while (this.hasMore);
    return [...this.items].sort();
  }

  take(one) {
    if (one.reason === "deleted") this.items.delete(one.id.match(/\('(.*)'\)$/)[1]);
    else this.items.set(one.Id, one.Subject);
  }
}

function tokenOf(link) {
  const options = new URL(link).searchParams;
  const skipToken = options.get("$skiptoken") ?? options.get("$skipToken");
  return skipToken ? { skipToken } : { deltaToken: options.get("$deltatoken") ?? options.get("$deltaToken") };
}

async function follow(version) {
  base.setApiEndpoint(version.endpoint);
  const inbox = { folderId: "Inbox" };
  const letters = new Follower(mail.syncMessages, inbox);
  const events = new Follower(calendar.syncEvents, MARCH);
  const all = { odataParams: { $top: 500 } };

  const march = `startdatetime=${MARCH.startDateTime}&enddatetime=${MARCH.endDateTime}`;
  const url = `${version.endpoint}/Me/CalendarView?${march}&$top=500`;
  const pairs = (found) => found.map((one) => [one.Id, one.Subject]);

  const compare = async () => {
    const messages = pairs((await ask(mail.getMessages, BOB, { ...inbox, ...all })).value);
    const meetings = pairs((await ask(base.makeApiCall, BOB, { url })).body.value);
    same(await letters.round(), messages.sort());
    same(await events.round(), meetings.sort());
  };

  const told = (name, what) => step(`${name}, and it is in step`, async () => {
    const found = await what();
    await compare();
    return found;
  });
  console.log(version.endpoint);
  await told("the first round is read", () => undefined);
  const meeting = await told("alice invites bob", async () => {
    const Attendees = [{ EmailAddress: { Address: BOB }, Type: "Required" }];
    const event = { Subject: SUBJECT, Attendees, ...version.times(BEGIN, END) };
    return (await ask(calendar.createEvent, ALICE, { event })).Id;
  });
  await told("bob reads the invitation", async () => {
    const [messageId, subject] = [...letters.items].find((one) => one[1] === SUBJECT);
    await ask(mail.updateMessage, BOB, { messageId, update: { IsRead: true } });
    same(subject, SUBJECT);
  });
  await told("alice moves it", () =>
    ask(calendar.updateEvent, ALICE, { eventId: meeting, update: version.times(LATER_BEGIN, LATER_END) }));
  await told("bob removes a letter", async () => {
    const [messageId] = [...letters.items].find((one) => one[1] === SUBJECT);
    await ask(mail.deleteMessage, BOB, { messageId });
  });
  await told("alice calls it off", () => ask(calendar.deleteEvent, ALICE, { eventId: meeting }));
  await told("nothing happens", () => undefined);
}

async function main() {
  for (const version of [V2, V1]) await follow(version);
}

main();
