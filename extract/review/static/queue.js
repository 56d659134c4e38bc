/** The list of tasks: filtered, sorted, one of them chosen. */

import { make } from "./session.js";

const CONTROLS = ["search", "order", "state", "kind", "missing", "owner"];

export class Queue {
  constructor(root, words, changed) {
    this.root = root;
    this.t = words;
    this.rows = new Map();
    this.controls = Object.fromEntries(CONTROLS.map((id) => [id, document.getElementById(id)]));
    for (const control of Object.values(this.controls)) control.addEventListener("input", changed);
  }

  /** Items that the filter leaves, in the chosen order. */
  chosen(items) {
    const given = Object.fromEntries(CONTROLS.map((id) => [id, this.controls[id].value]));
    const left = items.filter(({ record, verdict, review, disputed, lapsed }) =>
      (!given.state || [verdict, review, disputed && "disputed", lapsed && "lapsed"].includes(given.state))
      && (!given.kind || given.kind === record.kind)
      && (!given.missing || record.missing.includes(given.missing))
      && (!given.owner || record.owners.some((owner) => owner.text === given.owner))
      && (!given.search || record.text.includes(given.search)));
    const certain = (item) => item.confidence ?? 0;
    const gain = (item) => item.gain ?? -1;
    const differing = (item) => (item.disputed ?? 0) * 100
      + (item.edited?.length ?? 0) + (item.machine && item.verdict === "rejected" ? 1 : 0);
    return left.sort((a, b) => (given.order === "disagreement" && differing(b) - differing(a))
      || (given.order === "confidence" && certain(a) - certain(b))
      || (given.order === "gain" && gain(b) - gain(a))
      || a.record.start - b.record.start || a.record.end - b.record.end);
  }

  show(items, all, current) {
    this.owners(all);
    const rows = items.map((item) => this.kept(item));
    this.place(rows);
    this.root.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
    document.getElementById(`row-${current}`)?.setAttribute("aria-selected", "true");
    this.root.setAttribute("aria-activedescendant", current ? `row-${current}` : "");
    document.getElementById("shown").textContent = `${items.length} / ${all.length} ${this.t.shown}`;
    const chosen = current && document.getElementById(`row-${current}`);
    if (chosen) chosen.scrollIntoView({ block: "nearest" });
  }

  /** Put rows into the list; one that was made anew takes the old one's place. */
  place(rows) {
    const old = [...this.root.children];
    const moved = rows.length !== old.length
      || rows.some((row, at) => row !== old[at] && row.id !== old[at].id);
    if (moved) {
      this.root.replaceChildren(...rows);
      return;
    }
    rows.forEach((row, at) => {
      if (row !== old[at]) old[at].replaceWith(row);
    });
  }

  /** The row of an item, made anew only if the item is not as it was. */
  kept(item) {
    const { id, record, verdict, review } = item;
    const old = this.rows.get(id);
    if (old?.record === record && old.verdict === verdict && old.review === review) return old.row;
    const row = this.row(item);
    this.rows.set(id, { record, verdict, review, row });
    return row;
  }

  row(item) {
    const { t } = this;
    const state = item.review === "open" ? item.verdict : item.review;
    const certain = item.confidence === null ? "" : item.confidence.toFixed(2);
    return make("li", {
      id: `row-${item.id}`, role: "option", className: `${item.verdict} ${state}`,
      "aria-selected": "false", "data-id": item.id,
    },
    make("span", { className: "words" }, item.record.text.trim()),
    make("span", { className: "below" }, item.asked ? t.not_proposed : t[`kind_${item.record.kind}`],
      ...(item.reasons ?? []).map((reason) => make("span", { className: "why" }, t[`why_${reason}`])),
      make("span", {}, state === "open" ? "" : t[`state_${state}`]), make("b", {}, certain)));
  }

  owners(all) {
    const select = this.controls.owner;
    const names = [...new Set(all.flatMap(({ record }) => record.owners.map((owner) => owner.text)))].sort();
    const key = names.join("\n");
    if (select.dataset.key === key) return;
    select.dataset.key = key;
    const kept = select.value;
    select.replaceChildren(select.options[0], ...names.map((name) => make("option", { value: name }, name)));
    select.value = names.includes(kept) ? kept : "";
  }
}
