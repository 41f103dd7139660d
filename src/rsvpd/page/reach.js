// The way to the server: every request of the page but its stream of events.

const PATIENCE = 30000;

/** Nobody answered, or an answer broke off. */
export class Unreachable extends Error {
  constructor() {
    super("The server does not answer.");
  }
}

/**
 * Ask for a path of this server, past every cache. Returns the whole answer: `ok`, `status`, `headers`, `url` (where it
 * led), and `text`. Throws Unreachable, also for a connection that has gone dead without a word.
 */
export async function reach(path, init = {}) {
  try {
    const answer = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE), ...init });
    const { ok, status, headers, url } = answer;
    return { ok, status, headers, url, text: await answer.text() };
  } catch {
    throw new Unreachable();
  }
}

/** The same, with `body`: what the JSON of the answer says, null where it has none. */
export async function reachJson(path, init) {
  const answer = await reach(path, init);
  const isJson = answer.text && /\bjson\b/.test(answer.headers.get("content-type"));
  return { ...answer, body: isJson ? JSON.parse(answer.text) : null };
}
