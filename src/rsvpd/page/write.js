// A message is written: a new one, an answer, one that is sent on, or a draft.

import { action, el, say } from "./dom.js";
import { AS_TEXT, get, patch, post } from "./graph.js";
import { people } from "./people.js";
import { others } from "./tools.js";

const TITLES = { new: "New message", reply: "Reply", replyAll: "Reply to all", forward: "Forward", draft: "Draft" };
const DRAFTS = { reply: "createReply", replyAll: "createReplyAll", forward: "createForward" };

/** Open the form; `done` is called once something was sent or kept. */
export async function write({ me, kind, message = null, done }) {
  const draft = kind === "draft" ? await get(`/me/messages/${encodeURIComponent(message.id)}`, AS_TEXT) : null;
  const to = people({ id: "to", label: "To", own: me.mail });
  const cc = people({ id: "cc", label: "Cc", own: me.mail });
  const subject = el("input", { type: "text", id: "mail-subject", maxlength: "255" });
  const text = el("textarea", { id: "mail-text", rows: "9" });
  const send = el("button", { type: "submit", class: "main" }, "Send");
  const keep = el("button", { type: "button" }, "Save as draft");
  const isAnswer = kind in DRAFTS;
  fillIn();
  const before = state();

  const form = el("form", { onsubmit: action(send, sendIt) },
    el("div", { class: "body" }, el("h2", { id: "write-title" }, TITLES[kind]),
      to.node, cc.node,
      el("div", {}, el("label", { for: subject.id }, "Subject"), subject),
      el("div", {}, el("label", { for: text.id }, "Text"), text),
      isAnswer && el("p", { class: "quiet" }, "What was written before stands below your text.")),
    el("p", { class: "problem", role: "alert" }),
    el("div", { class: "row" }, send, keep, el("button", { type: "button", onclick: () => leave() }, "Close")));
  const dialog = el("dialog", { class: "compose", "aria-labelledby": "write-title", onclose: () => dialog.remove() }, form);
  keep.addEventListener("click", action(keep, keepIt));
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault(); // Escape asks as the button does
    leave();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  document.body.append(dialog);
  dialog.showModal();
  (to.chosen.size ? text : to.input).focus();
  await Promise.all([to.offer(), cc.offer()]);

  function fillIn() {
    if (kind === "reply" || kind === "replyAll") to.set(answered(message, me));
    if (kind === "replyAll") {
      const first = [...to.chosen.keys()].map((one) => one.toLowerCase());
      const rest = (those) => those.filter((one) => others(message, me).includes(one) && !first.includes(one.emailAddress.address.toLowerCase()));
      to.set([...to.recipients(), ...rest(message.toRecipients)]);
      cc.set(rest(message.ccRecipients));
    }
    if (isAnswer) subject.value = prefixed(kind === "forward" ? "FW" : "RE", message.subject);
    if (!draft) return;
    to.set(draft.toRecipients);
    cc.set(draft.ccRecipients);
    subject.value = draft.subject;
    text.value = draft.body.content;
  }

  function state() {
    return JSON.stringify([[...to.chosen], [...cc.chosen], subject.value, text.value]);
  }

  function leave() {
    if (state() === before || window.confirm("Throw away what you wrote?")) dialog.close();
  }

  async function taken() {
    return (await to.take()) && cc.take();
  }

  function heads() {
    return { subject: subject.value, toRecipients: to.recipients(), ccRecipients: cc.recipients() };
  }

  function whole() {
    return { ...heads(), body: { contentType: "text", content: text.value } };
  }

  async function sendIt() {
    if (!(await taken())) return;
    if (isAnswer) await post(`${pathOf(message)}/${kind}`, { comment: text.value, message: heads() });
    else if (draft) {
      await patch(pathOf(draft), whole());
      await post(`${pathOf(draft)}/send`);
    } else await post("/me/sendMail", { message: whole() });
    await end("The message was sent.");
  }

  async function keepIt() {
    if (!(await taken())) return;
    if (isAnswer) await post(`${pathOf(message)}/${DRAFTS[kind]}`, { comment: text.value, message: heads() });
    else if (draft) await patch(pathOf(draft), whole());
    else await post("/me/messages", whole());
    await end("The message lies in Drafts.");
  }

  async function end(words) {
    dialog.close();
    say(words);
    await done();
  }
}

const pathOf = (message) => `/me/messages/${encodeURIComponent(message.id)}`;

/** Who gets an answer: of an invitation that somebody sent on, the organizer; of what one sent oneself, who got it. */
function answered(message, me) {
  const isOwn = message.from?.emailAddress.address.toLowerCase() === me.mail.toLowerCase();
  if (isOwn) return message.toRecipients;
  const isInvitation = message.event && !message.event.isOrganizer;
  if (isInvitation && message.event.organizer) return [message.event.organizer];
  return message.replyTo.length ? message.replyTo : [message.from].filter(Boolean);
}

/** A prefix stands there once, however often it was answered. */
const prefixed = (prefix, subject) => `${prefix}: ${(subject ?? "").replace(/^((re|fwd?):\s*)+/i, "")}`;
