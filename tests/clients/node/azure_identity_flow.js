// @microsoft/microsoft-graph-client with @azure/identity: alice by the environment's credential, bob with a
// device code.

"use strict";

const { DeviceCodeCredential, EnvironmentCredential } = require("@azure/identity");
const { Client } = require("@microsoft/microsoft-graph-client");
const {
  TokenCredentialAuthenticationProvider,
} = require("@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials");
const { GraphMailbox } = require("./graph_mailbox");
const { ALICE, BOB, same, signIn, step, tellOutlook } = require("./story");

const clientId = process.env.AZURE_CLIENT_ID;
const tenantId = process.env.AZURE_TENANT_ID;

function client(credential, ...scopes) {
  return Client.initWithMiddleware({ authProvider: new TokenCredentialAuthenticationProvider(credential, { scopes }) });
}

async function main() {
  const alice = client(new EnvironmentCredential(), "https://graph.microsoft.com/.default");
  await step("alice's application signs in", () => alice.api(`/users/${ALICE}/calendar`).get());
  const userPromptCallback = (asked) => signIn(asked.verificationUri, BOB, asked.userCode);
  const code = new DeviceCodeCredential({ clientId, tenantId, userPromptCallback });
  const bob = client(code, "Calendars.ReadWrite", "Mail.ReadWrite", "User.Read");
  await step("bob signs in with a device code", async () =>
    same((await bob.api("/me").get()).userPrincipalName, BOB));
  await tellOutlook(new GraphMailbox(alice, `/users/${ALICE}`), new GraphMailbox(bob, "/me"));
}

main();
