// What tests ask the server that `rsvpd run` started: its control desk below /_rsvpd, and Graph as anybody.

const URL_ = process.env.RSVPD_URL;
if (!URL_) throw new Error('There is no server: start the tests by `rsvpd run -- node --test`.');

export const graph = `${URL_}/v1.0`;
const BEGINNING = `tests-${process.pid}`;
const DAY = 86_400_000;

async function ask(method, url, body, headers = {}) {
  const reply = await fetch(url, {
    method, headers: { 'content-type': 'application/json', ...headers }, body: body && JSON.stringify(body),
  });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${method} ${url}: ${reply.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

export const desk = (method, path, body) => ask(method, `${URL_}/_rsvpd${path}`, body);
export const token = async (who) => (await desk('GET', `/people/${who}`)).token;
export const now = async () => new Date((await desk('GET', '/people')).now);
export const advance = (by) => desk('POST', '/clock/advance', { by });
export const fault = (rule) => desk('POST', '/faults', rule);

export async function as(who, method, path, body) {
  return ask(method, graph + path, body, { authorization: `Bearer ${await token(who)}` });
}

// Once before all tests, and before each of them.
export const save = () => desk('POST', '/snapshots', { name: BEGINNING, overwrite: true });
export async function restore() {
  await desk('POST', `/snapshots/${BEGINNING}/restore`);
  await desk('DELETE', '/faults');
}

// Sends an invitation for this hour (UTC) in so many days, and returns the organizer's event.
export async function invite(subject, { by = 'alice', to = 'bob', days = 3, hour = 10 } = {}) {
  const day = new Date((await now()).getTime() + days * DAY).toISOString().slice(0, 10);
  const { address } = await desk('GET', `/people/${to}`);
  return as(by, 'POST', '/me/events', { subject, ...times(day, hour), attendees: [{ emailAddress: { address } }] });
}

export function times(day, hour) {
  const at = (one) => ({ dateTime: `${day}T${String(one).padStart(2, '0')}:00:00`, timeZone: 'UTC' });
  return { start: at(hour), end: at(hour + 1) };
}

// What the organizer's event says of the answer of its only guest.
export async function answerOf(subject, { by = 'alice' } = {}) {
  const filter = encodeURIComponent(`subject eq '${subject}'`);
  const [event] = (await as(by, 'GET', `/me/events?$filter=${filter}`)).value;
  return event.attendees[0].status.response;
}
