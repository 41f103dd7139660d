// Microsoft Graph, as any client calls it.

import { reachJson } from "./reach.js";
import { accessToken, forget, refresh } from "./session.js";

const MOUNT = "/v1.0";
const MOST_IN_BATCH = 20;
const MOST_TRIES = 4;
const MOST_NOTED = 2000;
const asked = new Set();

/** What the server refused: its code, its words, and the hint of rsvpd where there is one. */
export class Refused extends Error {
  constructor(status, error, hint) {
    super([error?.message ?? `The server answered ${status}.`, hint].filter(Boolean).join(" "));
    this.status = status;
    this.code = error?.code ?? "";
  }
}

/** Nobody is signed in any more. */
export class SignedOut extends Error {}

/** Ask for a path below the mount, or for a link that an answer gave. Returns the JSON of the answer, or null. */
export async function ask(method, path, body, headers = {}) {
  for (let tried = 1; ; tried += 1) {
    const answer = await send(method, path, body, headers);
    if (answer.status === 401 && tried === 1 && (await refresh())) continue;
    if (answer.status === 401) {
      forget();
      throw new SignedOut("Sign in again.");
    }
    if ([429, 503, 504].includes(answer.status) && tried < MOST_TRIES) {
      await pause(answer.headers.get("retry-after"), tried);
      continue;
    }
    if (!answer.ok) throw new Refused(answer.status, answer.body?.error, answer.headers.get("x-rsvpd-hint"));
    return answer.body;
  }
}

export const get = (path, headers) => ask("GET", path, undefined, headers);
export const post = (path, body) => ask("POST", path, body);
export const patch = (path, body) => ask("PATCH", path, body);

/** Ask for several paths in as few requests as possible. Returns their bodies in order, null for one that was refused. */
export async function batch(paths) {
  const found = [];
  for (let at = 0; at < paths.length; at += MOST_IN_BATCH) {
    const requests = paths.slice(at, at + MOST_IN_BATCH).map((url, id) => (
      { id: `${id}`, method: "GET", url, headers: { Prefer: PREFER } }
    ));
    const { responses } = await post("/$batch", { requests });
    const byId = new Map(responses.map((one) => [one.id, one]));
    found.push(...requests.map(({ id }) => (byId.get(id)?.status === 200 ? byId.get(id).body : null)));
  }
  return found;
}

/** Yield everything of a list, page by page, at most `most` of it. */
export async function all(path, most = 1000) {
  const found = [];
  for (let next = path; next && found.length < most;) {
    const page = await get(next);
    found.push(...page.value);
    next = page["@odata.nextLink"];
  }
  return found;
}

/** A list that is kept in step by its delta. `changes` returns what is new since the last time; `withFirst`, the first
 * time all that is there. It returns null where it has to begin anew. */
export class Following {
  constructor(path, { withFirst = false } = {}) {
    this.start = path;
    this.withFirst = withFirst;
    this.link = "";
  }

  async changes() {
    const found = [];
    const isFirst = !this.link;
    try {
      for (let next = this.link || this.start; next;) {
        const page = await get(next, { Prefer: `${PREFER}, odata.maxpagesize=200` });
        found.push(...page.value);
        next = page["@odata.nextLink"];
        if (page["@odata.deltaLink"]) this.link = page["@odata.deltaLink"];
      }
    } catch (wrong) {
      if (!(wrong instanceof Refused) || ![400, 410].includes(wrong.status)) throw wrong;
      this.link = ""; // the server has begun anew: so do we
      return null;
    }
    return isFirst && !this.withFirst ? [] : found;
  }
}

const PREFER = 'outlook.timezone="UTC"';
/** Headers for what is going to be written on: bodies as plain text. */
export const AS_TEXT = { Prefer: `${PREFER}, outlook.body-content-type="text"` };

async function send(method, path, body, headers) {
  const url = new URL(path.startsWith("/") ? MOUNT + path : path, location.origin);
  const init = { method, headers: { Authorization: `Bearer ${accessToken()}`, Prefer: PREFER, ...headers } };
  if (body !== undefined) {
    init.headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  return noted(await reachJson(url.pathname + url.search, init)); // a link may name the host otherwise; it is this one
}

function noted(answer) {
  asked.add(answer.headers.get("request-id"));
  if (asked.size > MOST_NOTED) asked.delete(asked.values().next().value);
  return answer;
}

/** Whether this tab asked the request of that id. */
export const isOwn = (id) => asked.has(id);

function pause(after, tried) {
  const until = Number(after) ? Number(after) * 1000 : Date.parse(after ?? "") - Date.now();
  return new Promise((done) => { setTimeout(done, Math.min(until > 0 ? until : 500 * tried, 15000)); });
}
