/** The disputes of one document: readings compared, one of them taken or another written. */

import "./agreement.js";
import { Compare } from "./compare.js";
import { Editing } from "./editing.js";
import { DISPUTES, THIRD, meaning } from "./keys.js";
import { Outbox } from "./outbox.js";
import { get, make } from "./session.js";
import { Source } from "./source.js";
import { say, showConflict } from "./status.js";
import { Third } from "./third.js";

const root = document.getElementById("desk");
const byId = (id) => document.getElementById(id);
const keyOf = (dispute) => dispute.items[0].id;

class Adjudication {
  constructor(words, whole) {
    this.words = words;
    this.document = Number(root.dataset.document);
    this.kinds = root.dataset.kinds.split(" ");
    this.roles = root.dataset.roles.split(" ");
    this.reviewer = root.dataset.role === "reviewer";
    this.current = null;
    this.looked = 0;
    this.writing = null;
    this.source = new Source(byId("speech"), whole.text, whole.outline, whole.document.title);
    this.compare = new Compare(byId("compare"), this);
    this.editing = new Editing(this);
    this.panel = new Third(byId("panel"), this);
    this.outbox = new Outbox(this);
    this.take_in(whole);
  }

  take_in(whole) {
    this.version = whole.document.version;
    this.disputes = whole.disputes;
    byId("progress").max = whole.total || 1;
    byId("progress").value = whole.settled;
    byId("count").textContent = `${whole.settled} / ${whole.total} ${this.words.settled_count}`;
    if (!this.dispute) this.current = this.disputes[0] ? keyOf(this.disputes[0]) : null;
    if (this.writing && keyOf(this.dispute ?? { items: [{}] }) !== this.writing.of) this.leave();
  }

  get dispute() {
    return this.disputes?.find(({ items }) => items.some(({ id }) => id === this.current)) ?? null;
  }

  /** The task that is being written, for the fields and the keys that change it. */
  get item() {
    return this.writing?.item ?? null;
  }

  draw(scroll = false) {
    const { dispute } = this;
    this.source.paint(this.shown());
    this.source.choose(dispute ? dispute.items.map(({ id }) => id) : [], scroll);
    this.list();
    byId("compare").hidden = Boolean(this.writing);
    byId("panel").hidden = !this.writing;
    if (this.writing) this.panel.show(this.item);
    else this.compare.show(dispute, this.looked);
  }

  /** What is painted: of the place at hand the reading that is looked at. */
  shown() {
    const open = ({ id, record, version }) => ({ id, record, verdict: "open", review: "open", version });
    return this.disputes.flatMap((dispute) => {
      if (dispute !== this.dispute) return dispute.items.map(open);
      const items = this.writing?.drafts ?? dispute.readings[this.looked]?.items ?? {};
      return dispute.items.map((item) => {
        const said = items[item.id];
        if (!said) return open(item);
        return { id: item.id, record: said.record, verdict: said.task ? "open" : "rejected", review: "open" };
      });
    });
  }

  list() {
    const rows = this.disputes.map((dispute) => make("li", {
      id: `row-${keyOf(dispute)}`, role: "option", "data-id": keyOf(dispute),
      className: dispute.settled ? "approved" : "returned",
      "aria-selected": String(dispute === this.dispute),
    },
    make("span", { className: "words" }, dispute.items[0].record.text.trim()),
    make("span", { className: "below" },
      dispute.differing.map((thing) => this.words[thing]).join(this.words.separator),
      make("b", {}, dispute.settled ? "✓" : ""))));
    byId("queue").replaceChildren(...rows);
    byId("queue").setAttribute("aria-activedescendant", this.current ? `row-${this.current}` : "");
    document.querySelector("#queue [aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }

  choose(id) {
    this.current = id;
    this.looked = 0;
    history.replaceState(null, "", `#${id}`);
    this.draw(true);
  }

  step(by) {
    const found = this.disputes[this.disputes.indexOf(this.dispute) + by];
    if (found) this.choose(keyOf(found));
  }

  nextOpen(back = false) {
    const ordered = back ? [...this.disputes].reverse() : this.disputes;
    const at = ordered.indexOf(this.dispute);
    const turned = [...ordered.slice(at + 1), ...ordered.slice(0, Math.max(at, 0))];
    const found = turned.find(({ settled }) => !settled);
    if (found) this.choose(keyOf(found));
  }

  look(by) {
    const readings = this.dispute?.readings.length;
    if (!readings) return;
    this.looked = (this.looked + by + readings) % readings;
    this.draw();
  }

  // settling

  take(number) {
    const reading = this.dispute?.readings[number];
    if (reading) this.settle(reading.by);
  }

  settle(reading, own = {}) {
    const { dispute } = this;
    if (!dispute) return;
    const key = keyOf(dispute);
    this.outbox.send(() => {
      // the versions that are known when its turn has come
      const now = this.disputes.find((each) => keyOf(each) === key);
      if (!now) return null;
      const items = now.items.map(({ id, version }) => ({ id, version }));
      return { document: this.document, items, reading, own };
    }, "/api/rulings");
  }

  sent(answer, body) {
    if (body.action === "undo") {
      this.reload(answer.items[0]?.id).then(() => say(this.words.said_undo));
      return;
    }
    this.writing = null;
    this.take_in(answer);
    const left = this.disputes.some(({ settled }) => !settled);
    say(left ? this.words.said_settled : this.words.all_settled, false, !left);
    this.nextOpen();
    this.draw();
  }

  refused(error) {
    const { item, code } = error.body;
    if (error.status === 409 && (item || code === "E733")) showConflict(error.message, item, this.words);
    else say(error.message, true);
    this.reload();
  }

  unsent(count) {
    root.dataset.unsent = count;
  }

  waiting(yes) {
    if (yes) say(this.words.offline, true, true);
  }

  async reload(current = this.current) {
    const whole = await get(`/api/documents/${this.document}/disputes`);
    this.current = current;
    this.take_in(whole);
    this.draw(true);
  }

  async refresh() {
    // what others did meanwhile
    if (this.outbox.waiting || this.writing || document.querySelector("dialog[open]")) return;
    const whole = await get(`/api/documents/${this.document}/disputes`).catch(() => null);
    if (!whole || this.outbox.waiting || this.writing || whole.document.version === this.version) return;
    this.take_in(whole);
    this.draw();
  }

  // a third reading

  third() {
    if (!this.dispute || !this.reviewer) return;
    this.writing = this.panel.begin(this.dispute, this.looked);
    this.draw();
  }

  edit(fields) {
    const { item } = this;
    if (!item) return;
    item.record = { ...item.record, ...fields };
    this.writing.drafts[item.id].record = item.record;
    this.draw();
  }

  leave() {
    document.activeElement?.blur();
    this.writing = null;
    this.draw();
  }

  say(words, bad = false) {
    say(words, bad);
  }

  reveal(part) {
    this.source.select(part.start, part.end);
  }

  act(name) {
    const { writing } = this;
    const acts = {
      next: () => (writing ? this.panel.step(1) : this.step(1)),
      previous: () => (writing ? this.panel.step(-1) : this.step(-1)),
      next_open: () => this.nextOpen(),
      previous_open: () => this.nextOpen(true),
      look_after: () => this.look(1),
      look_before: () => this.look(-1),
      take: () => this.take(this.looked),
      machine: () => this.take(this.dispute?.readings.findIndex(({ by }) => by === "machine") ?? -1),
      third: () => this.third(),
      task: () => this.panel.turnTask(),
      settle: () => this.settle("own", this.panel.own()),
      undo: () => this.outbox.send(() => ({ action: "undo", document: this.document, items: [] })),
      help: () => (byId("help").open ? byId("help").close() : byId("help").showModal()),
      before: () => byId("before").href && byId("before").click(),
      after: () => byId("after").href && byId("after").click(),
      leave: () => {
        if (writing && !document.activeElement?.matches("input, select, textarea")) this.leave();
        else document.activeElement?.blur();
      },
    };
    if (name in acts) acts[name]();
    else if (writing) this.editing.act(name);
    else if (name.startsWith("kind ")) this.take(Number(name.slice(5)) - 1);
  }
}

function listen(view) {
  addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches?.("#panel input:not([type=radio]):not([type=checkbox])")) {
      event.preventDefault();
      event.target.blur();
      return;
    }
    const name = meaning(event, view.writing ? THIRD : DISPUTES);
    if (!name) return;
    event.preventDefault();
    view.act(name);
  });
  byId("speech").addEventListener("click", (event) => {
    const [id] = event.target.dataset?.tasks?.split(" ") ?? [];
    const found = id && view.disputes.find(({ items }) => items.some((item) => item.id === id));
    if (found && found !== view.dispute && !view.writing && document.getSelection().isCollapsed) {
      view.choose(keyOf(found));
    }
  });
  byId("queue").addEventListener("click", (event) => {
    const row = event.target.closest("li");
    if (row && !view.writing) view.choose(row.dataset.id);
  });
  byId("help-button").addEventListener("click", () => view.act("help"));
  addEventListener("focus", () => view.refresh());
  setInterval(() => view.refresh(), 15_000);
}

const [words, whole] = await Promise.all([
  get("/api/labels"), get(`/api/documents/${root.dataset.document}/disputes`)]);
const view = new Adjudication(words, whole);
listen(view);
const asked = location.hash.slice(1);
const first = view.disputes.find(({ items }) => items.some(({ id }) => id === asked))
  ?? view.disputes.find(({ settled }) => !settled) ?? view.disputes[0];
if (first) view.choose(keyOf(first));
else view.draw();
view.unsent(0);
root.dataset.ready = "yes";
