// @microsoft/microsoft-graph-client with @azure/msal-node: alice by her application's secret, bob with a device code.

"use strict";

const msal = require("@azure/msal-node");
const { Client, PageIterator } = require("@microsoft/microsoft-graph-client");
const { GraphMailbox, byHand } = require("./graph_mailbox");
const { ALICE, BOB, LAST_LETTER, password, same, signIn, step, tellOutlook, token } = require("./story");

const clientId = process.env.AZURE_CLIENT_ID;
const authority = `https://login.microsoftonline.com/${process.env.AZURE_TENANT_ID}`;
const secret = process.env.AZURE_CLIENT_SECRET;
const scopes = ["Calendars.ReadWrite", "Mail.ReadWrite"];

// The callback form of authentication, as the client's own pages have it.
function client(acquire) {
  return Client.init({
    authProvider: (done) => acquire().then((found) => done(null, found.accessToken), (wrong) => done(wrong, null)),
  });
}

async function main() {
  const confidential = new msal.ConfidentialClientApplication({ auth: { clientId, authority, clientSecret: secret } });
  const everything = { scopes: ["https://graph.microsoft.com/.default"] };
  const alice = client(() => confidential.acquireTokenByClientCredential(everything));
  await step("alice's application signs in", () => alice.api(`/users/${ALICE}/calendar`).get());

  const known = new msal.PublicClientApplication({ auth: { clientId, authority } });
  const account = await step("bob signs in with a device code", async () => {
    const deviceCodeCallback = (asked) => signIn(asked.verificationUri, BOB, asked.userCode);
    const found = await known.acquireTokenByDeviceCode({ scopes, deviceCodeCallback });
    same(found.account.username, BOB);
    return found.account;
  });
  await step("his token is renewed without him", () =>
    known.acquireTokenSilent({ scopes, account, forceRefresh: true }));
  const bob = client(() => known.acquireTokenSilent({ scopes, account }));
  await tellOutlook(new GraphMailbox(alice, `/users/${ALICE}`), new GraphMailbox(bob, "/me"));

  await step("bob signs in with his password", () =>
    known.acquireTokenByUsernamePassword({ scopes, username: BOB, password: password(BOB) }));
  await step("a code comes back from the browser", async () => {
    const redirectUri = "http://localhost:8400/";
    const { verifier, challenge } = await new msal.CryptoProvider().generatePkceCodes();
    const pkce = { codeChallenge: challenge, codeChallengeMethod: "S256" };
    const end = signIn(await known.getAuthCodeUrl({ scopes, redirectUri, loginHint: BOB, ...pkce }), BOB);
    const code = new URL(end).searchParams.get("code");
    same((await known.acquireTokenByCode({ scopes, redirectUri, code, codeVerifier: verifier })).account.username, BOB);
  });
  await step("the pages of a list follow one another", async () => {
    const subjects = [];
    const first = await bob.api("/me/mailFolders/inbox/messages").top(1).get();
    await new PageIterator(bob, first, (message) => subjects.push(message.subject)).iterate();
    same(subjects.filter((one) => one === LAST_LETTER).length, 1);
    same(subjects.length > 2, true);
  });
  await step("by hand: the server's address and a token", async () => {
    const plain = byHand((done) => done(null, token(BOB)));
    same((await new GraphMailbox(plain, "/me").newest()).subject, LAST_LETTER);
  });
}

main();
