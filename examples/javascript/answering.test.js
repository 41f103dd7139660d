// The application against a real server: rsvpd run -- node --test

import assert from 'node:assert/strict';
import { before, beforeEach, test } from 'node:test';

import { answerInvitations, waitSeconds } from './answering.js';
import * as rsvpd from './rsvpd.js';

let waited;

// The application as bob runs it, with the token it has and then fresh ones; what it waited is written down. The sample
// people's invitations wait too, and are left alone.
async function answer(decide, ...held) {
  const only = (event) => (event.subject === 'Kickoff' ? decide(event) : null);
  return answerInvitations(rsvpd.graph, () => held.shift() ?? rsvpd.token('bob'), only, {
    now: await rsvpd.now(), sleep: (seconds) => waited.push(seconds),
  });
}

before(rsvpd.save);
beforeEach(async () => {
  waited = [];
  await rsvpd.restore();
});

test('invitations are answered, and the organizer is told', async () => {
  await rsvpd.invite('Kickoff');
  assert.deepEqual(await answer(() => 'accept'), [['Kickoff', 'accept']]);
  assert.equal(await rsvpd.answerOf('Kickoff'), 'accepted');
  const inbox = await rsvpd.as('alice', 'GET', '/me/mailFolders/inbox/messages?$top=1');
  assert.equal(inbox.value[0].subject, 'Accepted: Kickoff');
});

test('a busy service is given the time it asks for', async () => {
  await rsvpd.invite('Kickoff');
  await rsvpd.fault({
    name: 'busy', effect: 'answer', status: 429, retry_after: 7, times: 2, person: 'bob', path: '/me/events/{event}/accept',
  });
  await answer(() => 'accept');
  assert.deepEqual(waited, [7, 7]);
  assert.equal(await rsvpd.answerOf('Kickoff'), 'accepted');
});

test('Retry-After may be a date, or missing', () => {
  assert.equal(waitSeconds('Wed, 01 Jan 2020 00:00:00 GMT', 0), 0);
  assert.ok(waitSeconds(new Date(Date.now() + 60_000).toUTCString(), 0) > 50);
  assert.equal(waitSeconds(null, 3), 8);
});

test('an expired token is replaced', async () => {
  await rsvpd.invite('Kickoff');
  const yesterdays = await rsvpd.token('bob');
  await rsvpd.advance('25h');
  await answer(() => 'accept', yesterdays);
  assert.equal(await rsvpd.answerOf('Kickoff'), 'accepted');
});

test('a meeting that is moved meanwhile is decided again', async () => {
  const event = await rsvpd.invite('Kickoff', { hour: 10 });
  const seen = [];
  await answer(async (invitation) => {
    seen.push(invitation.start.dateTime.slice(11, 13));
    if (seen.length === 1) { // alice changes her mind while bob makes up his
      const day = event.start.dateTime.slice(0, 10);
      await rsvpd.as('alice', 'PATCH', `/me/events/${event.id}`, rsvpd.times(day, 15));
    }
    return seen.at(-1) === '15' ? 'accept' : 'decline';
  });
  assert.deepEqual(seen, ['10', '15']);
  assert.equal(await rsvpd.answerOf('Kickoff'), 'accepted');
});
