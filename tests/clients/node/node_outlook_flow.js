// node-outlook with @azure/msal-node: the story in Outlook REST v1.0, the library's own default, and again in v2.0.
// Alice has her application's secret, bob his password. Errors of node-outlook name no request: each says its own.

"use strict";

const { promisify } = require("node:util");
const msal = require("@azure/msal-node");
const { base, calendar, mail } = require("node-outlook");
const {
  ALICE, BEGIN, BOB, END, LAST_LETTER, LATER_BEGIN, LATER_END, ZONE, password, same, step, tellOutlook, token,
} = require("./story");

const clientId = process.env.AZURE_CLIENT_ID;
const authority = `https://login.microsoftonline.com/${process.env.AZURE_TENANT_ID}`;
const clientSecret = process.env.AZURE_CLIENT_SECRET;
const ACTIONS = { accepted: "accept", tentativelyAccepted: "tentativelyaccept", declined: "decline" };

// What differs between the versions: the names of times, and of the host that v2.0's pages use.
const V1 = {
  endpoint: "https://outlook.office.com/api/v1.0",
  received: "DateTimeReceived",
  times: (begin, end) => ({ Start: begin, End: end, StartTimeZone: ZONE, EndTimeZone: ZONE }),
};
const V2 = {
  endpoint: "https://outlook.office365.com/api/v2.0",
  received: "ReceivedDateTime",
  times: (begin, end) => ({ Start: { DateTime: begin, TimeZone: ZONE }, End: { DateTime: end, TimeZone: ZONE } }),
};

class Mailbox {
  constructor(version, token, user) {
    this.version = version;
    this.who = { token, user };
    this.owner = user === undefined ? "/Me" : `/Users/${user.email}`;
  }

  async invite(Subject, guest) {
    const Attendees = [{ EmailAddress: { Address: guest }, Type: "Required" }];
    const event = { Subject, Attendees, ...this.version.times(BEGIN, END) };
    return (await this.ask(calendar.createEvent, { event })).Id;
  }

  async newest() {
    const odataParams = { $top: 1, $orderby: `${this.version.received} desc` };
    const [message] = (await this.ask(mail.getMessages, { folderId: "Inbox", odataParams })).value;
    return { subject: message.Subject, preview: message.BodyPreview, raw: message };
  }

  async eventBehind(letter) {
    const odataParams = { $expand: "Microsoft.OutlookServices.EventMessage/Event" };
    return (await this.ask(mail.getMessage, { messageId: letter.raw.Id, odataParams })).Event.Id;
  }

  async ownAnswer(event) {
    return word((await this.event(event)).ResponseStatus);
  }

  answer(event, answer, Comment) {
    return this.act(event, ACTIONS[answer], { Comment, SendResponse: true });
  }

  async guestAnswer(event, guest) {
    const { Attendees } = await this.event(event);
    return word(Attendees.find((one) => one.EmailAddress.Address === guest).Status);
  }

  move(eventId) {
    return this.ask(calendar.updateEvent, { eventId, update: this.version.times(LATER_BEGIN, LATER_END) });
  }

  cancel(event, Comment) {
    // v1.0 has no such action: there a meeting is called off by deleting it.
    if (this.version === V1) return this.ask(calendar.deleteEvent, { eventId: event });
    return this.act(event, "cancel", { Comment });
  }

  event(eventId) {
    return this.ask(calendar.getEvent, { eventId });
  }

  ask(call, parameters) {
    base.setApiEndpoint(this.version.endpoint);
    return promisify(call)({ ...this.who, ...parameters });
  }

  // What node-outlook has no function for goes through its makeApiCall, as its pages say.
  async act(event, action, payload) {
    const url = `${this.version.endpoint}${this.owner}/Events/${event}/${action}`;
    const answer = await promisify(base.makeApiCall)({ ...this.who, url, method: "POST", payload });
    if (answer.statusCode !== 202) throw new Error(`POST ${url} ${answer.statusCode} ${JSON.stringify(answer.body)}`);
  }
}

function word(status) {
  return status.Response[0].toLowerCase() + status.Response.slice(1);
}

async function main() {
  const confidential = new msal.ConfidentialClientApplication({ auth: { clientId, authority, clientSecret } });
  const known = new msal.PublicClientApplication({ auth: { clientId, authority } });
  const alice = await step("alice's application signs in", () =>
    confidential.acquireTokenByClientCredential({ scopes: ["https://outlook.office.com/.default"] }));
  const bob = await step("bob signs in with his password", () =>
    known.acquireTokenByUsernamePassword({
      scopes: ["https://outlook.office.com/Calendars.ReadWrite", "https://outlook.office.com/Mail.ReadWrite"],
      username: BOB,
      password: password(BOB),
    }));
  for (const version of [V1, V2]) {
    console.log(version.endpoint);
    const mailbox = (signedIn, user) => new Mailbox(version, signedIn.accessToken, user);
    await tellOutlook(mailbox(alice, { email: ALICE }), mailbox(bob));
  }
  await step("by hand: the plain address and a token", async () => {
    const plain = { ...V2, endpoint: `${process.env.RSVPD_URL}/api/v2.0` };
    same((await new Mailbox(plain, token(BOB)).newest()).subject, LAST_LETTER);
  });
}

main();
