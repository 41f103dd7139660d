// Google Calendar, as any client calls it: with a token that Google's own code flow with PKCE gave.
// A token of Microsoft's sign-in opens nothing here.

import { reach, reachJson } from "./reach.js";
import { askForTokens, challenge, random } from "./session.js";

const CLIENT = "rsvpd-local.apps.googleusercontent.com";
const AUTHORIZE = "/o/oauth2/v2/auth";
const TOKEN = "/token";
const SCOPE = "https://www.googleapis.com/auth/calendar.events.readonly";
const ASKED = "rsvpd.google.asked";
const EARLY = 60000;

let token = { text: "", person: "", until: 0 };

/** Who looks has not agreed yet, and is asked on Google's page. */
export class NotAgreed extends Error {}

/** Return a token of this person. Whoever agreed once is not asked again. Throws NotAgreed. */
export async function googleToken(person) {
  if (token.person === person && Date.now() < token.until - EARLY) return token.text;
  const asked = { verifier: random(), state: random(), person };
  const answer = await reach(await address(asked, { prompt: "none" })); // it leads back to this page
  const told = new URL(answer.url).searchParams;
  if (!answer.ok || told.get("state") !== asked.state) {
    throw new Error("This server does not know its page at Google’s sign-in: it is for servers that only this machine reaches.");
  }
  if (!told.has("code")) throw new NotAgreed("Google’s sign-in asks first.");
  await trade(asked, told.get("code"));
  return token.text;
}

/** Go to Google's page, where who looks agrees; it comes back to where we are. */
export async function agree(person) {
  const asked = { verifier: random(), state: random(), person, place: location.hash };
  sessionStorage.setItem(ASKED, JSON.stringify(asked));
  location.assign(await address(asked));
}

/** Take what Google's page sent back, if that is where somebody comes from. */
export async function takeGoogleAnswer() {
  const answer = new URLSearchParams(location.search);
  const asked = JSON.parse(sessionStorage.getItem(ASKED) ?? "null");
  if (!answer.has("state") || !asked) return;
  sessionStorage.removeItem(ASKED);
  history.replaceState(null, "", `/${asked.place || "#/inbox"}`);
  if (answer.get("state") !== asked.state || !answer.has("code")) return; // who refused is asked again when they want
  await trade(asked, answer.get("code"));
}

/** Ask for a path below Google's mount. Returns it with the status and the JSON of the answer. */
export async function askGoogle(path, person) {
  const text = await googleToken(person);
  const { status, body } = await reachJson(path, { headers: { Authorization: `Bearer ${text}` } });
  return { target: path, status, body };
}

async function address({ verifier, state, person }, more = {}) {
  const query = new URLSearchParams({
    client_id: CLIENT, response_type: "code", redirect_uri: `${location.origin}/`, scope: SCOPE, state, login_hint: person,
    code_challenge: await challenge(verifier), code_challenge_method: "S256", ...more,
  });
  return `${AUTHORIZE}?${query}`;
}

async function trade({ verifier, person }, code) {
  const form = { client_id: CLIENT, grant_type: "authorization_code", code, redirect_uri: `${location.origin}/`, code_verifier: verifier };
  const found = await askForTokens(TOKEN, form);
  token = { text: found.access_token, person, until: Date.now() + found.expires_in * 1000 };
}
