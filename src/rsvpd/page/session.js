// Who is signed in, in this tab: the authorization code flow with PKCE (RFC 7636). The server knows its own page.

import { reachJson, Unreachable } from "./reach.js";

const CLIENT = "72737670-6400-4000-8000-000000000002";
const AUTHORIZE = "/common/oauth2/v2.0/authorize";
const TOKEN = "/common/oauth2/v2.0/token";
const SCOPE = "openid profile offline_access https://graph.microsoft.com/.default";
const TOKENS = "rsvpd.tokens";
const ASKED = "rsvpd.asked";

let tokens = JSON.parse(sessionStorage.getItem(TOKENS) ?? "null");
let refreshing = null;

export const accessToken = () => tokens?.access_token ?? "";

/** Go to the sign-in page; `pick` shows everybody even where somebody is signed in already. */
export async function signIn({ pick = false } = {}) {
  const verifier = random();
  const state = random();
  sessionStorage.setItem(ASKED, JSON.stringify({ verifier, state, place: pick ? placeOfAnybody(location.hash) : location.hash }));
  const query = new URLSearchParams({
    client_id: CLIENT, response_type: "code", response_mode: "fragment", redirect_uri: `${location.origin}/`,
    scope: SCOPE, state, code_challenge: await challenge(verifier), code_challenge_method: "S256",
    ...(pick ? { prompt: "select_account" } : {}),
  });
  location.assign(`${AUTHORIZE}?${query}`);
}

/** Where somebody else comes to: what was open is of one mailbox alone. */
function placeOfAnybody(hash) {
  const name = hash.split("/")[1];
  return { calendar: hash, requests: hash, meeting: "#/calendar" }[name] ?? "#/inbox";
}

/** Take what the sign-in page sent back, if this is where it sent us. Throws an Error that says what went wrong. */
export async function takeAnswer() {
  const answer = new URLSearchParams(location.hash.slice(1));
  if (!answer.has("code") && !answer.has("error")) return;
  const asked = JSON.parse(sessionStorage.getItem(ASKED) ?? "null");
  sessionStorage.removeItem(ASKED);
  history.replaceState(null, "", `/${asked?.place || "#/inbox"}`);
  if (!asked || answer.get("state") !== asked.state) throw new Error("That sign-in did not begin in this tab. Sign in again.");
  if (answer.has("error")) throw new Error(answer.get("error_description").split("\n")[0]);
  await fetchTokens({
    grant_type: "authorization_code", code: answer.get("code"), redirect_uri: `${location.origin}/`,
    code_verifier: asked.verifier,
  });
}

/** Get a fresh token; several who ask at once share one request. Returns whether there is one. */
export async function refresh() {
  if (!tokens?.refresh_token) return false;
  const fresh = { grant_type: "refresh_token", refresh_token: tokens.refresh_token, scope: SCOPE };
  refreshing ??= fetchTokens(fresh).finally(() => { refreshing = null; });
  return refreshing.then(() => true, (wrong) => {
    if (wrong instanceof Unreachable) throw wrong; // the network, not the token
    return false;
  });
}

export function forget() {
  tokens = null;
  sessionStorage.removeItem(TOKENS);
}

async function fetchTokens(form) {
  tokens = { refresh_token: tokens?.refresh_token, ...(await askForTokens(TOKEN, { client_id: CLIENT, ...form })) };
  sessionStorage.setItem(TOKENS, JSON.stringify(tokens));
}

/** Return what a token endpoint gives for a form (RFC 6749, section 3.2). Throws what it says, or Unreachable. */
export async function askForTokens(endpoint, form) {
  const { ok, body } = await reachJson(endpoint, { method: "POST", body: new URLSearchParams(form) });
  if (!ok) throw new Error(body?.error_description?.split("\n")[0] || "The server gave no token.");
  return body;
}

export function random() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

export async function challenge(verifier) {
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
}

function base64url(octets) {
  return btoa(String.fromCharCode(...octets)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
