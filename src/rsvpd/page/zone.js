// The zone that times are shown in: the browser's, the mailbox's, or any other.

import { el } from "./dom.js";
import { batch } from "./graph.js";
import { BROWSER_ZONE, setZone, ZONE } from "./times.js";
import { ianaName } from "./zones.js";

const CHOSEN = "rsvpd.zone";

/** Show times in the zone that was chosen last in this browser. */
export function recallZone() {
  setZone(ianaName(localStorage.getItem(CHOSEN)) || BROWSER_ZONE);
}

/** A list of zones; `changed` is called when another one is chosen. */
export async function zonePicker({ changed }) {
  const [settings] = await batch(["/me/mailboxSettings"]);
  const mailbox = ianaName(settings?.timeZone);
  const isSame = mailbox === BROWSER_ZONE;
  const near = new Map([[BROWSER_ZONE, isSame ? "This browser and your mailbox" : "This browser"]]);
  if (mailbox && !isSame) near.set(mailbox, "Your mailbox");
  const rest = [...new Set(["UTC", ZONE, ...Intl.supportedValuesOf("timeZone")])].filter((name) => !near.has(name));
  const option = (name) => el("option", { value: name, selected: name === ZONE }, name);
  return el("select", { "aria-label": "Time zone", onchange: choose },
    [...near].map(([name, label]) => el("optgroup", { label }, option(name))),
    el("optgroup", { label: "Others" }, rest.map(option)));

  async function choose({ target }) {
    setZone(target.value);
    if (target.value === BROWSER_ZONE) localStorage.removeItem(CHOSEN);
    else localStorage.setItem(CHOSEN, target.value);
    await changed();
    target.focus({ preventScroll: true }); // whoever goes through the list by keyboard stays in it
  }
}
