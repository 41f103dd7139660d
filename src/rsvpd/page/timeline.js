// What happened to a meeting, from the first request to the last answer, as the server tells it.

import { el, fill } from "./dom.js";

/** A part that is read when it is opened. In the end stands the whole of it as one file. */
export function timeline(uid) {
  const place = el("div", {});
  const part = el("details", { class: "timeline", ontoggle: () => part.open && read(uid, place) },
    el("summary", {}, "Timeline"), place);
  return part;
}

async function read(uid, place) {
  const answer = await fetch(`/_rsvpd/meetings/${encodeURIComponent(uid)}/timeline`, { cache: "no-store" });
  if (!answer.ok) {
    fill(place, el("p", { class: "quiet" }, "The timeline is for whoever runs the server."));
    return;
  }
  const found = await answer.json();
  const save = el("button", { type: "button", onclick: () => download(found) }, "Save as one file");
  fill(place, el("ol", { class: "list" }, found.moments.map((one) => el("li", {},
    el("time", { datetime: one.at }, one.at.slice(0, 19).replace("T", " ")), " ",
    el("strong", {}, one.who.split("@")[0]), ` ${one.what} `,
    el("span", { class: "quiet" }, [one.interface, one.client].filter(Boolean).join(", "))))), el("p", {}, save));
}

function download(found) {
  const address = URL.createObjectURL(new Blob([JSON.stringify(found, null, 2)], { type: "application/json" }));
  el("a", { href: address, download: "timeline.json" }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}
