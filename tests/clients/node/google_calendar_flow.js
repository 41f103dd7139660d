// @googleapis/calendar with google-auth-library: a service account acts for alice, bob consents in a browser.

"use strict";

const { auth, calendar } = require("@googleapis/calendar");
const {
  ALICE, BEGIN, BOB, END, LATER_BEGIN, LATER_END, ZONE, same, signIn, step, tellGoogle, token,
} = require("./story");

const scopes = ["https://www.googleapis.com/auth/calendar.events"];
const one = { calendarId: "primary", sendUpdates: "all" };

class Calendar {
  constructor(signedIn, options = {}) {
    this.events = calendar({ version: "v3", auth: signedIn, ...options }).events;
  }

  async invite(summary, guest) {
    const requestBody = { summary, attendees: [{ email: guest }], start: time(BEGIN), end: time(END) };
    return (await this.events.insert({ ...one, requestBody })).data.id;
  }

  async find(subject) {
    const { items } = (await this.events.list({ calendarId: "primary", q: subject })).data;
    same(items.length, 1);
    return items[0].id;
  }

  async guestAnswer(eventId, guest) {
    const found = (await this.event(eventId)).attendees.find((each) => each.email === guest);
    return [found.responseStatus, found.comment ?? ""];
  }

  answer(eventId, responseStatus, comment) {
    const attendees = [{ email: BOB, responseStatus, comment }];
    return this.events.patch({ ...one, eventId, requestBody: { attendeesOmitted: true, attendees } });
  }

  move(eventId) {
    return this.events.patch({ ...one, eventId, requestBody: { start: time(LATER_BEGIN), end: time(LATER_END) } });
  }

  cancel(eventId) {
    return this.events.delete({ ...one, eventId });
  }

  async isCancelled(eventId) {
    return (await this.event(eventId)).status === "cancelled";
  }

  async event(eventId) {
    return (await this.events.get({ calendarId: "primary", eventId })).data;
  }
}

function time(text) {
  return { dateTime: text, timeZone: ZONE };
}

async function main() {
  const account = await step("alice's service account signs in", async () => {
    const found = await new auth.GoogleAuth({ scopes, clientOptions: { subject: ALICE } }).getClient();
    await found.getAccessToken();
    return found;
  });
  const redirectUri = "http://localhost:8400/";
  const user = new auth.OAuth2("rsvpd-local.apps.googleusercontent.com", "rsvpd-local-secret", redirectUri);
  await step("bob consents", async () => {
    const url = user.generateAuthUrl({ access_type: "offline", prompt: "consent", scope: scopes, login_hint: BOB });
    const { tokens } = await user.getToken(new URL(signIn(url, BOB)).searchParams.get("code"));
    user.setCredentials({ refresh_token: tokens.refresh_token });
  });
  await step("his token is renewed without him", async () => same(Boolean((await user.getAccessToken()).token), true));
  await tellGoogle(new Calendar(account), new Calendar(user));

  await step("by hand: the plain address and a token", async () => {
    const known = new auth.OAuth2();
    known.setCredentials({ access_token: token(BOB) });
    await new Calendar(known, { rootUrl: `${process.env.RSVPD_URL}/` }).find("Project kickoff");
  });
}

main();
