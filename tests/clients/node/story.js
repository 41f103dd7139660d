// The life of an invitation, told once for all Node clients: each says only how it does a step.
//
// Alice invites bob, he answers in all three ways with a comment, she moves the meeting and calls it off. One line
// `ok STEP` is printed for each step; the first that fails ends the program with what the client threw.
//
// A mailbox of Graph or Outlook has, all of them asynchronous, with answers spelt as Graph spells them:
//   invite(subject, guest)      create a meeting from BEGIN to END in ZONE, return its id
//   newest()                    the newest message of the inbox: { subject, preview, raw }
//   eventBehind(letter)         the id of the event an invitation is about
//   ownAnswer(event)            what the owner answered
//   answer(event, answer, comment)
//   guestAnswer(event, guest)   what the organizer's event says of a guest
//   move(event)                 to LATER_BEGIN and LATER_END
//   cancel(event, comment)
// A calendar of Google has find(subject), isCancelled(event) and no messages, and guestAnswer gives [answer, comment].

"use strict";

const assert = require("node:assert");
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");

const ALICE = "alice@example.com";
const BOB = "bob@example.com";
const SUBJECT = "Quarter plan";
const LAST_LETTER = `Canceled: ${SUBJECT}`;
const ZONE = "Europe/Berlin";
const [BEGIN, END] = ["2030-03-01T10:00:00", "2030-03-01T11:00:00"];
const [LATER_BEGIN, LATER_END] = ["2030-03-02T10:00:00", "2030-03-02T11:00:00"];

async function tellOutlook(alice, bob) {
  const meeting = await step("alice invites bob", () => alice.invite(SUBJECT, BOB));
  const invitation = await step("the invitation is in bob's inbox", async () => {
    const letter = await bob.newest();
    same(letter.subject, SUBJECT);
    return letter;
  });
  const event = await step("the event is behind it, not answered", async () => {
    const found = await bob.eventBehind(invitation);
    assert.notStrictEqual(found, meeting);
    same(await bob.ownAnswer(found), "notResponded");
    return found;
  });
  await answered(alice, bob, meeting, event, "tentativelyAccepted", "Tentative");
  await answered(alice, bob, meeting, event, "accepted", "Accepted");
  await step("alice moves it", () => alice.move(meeting));
  await step("bob is asked again", async () => {
    same((await bob.newest()).subject, SUBJECT);
    same(await bob.ownAnswer(event), "notResponded");
  });
  await answered(alice, bob, meeting, event, "declined", "Declined");
  await step("alice calls it off", () => alice.cancel(meeting, "It is called off."));
  await step("bob is told so", async () => same((await bob.newest()).subject, LAST_LETTER));
}

async function answered(alice, bob, meeting, event, answer, title) {
  const comment = `I say ${title.toLowerCase()}.`;
  await step(`bob answers ${answer}`, () => bob.answer(event, answer, comment));
  await step(`alice reads ${answer} and the comment`, async () => {
    const letter = await alice.newest();
    same([letter.subject, letter.preview], [`${title}: ${SUBJECT}`, comment]);
  });
  await step(`her event says ${answer}`, async () => same(await alice.guestAnswer(meeting, BOB), answer));
}

async function tellGoogle(alice, bob) {
  const meeting = await step("alice invites bob", () => alice.invite(SUBJECT, BOB));
  const event = await step("the event is in bob's calendar, not answered", async () => {
    const found = await bob.find(SUBJECT);
    same((await bob.guestAnswer(found, BOB))[0], "needsAction");
    return found;
  });
  for (const answer of ["tentative", "declined", "accepted"]) {
    const comment = `I say ${answer}.`;
    await step(`bob answers ${answer}`, () => bob.answer(event, answer, comment));
    await step(`alice sees ${answer} and the comment`, async () =>
      same(await alice.guestAnswer(meeting, BOB), [answer, comment]));
  }
  await step("alice moves it", () => alice.move(meeting));
  await step("bob is asked again", async () => same((await bob.guestAnswer(event, BOB))[0], "needsAction"));
  await step("alice calls it off", () => alice.cancel(meeting));
  await step("bob's event is cancelled", async () => same(await bob.isCancelled(event), true));
}

// Do what is told, print `ok` and the name and return what came, or print what broke and end the program.
async function step(name, what) {
  try {
    const found = await what();
    console.log(`ok ${name}`);
    return found;
  } catch (wrong) {
    console.log(`FAILED ${name}`);
    console.error(wrong);
    return process.exit(1);
  }
}

function same(found, wanted) {
  assert.deepStrictEqual(found, wanted);
}

function person(address) {
  return JSON.parse(fs.readFileSync(process.env.RSVPD_READY_FILE, "utf-8")).people[address];
}

// Somebody's first password.
function password(address) {
  return person(address).password;
}

// An access token for somebody, as `rsvpd token` prints it.
function token(address) {
  return person(address).token;
}

// Have `address` sign in at the browser (browser.py, in $BROWSER), and return where that ends.
function signIn(url, address, code = "") {
  const [program, ...args] = process.env.BROWSER.replace(/ *&$/, "").split(" ");
  const stdio = ["ignore", "pipe", "inherit"];
  return execFileSync(program, [...args.map((one) => (one === "%s" ? url : one)), address, code], { stdio })
    .toString()
    .trim();
}

module.exports = {
  ALICE, BOB, SUBJECT, ZONE, BEGIN, END, LATER_BEGIN, LATER_END,
  tellOutlook, tellGoogle, LAST_LETTER, step, same, password, token, signIn,
};
