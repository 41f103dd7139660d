// A server of the Model Context Protocol (modelcontextprotocol.io) over stdin and stdout, asked as an agent asks it.
//
// The package's own client speaks to it. Each tool that is called is noted, so that a flow can say in the end which
// of the tools that the server offers it has left out.

"use strict";

const { Client } = require("@modelcontextprotocol/sdk/client/index.js");
const { StdioClientTransport } = require("@modelcontextprotocol/sdk/client/stdio.js");

class Agent {
  constructor(client, tools) {
    this.client = client;
    this.tools = tools;
    this.called = new Set();
  }

  // Start a server: `command` with its arguments, with more variables in its environment.
  static async start(command, environ = {}) {
    const [program, ...args] = command;
    const client = new Client({ name: "rsvpd-tests", version: "1" });
    await client.connect(new StdioClientTransport({ command: program, args, env: { ...process.env, ...environ } }));
    return new Agent(client, (await client.listTools()).tools.map((one) => one.name));
  }

  // Call a tool and return what it says, read as JSON where it is that. What the tool calls an error is one.
  async use(name, args = {}) {
    const answer = await this.client.callTool({ name, arguments: args });
    const said = answer.content.map((one) => one.text).join("\n");
    if (answer.isError) throw new Error(`${name} ${JSON.stringify(args)}: ${said}`);
    this.called.add(name);
    try {
      return JSON.parse(said);
    } catch {
      return said;
    }
  }

  // The tools that were not called yet.
  left() {
    return this.tools.filter((one) => !this.called.has(one));
  }

  close() {
    return this.client.close();
  }
}

module.exports = { Agent };
