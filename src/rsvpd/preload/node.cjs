// Leads connections of a Node program to the hosts of the vendors to rsvpd; `rsvpd run` puts this into NODE_OPTIONS.
//
// Only where a connection goes is changed: the name in TLS stays, and so does its verification. Everything that
// opens a TCP connection in Node, TLS and fetch included, ends in `net.Socket.prototype.connect`.
"use strict";

const net = require("node:net");

const hosts = new Set((process.env.RSVPD_VENDOR_HOSTS || "").split(",").filter(Boolean));
const url = process.env.RSVPD_HTTPS_URL ? new URL(process.env.RSVPD_HTTPS_URL) : null;

const connect = net.Socket.prototype.connect;

function isLed(host, port) {
  return Number(port) === 443 && typeof host === "string" && hosts.has(host.toLowerCase().replace(/\.$/, ""));
}

// What was asked for is left as it is: TLS reads the name to verify from the same object.
function moved(options) {
  if (!options || typeof options !== "object" || options.path || !isLed(options.host, options.port)) return options;
  return { ...options, host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port || 443), lookup: undefined };
}

if (hosts.size && url) {
  net.Socket.prototype.connect = function (...args) {
    if (Array.isArray(args[0])) {
      // Already brought into order by Node, which marks the list so: changed in place, it stays marked.
      args[0][0] = moved(args[0][0]);
    } else if (args[0] && typeof args[0] === "object") {
      args[0] = moved(args[0]);
    } else if (typeof args[1] === "string") {
      const where = moved({ port: args[0], host: args[1] });
      args[0] = where.port;
      args[1] = where.host;
    }
    return connect.apply(this, args);
  };
}
