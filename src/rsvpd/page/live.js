// When to look: the server's events where it sends them, else every few seconds. What changed, delta says.

import { trouble } from "./dom.js";
import { Refused, SignedOut } from "./graph.js";
import { Unreachable } from "./reach.js";
import { accessToken } from "./session.js";

const EVENTS = "/_rsvpd/live";
const POLL = 3000;
const LOST = "The server does not answer. The page goes on by itself when it is back.";

let look = async () => {};
let timer = null;
let looking = null;
let again = false;
let stream = null;

/**
 * Call `work` now and whenever something may have changed; every few seconds where it `polls`, as events tell of the
 * own mailbox alone. It may throw: Unreachable is told above the page.
 */
export function follow(work, polls = false) {
  look = work;
  clearInterval(timer);
  timer = polls ? setInterval(() => { if (!document.hidden) nudge(); }, POLL) : null;
  return nudge();
}

/** Look once; whoever asks while somebody is looking makes that one look once more. */
export function nudge() {
  if (looking) again = true;
  looking ??= once().finally(() => {
    looking = null;
    if (again) {
      again = false;
      nudge();
    }
  });
  return looking;
}

/** Listen until the page is closed. */
export async function listen() {
  document.addEventListener("visibilitychange", () => { if (!document.hidden) nudge(); });
  window.addEventListener("online", nudge);
  window.addEventListener("offline", nudge);
  for (let isServed = true; ;) {
    if (isServed) isServed = await events();
    await new Promise((done) => { setTimeout(done, POLL); });
    if (!document.hidden) await nudge();
  }
}

async function once() {
  try {
    await look();
    trouble("");
  } catch (wrong) {
    if (wrong instanceof SignedOut) throw wrong;
    if (!(wrong instanceof Refused || wrong instanceof Unreachable)) console.error(wrong);
    trouble(wrong instanceof Unreachable ? LOST : wrong.message);
    stream?.abort(); // it may stay open over a network that is gone; without it, we look again in a few seconds
  }
}

/** Read the server's events until they end. Returns false where it has none to send. */
async function events() {
  try {
    const headers = { Authorization: `Bearer ${accessToken()}`, Accept: "text/event-stream" };
    stream = new AbortController();
    const answer = await fetch(EVENTS, { headers, cache: "no-store", signal: stream.signal });
    if (!answer.ok) {
      await answer.body?.cancel();
      return ![404, 405, 501].includes(answer.status);
    }
    await nudge(); // what happened before the first event
    for await (const part of chunks(answer.body)) {
      if (/^data:/m.test(part)) await nudge();
    }
  } catch {
    // it went away: we try again
  }
  return true;
}

async function* chunks(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
