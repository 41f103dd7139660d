// A mailbox through @microsoft/microsoft-graph-client. `owner` is `/me`, or `/users/{address}` for an application.

"use strict";

const { Client } = require("@microsoft/microsoft-graph-client");
const { BEGIN, END, LATER_BEGIN, LATER_END, ZONE, same } = require("./story");

const ACTIONS = { accepted: "accept", tentativelyAccepted: "tentativelyAccept", declined: "decline" };

class GraphMailbox {
  constructor(client, owner) {
    this.client = client;
    this.owner = owner;
  }

  async invite(subject, guest) {
    const attendees = [{ emailAddress: { address: guest }, type: "required" }];
    const event = { subject, attendees, start: time(BEGIN), end: time(END) };
    return (await this.client.api(`${this.owner}/events`).post(event)).id;
  }

  async newest() {
    const inbox = this.client.api(`${this.owner}/mailFolders/inbox/messages`);
    const [message] = (await inbox.top(1).orderby("receivedDateTime desc").get()).value;
    return { subject: message.subject, preview: message.bodyPreview, raw: message };
  }

  async eventBehind(letter) {
    same(letter.raw.meetingMessageType, "meetingRequest");
    const message = this.client.api(`${this.owner}/messages/${letter.raw.id}`);
    return (await message.expand("microsoft.graph.eventMessage/event").get()).event.id;
  }

  async ownAnswer(event) {
    return (await this.event(event).select("responseStatus").get()).responseStatus.response;
  }

  answer(event, answer, comment) {
    return this.event(event, `/${ACTIONS[answer]}`).post({ comment, sendResponse: true });
  }

  async guestAnswer(event, guest) {
    const { attendees } = await this.event(event).get();
    return attendees.find((one) => one.emailAddress.address === guest).status.response;
  }

  move(event) {
    return this.event(event).patch({ start: time(LATER_BEGIN), end: time(LATER_END) });
  }

  cancel(event, comment) {
    return this.event(event, "/cancel").post({ comment });
  }

  event(id, action = "") {
    return this.client.api(`${this.owner}/events/${id}${action}`);
  }
}

function time(text) {
  return { dateTime: text, timeZone: ZONE };
}

// At the server's own address; the client gives its credential to `customHosts` alone, and only where it is HTTPS.
function byHand(authProvider) {
  const baseUrl = `${process.env.RSVPD_HTTPS_URL}/`;
  return Client.init({ baseUrl, customHosts: new Set([new URL(baseUrl).hostname]), authProvider });
}

module.exports = { GraphMailbox, byHand };
