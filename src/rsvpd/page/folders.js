// The folders of the mailbox: a tree beside the list, with how much is unread in each.

import { el, Keyed } from "./dom.js";
import { batch, Following } from "./graph.js";

/** Those of every mailbox, in the order in which people look for them. */
const KNOWN = ["inbox", "drafts", "sentitems", "archive", "junkemail", "deleteditems", "outbox"];
const UNREAD_ASIDE = ["drafts", "outbox"]; // what waits there is not unread but unfinished

/** The folders of whoever is signed in. `node` shows them; `take` and `look` read them. */
export class Folders {
  constructor() {
    this.byId = new Map();
    this.names = new Map(); // id to well-known name
    this.current = "";
    this.list = el("ul", { class: "tree" });
    this.items = new Keyed(this.list);
    const summary = el("summary", {}, "All folders");
    this.details = el("details", {}, summary, el("nav", { "aria-label": "Folders" }, this.list));
    this.node = el("div", { class: "folders" }, this.details);
    const roomy = matchMedia("(min-width: 72rem)");
    const fit = () => { this.details.open = roomy.matches; };
    roomy.addEventListener("change", fit);
    fit();
    this.close = () => { if (!roomy.matches) this.details.open = false; };
  }

  async take() {
    const known = await batch(KNOWN.map((name) => `/me/mailFolders/${name}?$select=id`));
    known.forEach((one, at) => { if (one) this.names.set(one.id, KNOWN[at]); });
    const following = new Following("/me/mailFolders/delta", { withFirst: true });
    this.apply(await following.changes());
    this.following = following;
  }

  /** Read what changed since the last time. */
  async look() {
    const changes = await this.following.changes();
    if (changes !== null) {
      this.apply(changes);
      return;
    }
    this.byId.clear(); // the server has begun anew: so do we
    await this.look();
  }

  apply(changes) {
    for (const one of changes) {
      if (one["@removed"]) this.byId.delete(one.id);
      else this.byId.set(one.id, { ...this.byId.get(one.id), ...one });
    }
    if (changes.length) this.paint();
  }

  /** Show which one is open: an id or a well-known name. */
  show(which) {
    this.current = this.find(which)?.id ?? "";
    this.paint();
  }

  find(which) {
    return this.byId.get(which) ?? [...this.byId.values()].find((one) => this.names.get(one.id) === which);
  }

  /** The well-known name of a folder, empty for one's own. */
  kind(which) {
    return this.names.get(which) ?? (KNOWN.includes(which) ? which : "");
  }

  /** Every folder with its depth, parents before what is in them. */
  sorted() {
    const rank = (one) => {
      const at = KNOWN.indexOf(this.names.get(one.id));
      return at < 0 ? KNOWN.length : at;
    };
    const all = [...this.byId.values()].filter((one) => !one.isHidden && (this.names.get(one.id) !== "outbox" || one.totalItemCount));
    const below = (parent, depth) => all.filter((one) => (parent ? one.parentFolderId === parent : !this.byId.has(one.parentFolderId)))
      .sort((a, b) => rank(a) - rank(b) || a.displayName.localeCompare(b.displayName))
      .flatMap((one) => [[one, depth], ...below(one.id, depth + 1)]);
    return below("", 0);
  }

  paint() {
    this.items.show(this.sorted().map(([one, depth]) => [one.id, this.shownOf(one, depth)]), (what) => this.item(what));
  }

  /** What the tree shows of a folder. */
  shownOf(one, depth) {
    const kind = this.names.get(one.id) ?? "";
    const isAside = UNREAD_ASIDE.includes(kind);
    return {
      name: one.displayName, depth: Math.min(depth, 4), href: address(kind || one.id), isCurrent: one.id === this.current, isAside,
      count: isAside ? one.totalItemCount : one.unreadItemCount,
    };
  }

  item({ name, depth, href, isCurrent, isAside, count }) {
    return el("li", { "data-depth": depth },
      el("a", { href, "aria-current": isCurrent && "page", onclick: () => this.close() },
        el("span", { class: "name" }, name),
        count ? el("span", { class: "count" }, count, el("span", { class: "unseen" }, isAside ? " unfinished" : " unread")) : null));
  }
}

/** The address of a folder, or of a message in it. */
export function address(folder, id = "") {
  const place = folder === "inbox" ? "#/inbox" : `#/mail/${encodeURIComponent(folder)}`;
  return id ? `${place}/${encodeURIComponent(id)}` : place;
}
