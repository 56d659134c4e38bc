/** Readings of one place side by side: who says what, and where they differ. */

import { make } from "./session.js";

const PLAIN = ["kind", "actionable", "heading", "number", "section", "item"];
const LISTS = ["owners", "deadlines", "recurrences", "metrics"];
const THINGS = ["task", "span", ...PLAIN, ...LISTS];

export class Compare {
  /** `host` has words, reviewer, source, take(number), third(), look(number), reveal(part). */
  constructor(root, host) {
    this.root = root;
    this.host = host;
    this.t = host.words;
  }

  show(dispute, looked) {
    const { t } = this;
    if (!dispute) {
      this.root.replaceChildren(make("p", { className: "empty" }, t.dispute_none));
      return;
    }
    const columns = [...dispute.readings, ...this.written(dispute)];
    const several = dispute.items.length > 1;
    const bodies = dispute.items.flatMap((item, place) => [
      several ? this.part(item, place, columns.length) : null,
      ...this.rows(dispute, item, columns, looked),
    ]).filter(Boolean);
    this.root.replaceChildren(
      this.states(dispute),
      make("table", { className: "compare" },
        make("thead", {}, make("tr", {}, make("td", {}),
          ...columns.map((column, number) => this.head(dispute, column, number, looked)))),
        make("tbody", {}, ...bodies)),
      this.actions());
  }

  /** The reviewer's own reading, if that is how it was settled. */
  written(dispute) {
    const ruled = dispute.items.filter(({ ruling }) => ruling?.reading === "own");
    if (!ruled.length) return [];
    const items = Object.fromEntries(ruled.map(({ id, ruling }) => [id, ruling]));
    return [{ by: "own", name: ruled[0].reviewer, items }];
  }

  states(dispute) {
    const { t } = this;
    const ruled = dispute.items.find(({ review }) => review === "settled" || review === "approved");
    const whose = dispute.readings.find(({ by }) => by === ruled?.ruling?.reading)?.name;
    const how = ruled?.ruling ? `${t.colon}${whose ? `${t.settled_as} ${this.name(whose)}` : t.settled_own}` : "";
    return make("div", { className: "states" },
      dispute.settled
        ? make("span", { className: "tag approved" }, `${t[`state_${ruled.review}`]}${how} · ${ruled.reviewer}`)
        : make("span", { className: "tag returned" }, t.state_disputed),
      ...dispute.differing.map((thing) => make("span", { className: "tag lack" }, t[thing])));
  }

  head(dispute, column, number, looked) {
    const taken = dispute.items.some(({ ruling }) => ruling?.reading === column.by);
    const label = column.by === "own" ? `${this.t.ruling} · ${column.name}` : this.name(column.name);
    return make("th", { scope: "col", className: `${number === looked ? "looked" : ""} ${taken ? "taken" : ""}` },
      column.by === "own" ? label : make("button", {
        type: "button", "data-take": column.by, disabled: !this.host.reviewer,
        "aria-label": `${this.t.take_reading} ${label}`,
        onclick: (event) => { event.currentTarget.blur(); this.host.take(number); },
      }, make("kbd", {}, String(number + 1)), ` ${label}${taken ? " ✓" : ""}`));
  }

  part(item, place, width) {
    return make("tr", { className: "part-head" },
      make("th", { scope: "rowgroup", colSpan: width + 1 }, `${place + 1} · ${item.record.text.trim()}`));
  }

  rows(dispute, item, columns, looked) {
    const said = columns.map(({ items }) => items[item.id]);
    return THINGS.map((thing) => {
      const cells = said.map((reading) => this.cell(thing, reading));
      const people = said.slice(0, dispute.readings.length)
        .filter((reading, at) => reading && dispute.readings[at].by !== "machine"
          && (thing === "task" || reading.task));
      const values = new Set(people.map((reading) => this.key(thing, reading)));
      const differs = values.size > 1;
      const empty = cells.every((cell) => cell.length === 1 && cell[0] === "—");
      if (empty && !differs) return null;
      return make("tr", { className: differs ? "differs" : "same", "data-thing": thing },
        make("th", { scope: "row" }, this.t[thing],
          make("span", { className: "unseen" }, differs ? ` (${this.t.differs})` : "")),
        ...cells.map((cell, at) => make("td", { className: at === looked ? "looked" : "" }, ...cell)));
    }).filter(Boolean);
  }

  /** What a cell shows, as nodes and strings. */
  cell(thing, reading) {
    const { t } = this;
    if (!reading) return [thing === "task" ? t.not_said : "—"];
    if (thing === "task") return [reading.task ? t.is_task : t.no_task];
    if (!reading.task) return ["—"];
    const { record } = reading;
    if (thing === "span") return [record.text.trim()];
    if (thing === "kind") return [t[`kind_${record.kind}`]];
    if (PLAIN.includes(thing)) {
      const value = record[thing];
      return [typeof value === "boolean" ? (value ? t.sheet_yes : t.sheet_no) : value || "—"];
    }
    const parts = stated(record[thing]).map((part) => make("button", {
      type: "button", className: `surface ${thing === "owners" ? `owner-${part.role}` : thing}`,
      onclick: () => this.host.reveal(part),
    }, part.text, make("small", {}, this.detail(thing, part))));
    return parts.length ? parts : ["—"];
  }

  detail(thing, part) {
    const { t } = this;
    if (thing === "owners") return ` ${t[`role_${part.role}`]}`;
    if (thing === "deadlines") return ` ${[part.from, part.due].filter(Boolean).join("–") || t[`type_${part.type}`]}`;
    if (thing === "recurrences") return ` ${t[`unit_${part.unit}`]}${part.times ? ` ×${part.times}` : ""}`;
    return ` ${t[`relation_${part.relation}`]} ${part.value ?? ""}${part.unit}`;
  }

  /** Equal for readings that say the same, as the server compares them. */
  key(thing, { task, record }) {
    if (thing === "task") return task;
    if (thing === "span") return `${record.start}-${record.end}`;
    if (PLAIN.includes(thing)) return record[thing];
    return JSON.stringify(stated(record[thing]).map((part) => `${part.text}${this.detail(thing, part)}`).sort());
  }


  name(name) {
    return name === "duban" ? this.t.machine : name;
  }

  actions() {
    const { t, host } = this;
    const button = (name, label, key, main = false) => make("button", {
      type: "button", className: main ? "main" : "", "data-act": name,
      disabled: !host.reviewer,
      onclick: (event) => { event.currentTarget.blur(); host.act(name); },
    }, label, make("kbd", {}, key));
    return make("div", { className: "actions" },
      button("take", t.take_reading, "Enter", true), button("third", t.third, "E"),
      make("div", { className: "more" },
        button("machine", t.machine, "M"), button("undo", t.undo, "U")));
  }
}

/** Parts that the sentence states. */
function stated(parts) {
  return parts.filter(({ source }) => source !== "inherited");
}
