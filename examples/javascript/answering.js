// An application that answers the invitations of a mailbox, over Microsoft Graph.
//
//   await answerInvitations('https://graph.microsoft.com/v1.0', fetchToken, decide)
//
// `decide` is asked for each invitation that waits, and returns 'accept', 'decline', 'tentativelyAccept', or null to
// leave it.

const TRIES = 5;
const DAYS = 60;
const MEMBERS = 'id,subject,start,end,organizer,isOrganizer,isCancelled,responseStatus';
const WAITING = ['none', 'notResponded'];

const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

// Graph as one user: waits where it is told to wait, and fetches another token when the last one has expired.
export class Mailbox {
  #token;

  constructor(base, fetchToken, sleep = pause) {
    Object.assign(this, { base, fetchToken, sleep });
  }

  async ask(method, path, body) {
    let isFresh = false;
    let reply;
    this.#token ??= await this.fetchToken();
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      reply = await fetch(this.base + path, {
        method,
        headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
        body: body && JSON.stringify(body),
      });
      if (reply.status === 401 && !isFresh) {
        isFresh = true;
        this.#token = await this.fetchToken();
      } else if (reply.status === 429 || reply.status === 503) {
        await this.sleep(waitSeconds(reply.headers.get('retry-after'), attempt));
      } else {
        break;
      }
    }
    return reply;
  }

  // The invitations of the next weeks that nobody has answered.
  async waiting(now) {
    const until = new Date(now.getTime() + DAYS * 86_400_000);
    const window = new URLSearchParams({
      startDateTime: now.toISOString(), endDateTime: until.toISOString(), $select: MEMBERS, $top: '100',
    });
    const reply = await expectOk(await this.ask('GET', `/me/calendarView?${window}`));
    return (await reply.json()).value.filter(isWaiting);
  }

  // An event as it is now, or null where it is gone.
  async event(id) {
    const reply = await this.ask('GET', `/me/events/${id}?$select=${MEMBERS}`);
    return reply.status === 404 ? null : (await expectOk(reply)).json();
  }

  // Answers, and tells the organizer; false where the event is gone.
  async answer(id, how) {
    const reply = await this.ask('POST', `/me/events/${id}/${how}`, { sendResponse: true });
    return reply.status !== 404 && Boolean(await expectOk(reply));
  }
}

// How long to wait: what Retry-After says, in seconds or as a date, else longer each time.
export function waitSeconds(told, attempt) {
  if (/^\d+$/.test(told ?? '')) return Number(told);
  const until = Date.parse(told ?? '');
  return Number.isNaN(until) ? 2 ** attempt : Math.max(0, (until - Date.now()) / 1000);
}

// Answers all that waits; returns subjects and answers. A decision holds for the time that it was made for: where a
// meeting was moved meanwhile, it is made again.
export async function answerInvitations(base, fetchToken, decide, { now = new Date(), sleep } = {}) {
  const mailbox = new Mailbox(base, fetchToken, sleep);
  const answered = [];
  for (const invitation of await mailbox.waiting(now)) {
    const [how, current] = await settle(mailbox, invitation, decide);
    if (how && await mailbox.answer(current.id, how)) answered.push([current.subject, how]);
  }
  return answered;
}

async function settle(mailbox, first, decide) {
  let invitation = first;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const how = await decide(invitation);
    const current = how ? await mailbox.event(invitation.id) : null;
    if (!current || !isWaiting(current)) return [null, null];
    if (isSameTime(current, invitation)) return [how, current];
    invitation = current;
  }
  return [null, null];
}

function isWaiting(event) {
  return !event.isOrganizer && !event.isCancelled && WAITING.includes(event.responseStatus.response);
}

function isSameTime(one, other) {
  return one.start.dateTime === other.start.dateTime && one.end.dateTime === other.end.dateTime;
}

async function expectOk(reply) {
  if (!reply.ok) throw new Error(`${reply.url}: ${reply.status} ${await reply.text()}`);
  return reply;
}
