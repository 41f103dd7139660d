// What can be done with a message: answer it, send it on, move it, delete it.

import { action, el, say } from "./dom.js";
import { ask, post } from "./graph.js";
import { write } from "./write.js";

/** The buttons of the message that is open; `paint` shows them as the message is now. */
export function tools({ me, folders, folder, latest, mark, gone, done }) {
  const button = (words, work) => {
    const made = el("button", { type: "button" }, words);
    made.addEventListener("click", action(made, work));
    return made;
  };
  const writing = (kind) => () => write({ me, kind, message: latest(), done });
  const toggle = button("", async () => {
    const { isRead } = latest();
    await mark(latest(), !isRead);
    say(isRead ? "Marked as unread." : "Marked as read.");
  });
  toggle.classList.add("toggle");
  const shown = latest();
  const node = el("div", { class: "tools", role: "group", "aria-label": "This message" },
    el("div", { class: "row" },
      shown.isDraft ? button("Continue writing", writing("draft"))
        : [button("Reply", writing("reply")), others(shown, me).length > 0 && button("Reply all", writing("replyAll")),
          button("Forward", writing("forward")), toggle],
      menu(shown), button("Delete", () => remove({ folders, folder, message: latest(), gone }))),
    el("p", { class: "problem", role: "alert" }));

  /** Say what one may mark it as; the buttons stay the same, as one of them may be under a hand. */
  function paint() {
    toggle.textContent = latest().isRead ? "Mark unread" : "Mark read";
  }

  /** Where it can be moved to. */
  function menu(message) {
    const places = folders.sorted().filter(([one]) => one.id !== folders.current && folders.kind(one.id) !== "outbox");
    const summary = el("summary", {}, "Move to");
    const details = el("details", { class: "menu", onkeydown: (event) => {
      if (event.key !== "Escape") return;
      details.open = false;
      summary.focus();
    } }, summary, el("ul", {}, places.map(([one, depth]) => el("li", { "data-depth": Math.min(depth, 4) },
      button(one.displayName, () => move(message, one.id, one.displayName, gone))))));
    return details;
  }

  paint();
  return { node, paint };
}

/** Put a message into Deleted Items; one that lies there already goes for good, once that was said. */
export async function remove({ folders, folder, message, gone }) {
  if (folders.kind(folder) !== "deleteditems") {
    await move(message, "deleteditems", "Deleted Items", gone);
    return;
  }
  if (!window.confirm("Delete this message for good?")) return;
  await ask("DELETE", `/me/messages/${encodeURIComponent(message.id)}`);
  say("Deleted for good.");
  await gone(message.id);
}

async function move(message, place, name, gone) {
  await post(`/me/messages/${encodeURIComponent(message.id)}/move`, { destinationId: place });
  say(`Moved to ${name}.`);
  await gone(message.id);
}

/** Who got it besides whoever wrote it and whoever reads it. */
export function others(message, me) {
  const aside = [me.mail, message.from?.emailAddress.address].map((one) => one?.toLowerCase());
  return [...message.toRecipients, ...message.ccRecipients].filter((one) => !aside.includes(one.emailAddress.address.toLowerCase()));
}
