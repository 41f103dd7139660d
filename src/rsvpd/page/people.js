// A field for people: names or addresses are typed, and stand below it until they are taken away.

import { el, fill, say } from "./dom.js";
import { all, get } from "./graph.js";

const LONGEST_LIST = 200;
let known = null;

/** Everybody in the organization, as far as a list is of use: a map of addresses to names. */
export function everybody() {
  known ??= all("/users?$select=displayName,mail&$top=100", LONGEST_LIST).then((found) => (
    new Map(found.filter((one) => one.mail).map((one) => [one.mail, one.displayName]))), (wrong) => {
    known = null;
    throw wrong;
  });
  return known;
}

/** A field named `label`. `chosen` is a map of addresses to names; `changed` is called when it is another one. */
export function people({ id, label, own = "", verb = "added", changed = () => {} }) {
  const chosen = new Map();
  const list = el("datalist", { id: `${id}-known` });
  const input = el("input", {
    type: "text", id, list: list.id, autocomplete: "off", placeholder: "Name or address", onfocusout: leave, oninput: type,
  });
  const chips = el("ul", { class: "chips", "aria-label": label });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
    event.preventDefault(); // it adds somebody; it does not send
    take();
  });

  /** What is typed counts when one goes on to another field; a button that is being pressed must not move meanwhile, and
   * takes it itself. */
  function leave({ relatedTarget }) {
    if (!relatedTarget?.matches("button")) take({ isLast: false });
  }

  function type({ inputType }) {
    input.setCustomValidity("");
    if (inputType === "insertReplacementText") take(); // picked from the list
  }

  /** List whom one may mean. */
  async function offer() {
    const names = await everybody();
    fill(list, [...names].filter(([address]) => address !== own).map(([address, name]) => el("option", { value: address }, name)));
  }

  /** Take what is typed. Returns whether somebody has each of these names. */
  async function take({ isLast = true } = {}) {
    const typed = input.value.split(/[,;]/).map((one) => one.trim()).filter(Boolean);
    input.setCustomValidity("");
    for (const text of typed) {
      const found = await named(text);
      if (!found) {
        input.setCustomValidity(`Nobody here is called “${text}”. Write an address.`);
        if (isLast) input.reportValidity();
        return false;
      }
      chosen.set(...found);
    }
    if (!typed.length) return true;
    input.value = "";
    paint();
    say(`${[...chosen.values()].at(-1)} is ${verb}.`);
    await changed();
    return true;
  }

  function set(those) {
    chosen.clear();
    for (const { emailAddress } of those) chosen.set(emailAddress.address, emailAddress.name ?? emailAddress.address);
    paint();
  }

  function paint() {
    fill(chips, [...chosen].map(([address, name]) => el("li", { title: address }, name, el("button", {
      type: "button", "aria-label": `Remove ${name}`, onclick: () => {
        chosen.delete(address);
        paint();
        input.focus();
        changed();
      },
    }, "×"))));
    chips.hidden = !chosen.size;
  }

  const recipients = () => [...chosen].map(([address, name]) => ({ emailAddress: { address, name } }));
  paint();
  return { chosen, input, offer, take, set, recipients, node: el("div", {}, el("label", { for: id }, label), input, list, chips) };
}

/** The address and the name that somebody means by `text`, null for nobody. */
async function named(text) {
  const names = await everybody();
  const wanted = text.toLowerCase();
  const match = [...names].find(([address, name]) => address.toLowerCase() === wanted || name.toLowerCase() === wanted);
  if (match) return match;
  if (/^[^\s@]+@[^\s@]+$/.test(text)) return [text, text];
  if (names.size < LONGEST_LIST) return null;
  const quoted = encodeURIComponent(text.replaceAll("'", "''"));
  const { value } = await get(`/users?$filter=displayName eq '${quoted}'&$select=displayName,mail&$top=1`);
  return value[0]?.mail ? [value[0].mail, value[0].displayName] : null;
}
