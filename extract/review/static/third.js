/** A reviewer's own reading of a dispute, written in the fields of the desk. */

import { Panel } from "./panel.js";
import { make } from "./session.js";

const FIELDS = ["start", "end", "number", "heading", "section", "item", "kind", "actionable",
  "owners", "deadlines", "recurrences", "metrics"];

export class Third extends Panel {
  /** Drafts of every item, as the reading that is looked at has them. */
  begin(dispute, looked) {
    const said = dispute.readings[looked]?.items ?? {};
    const drafts = Object.fromEntries(dispute.items.map(({ id, record }) => [id, {
      task: said[id]?.task ?? false, record: JSON.parse(JSON.stringify(said[id]?.record ?? record)),
    }]));
    this.drafts = drafts;
    this.ids = dispute.items.map(({ id }) => id);
    const first = this.ids.find((id) => drafts[id].task) ?? this.ids[0];
    return { of: this.ids[0], drafts, item: this.draft(first) };
  }

  draft(id) {
    return {
      id, record: this.drafts[id].record, source: "", confidence: null, verdict: "open",
      review: "open", edited: [], machine: null, remark: "", annotator: "",
    };
  }

  step(by) {
    const { writing } = this.desk;
    const id = this.ids[this.ids.indexOf(writing.item.id) + by];
    if (!id) return;
    writing.item = this.draft(id);
    this.desk.draw();
  }

  turnTask() {
    const draft = this.drafts[this.desk.item.id];
    draft.task = !draft.task;
    this.desk.draw();
  }

  /** What is sent: of each item whether it is a task, and its fields. */
  own() {
    return Object.fromEntries(Object.entries(this.drafts).map(([id, { task, record }]) => [id, {
      task, fields: Object.fromEntries(FIELDS.map((name) => [name, record[name]])),
    }]));
  }

  states(item) {
    const { t } = this;
    const { task } = this.drafts[item.id];
    const place = this.ids.length > 1 ? ` ${this.ids.indexOf(item.id) + 1} / ${this.ids.length}` : "";
    return make("div", { className: "states" },
      make("b", {}, `${t.third_title}${place}`),
      make("button", {
        type: "button", className: `tag ${task ? "accepted" : "rejected"}`, "data-act": "task",
        onclick: (event) => { event.currentTarget.blur(); this.desk.act("task"); },
      }, task ? t.is_task : t.no_task, make("kbd", {}, "R")));
  }

  actions() {
    const { t, desk } = this;
    const button = (name, label, key, main = false) => make("button", {
      type: "button", className: main ? "main" : "", "data-act": name,
      onclick: (event) => { event.currentTarget.blur(); desk.act(name); },
    }, label, make("kbd", {}, key));
    return make("div", { className: "actions" },
      button("settle", t.third_settle, "Enter", true), button("leave", t.cancel, "Esc"));
  }
}
