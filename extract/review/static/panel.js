/** The chosen task's fields: shown, and every change handed on. */

import { make } from "./session.js";

const UNITS = ["day", "week", "month", "quarter", "half", "year"];
const TYPES = ["date", "period", "within", "event", "open"];
const RELATIONS = ["ge", "le", "eq", "about"];

export class Panel {
  /** `desk` has words, kinds, roles, reviewer, edit(fields), act(name), reveal(part). */
  constructor(root, desk) {
    this.root = root;
    this.desk = desk;
    this.t = desk.words;
  }

  show(item) {
    const focused = this.root.contains(document.activeElement)
      ? document.activeElement.dataset.key : null;
    if (!item) {
      this.root.replaceChildren(make("p", { className: "empty" }, this.t.nothing_selected));
      return;
    }
    this.item = item;
    this.root.replaceChildren(
      this.states(item), make("div", { className: "quote" }, item.record.text),
      this.kinds(item.record), this.checks(item.record),
      this.list("owners", "o", (part, at) => this.owner(part, at)),
      this.list("deadlines", "d", (part, at) => this.deadline(part, at)),
      this.list("recurrences", "f", (part, at) => this.recurrence(part, at)),
      this.list("metrics", "q", (part, at) => this.metric(part, at)),
      this.marks(item.record), ...[this.machine(item), this.ruling(item), this.actions(item)].filter(Boolean));
    if (focused) this.root.querySelector(`[data-key="${focused}"]`)?.focus();
  }

  states(item) {
    const { t } = this;
    const tag = (text, className = "") => make("span", { className: `tag ${className}` }, text);
    const by = (name) => (name ? ` · ${name}` : "");
    const certain = item.confidence === null ? "" : ` ${Math.round(item.confidence * 100)}%`;
    const tags = [
      item.source ? tag(`${t.machine}${certain}`) : tag(t.by_hand),
      item.asked ? tag(t.not_proposed, "work") : null,
      ...(item.reasons ?? []).map((reason) => tag(t[`why_${reason}`])),
      tag(`${t.verdict}${t.colon}${t[`state_${item.verdict}`]}${item.verdict === "open" ? "" : by(item.annotator)}`, item.verdict),
      item.review === "open" ? null
        : tag(`${t[`state_${item.review}`]}${by(item.reviewer)}`, item.review),
      item.disputed && item.review !== "settled" && item.review !== "approved"
        ? make("a", { className: "tag returned", href: `/documents/${this.desk.document}/disputes#${item.id}` }, t.state_disputed) : null,
      item.lapsed ? tag(t.state_lapsed, "lack") : null,
      item.edited.length ? tag(`${t.edited}${by(item.annotator)}`, "work") : null,
      ...item.record.missing.map((part) => tag(t[`missing_${part}`], "lack")),
    ].filter(Boolean);
    const row = make("div", { className: "states" }, ...tags);
    if (item.remark && item.review === "returned") {
      row.append(make("div", { className: "problem" }, `${t.remark}${t.colon}${item.remark}`));
    }
    return row;
  }

  kinds(record) {
    const choices = this.desk.kinds.map((kind, index) => make("label", {},
      make("input", {
        type: "radio", name: "kind", value: kind, checked: record.kind === kind,
        "data-key": `kind.${kind}`, onchange: () => this.desk.edit({ kind }),
      }),
      make("span", {}, make("kbd", {}, String(index + 1)), this.t[`kind_${kind}`])));
    return make("fieldset", { className: "field" },
      make("legend", {}, this.t.kind), make("div", { className: "kinds" }, ...choices));
  }

  checks(record) {
    const check = (name, key) => make("label", {},
      make("input", {
        type: "checkbox", checked: record[name], "data-key": name,
        onchange: (event) => this.desk.edit({ [name]: event.target.checked }),
      }), this.t[name], make("kbd", {}, key));
    return make("div", { className: "field checks" }, check("actionable", "X"), check("heading", "H"));
  }

  list(name, key, entry) {
    const { t } = this;
    const rows = this.item.record[name].map(entry);
    return make("fieldset", { className: "field", id: `field-${name}` },
      make("legend", {}, t[name], make("span", { className: "hint" }, t[`hint_${name}`])),
      make("div", {}, ...rows));
  }

  entry(name, at, part, colour, ...controls) {
    const remove = () => this.desk.edit({ [name]: this.item.record[name].filter((_, i) => i !== at) });
    const label = `${this.t.remove} ${part.text}`;
    return make("div", { className: "entry" },
      make("button", {
        type: "button", className: `surface ${colour}`, "data-key": `${name}.${at}.text`,
        onclick: () => this.desk.reveal(part),
      }, part.text),
      ...controls,
      make("button", {
        type: "button", className: "remove", title: label, "aria-label": label, onclick: remove,
        "data-key": `${name}.${at}.remove`,
      }, "×"));
  }

  change(name, at, values) {
    this.desk.edit({
      [name]: this.item.record[name].map((part, i) => (i === at ? { ...part, ...values } : part)),
    });
  }

  choice(name, at, field, values, prefix) {
    const part = this.item.record[name][at];
    return make("select", {
      "aria-label": `${this.t[field] ?? field} ${part.text}`, "data-key": `${name}.${at}.${field}`,
      onchange: (event) => this.change(name, at, { [field]: event.target.value }),
    }, ...values.map((value) => make("option", {
      value, selected: part[field] === value,
    }, this.t[`${prefix}_${value}`])));
  }

  input(name, at, field, properties, read, bare = false) {
    const part = this.item.record[name][at];
    const given = make("input", {
      "data-key": `${name}.${at}.${field}`, "aria-label": `${this.t[field]} ${part.text}`,
      value: part[field] ?? "", ...properties,
      onchange: (event) => {
        if (event.target.checkValidity()) this.change(name, at, { [field]: read(event.target.value) });
      },
    });
    if (bare) given.title = this.t[field];
    return bare ? given : make("span", { className: "small" }, this.t[field], given);
  }

  owner(part, at) {
    const source = part.source === "explicit" ? null
      : make("span", { className: "small" }, this.t[`source_${part.source}`]);
    return this.entry("owners", at, part, `owner-${part.role}`, source,
      this.choice("owners", at, "role", this.desk.roles, "role"));
  }

  deadline(part, at) {
    const day = (value) => value || null;
    return this.entry("deadlines", at, part, "deadlines",
      this.choice("deadlines", at, "type", TYPES, "type"),
      part.type === "period" ? this.input("deadlines", at, "from", { type: "date" }, day) : null,
      this.input("deadlines", at, "due", { type: "date" }, day));
  }

  recurrence(part, at) {
    const whole = (value) => (value ? Number(value) : null);
    const number = { type: "number", min: 1, max: 999, step: 1 };
    return this.entry("recurrences", at, part, "recurrences",
      this.choice("recurrences", at, "unit", UNITS, "unit"),
      this.input("recurrences", at, "every", number, whole),
      this.input("recurrences", at, "times", number, whole),
      this.input("recurrences", at, "day", number, whole));
  }

  metric(part, at) {
    const number = (value) => (value === "" ? null : Number(value));
    return this.entry("metrics", at, part, "metrics",
      this.choice("metrics", at, "relation", RELATIONS, "relation"),
      this.input("metrics", at, "value", { type: "number", step: "any", className: "wide" }, number, true),
      this.input("metrics", at, "unit", { className: "unit", maxLength: 40 }, (value) => value, true));
  }

  marks(record) {
    const boxes = ["number", "section", "item"].map((name) => make("label", {}, this.t[name],
      make("input", {
        value: record[name], maxLength: 40, "data-key": name,
        onchange: (event) => this.desk.edit({ [name]: event.target.value.trim() }),
      })));
    return make("div", { className: "field marks" }, ...boxes);
  }

  machine(item) {
    if (!item.machine || !item.edited.length) return null;
    return make("div", { className: "machine" }, `${this.t.machine_said}${this.t.colon}`,
      this.listed(item.machine, item.edited));
  }

  /** What the reviewer settled, beside what the annotators left. */
  ruling(item) {
    const { t } = this;
    if (!item.ruling) return null;
    const { task, record } = item.ruling;
    const names = ["start", "kind", "actionable", "heading", "number", "section", "item",
      "owners", "deadlines", "recurrences", "metrics"];
    return make("div", { className: "machine ruled" },
      `${t.ruling} · ${item.reviewer}${t.colon}`, task ? this.listed(record, names) : t.no_task);
  }

  /** Fields of a record in words. */
  listed(record, names) {
    const { t } = this;
    const said = (name) => {
      const value = record[name];
      if (name === "kind") return t[`kind_${value}`];
      if (typeof value === "boolean") return value ? "✓" : "✗";
      if (name === "start" || name === "end") return `${record.start}–${record.end}`;
      const words = (part) => (part.role ? `${part.text} (${t[`role_${part.role}`]})` : `${part.text} ${part.due ?? ""}`.trim());
      return Array.isArray(value) ? value.map(words).join(t.separator) || "—" : value || "—";
    };
    return names.filter((name) => name !== "end" || !names.includes("start"))
      .map((name) => `${t[name === "start" || name === "end" ? "task" : name]} ${said(name)}`).join(t.semicolon);
  }

  actions(item) {
    const { t, desk } = this;
    const button = (name, label, key, main = false) => make("button", {
      type: "button", className: main ? "main" : "", "data-act": name,
      onclick: (event) => { event.currentTarget.blur(); desk.act(name); },
    }, label, make("kbd", {}, key));
    const first = desk.reviewer
      ? [button("approve", t.approve_next, "Enter", true), button("return", t.give_back, "B")]
      : [button("accept_next", t.accept_next, "Enter", true), button("reject", t.reject, "R")];
    const more = [
      item.verdict === "open" ? null : button("reopen", t.reopen, "C"),
      button("split", t.split, "S"), button("merge", t.merge, "M"),
      button("add", t.add, "+"), button("undo", t.undo, "U"),
    ].filter(Boolean);
    return make("div", { className: "actions" }, ...first, make("div", { className: "more" }, ...more));
  }
}
