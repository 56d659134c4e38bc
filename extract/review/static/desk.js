/** The desk of one document: what is chosen, what a person does, what came of it. */

import { Editing } from "./editing.js";
import { get, make, post } from "./session.js";
import { meaning } from "./keys.js";
import { Outbox } from "./outbox.js";
import { Panel } from "./panel.js";
import { Picking } from "./picking.js";
import { Queue } from "./queue.js";
import { Source } from "./source.js";
import { say, showConflict } from "./status.js";

const root = document.getElementById("desk");
const byId = (id) => document.getElementById(id);

class Desk {
  constructor(words, whole) {
    this.words = words;
    this.document = Number(root.dataset.document);
    this.kinds = root.dataset.kinds.split(" ");
    this.roles = root.dataset.roles.split(" ");
    this.reviewer = root.dataset.role === "reviewer";
    this.me = byId("name").dataset.name;
    this.alone = !root.dataset.others;
    this.items = new Map();
    this.current = null;
    this.picker = null;
    this.panel = new Panel(byId("panel"), this);
    this.editing = new Editing(this);
    this.queue = new Queue(byId("queue"), words, () => this.draw());
    this.outbox = new Outbox(this);
    this.source = new Source(byId("speech"), whole.text, whole.outline, whole.document.title);
    this.outline(whole.outline);
    this.take(whole);
  }

  take(whole) {
    this.version = whole.document.version;
    // what the machine does not propose is asked about, of annotators only
    this.asked = whole.items.filter((item) => item.asked && !this.reviewer);
    const there = whole.items.filter((item) => !item.asked);
    this.items = new Map([...there, ...this.asked].map((item) => [item.id, item]));
    this.measure(whole.document);
  }

  outline(headings) {
    const links = headings.map(([start, end, depth]) => make("a", {
      href: "#", className: `depth${depth}`, title: this.source.slice(start, end),
      onclick: (event) => {
        event.preventDefault();
        byId("speech").children[this.source.lineOf(start)].scrollIntoView({ block: "start" });
      },
    }, this.source.slice(start, end)));
    byId("outline").replaceChildren(...(links.length ? links : [this.words.no_outline]));
  }

  measure(progress) {
    const done = this.reviewer ? progress.approved : progress.accepted + progress.rejected;
    byId("progress").max = progress.tasks || 1;
    byId("progress").value = done;
    const mark = progress.finished ? ` · ${this.words.finished}` : "";
    byId("count").textContent = `${done} / ${progress.tasks}${mark}`;
    this.finished = Boolean(progress.finished);
  }

  get item() {
    return this.items.get(this.current) ?? null;
  }

  listed() {
    return this.queue.chosen([...this.items.values()]);
  }

  draw(scroll = false) {
    this.source.paint([...this.items.values()]);
    this.source.choose(this.current, scroll);
    this.queue.show(this.listed(), [...this.items.values()], this.current);
    this.panel.show(this.item);
  }

  choose(id) {
    this.current = id;
    history.replaceState(null, "", id ? `#${id}` : " ");
    this.draw(true);
  }

  step(by) {
    const listed = this.listed();
    const at = listed.findIndex((item) => item.id === this.current);
    const to = at < 0 ? (by > 0 ? 0 : listed.length - 1) : at + by;
    if (listed[to]) this.choose(listed[to].id);
  }

  /** Whether an item still waits for this person. */
  waits(item) {
    return this.reviewer
      ? item.verdict !== "open" && item.review === "open" && (this.alone || item.annotator !== this.me)
      : item.verdict === "open" || item.review === "returned";
  }

  nextOpen() {
    const listed = this.listed();
    const at = listed.findIndex((item) => item.id === this.current);
    const turned = [...listed.slice(at + 1), ...listed.slice(0, Math.max(at, 0))];
    const found = turned.find((item) => this.waits(item));
    if (found) this.choose(found.id);
  }

  // sending

  submit(action, ids = [], more = {}) {
    if (ids.some((id) => this.items.get(id)?.asked)) {
      this.say(this.words.judge_first);
      return Promise.resolve(null);
    }
    return this.outbox.send(() => {
      const items = ids.map((id) => this.items.get(id)).filter(Boolean)
        .map(({ id, version }) => ({ id, version }));
      if (items.length < ids.length) return null;
      return { action, document: this.document, items, ...more };
    });
  }

  /** Take a changed item; the question it answers goes, and comes back with undo. */
  keep(item) {
    const alike = ({ record }) => record.start === item.record.start && record.end === item.record.end;
    const question = this.asked.find(alike);
    const { gain, reasons } = this.items.get(item.id) ?? question ?? {};
    if (item.gone) this.items.delete(item.id);
    else this.items.set(item.id, { ...item, gain, reasons });
    if (!question) return false;
    if (item.gone) this.items.set(question.id, { ...question, verdict: "open" });
    else if (question.id !== item.id) this.items.delete(question.id);
    return true;
  }

  sent(answer, body) {
    const answered = answer.items.map((item) => this.keep(item)).some(Boolean);
    this.version = answer.document.version;
    this.measure(answer.document);
    const words = body.action === "accept" ? "accepted" : body.action;
    const done = this.words[`said_${{ reject: "rejected", reopen: "open" }[words] ?? words}`];
    const left = this.outbox.waiting > 1 || [...this.items.values()].some((item) => !item.asked && this.waits(item));
    if (left || answer.document.finished || this.reviewer) this.say(done ?? this.words.saved);
    else this.say([done, this.words.all_judged].join(this.words.semicolon), false, true);
    const jumps = body.action === "undo" || (body.action === "add" && !answered);
    if (jumps) this.current = answer.items[0]?.id ?? this.current;
    if (!this.items.has(this.current)) this.current = this.listed()[0]?.id ?? null;
    this.draw(jumps);
  }

  refused(error, body, retried) {
    const { item } = error.body;
    if (!item) {
      this.say(error.message, true);
      this.reload();
      return;
    }
    if (item.gone) this.items.delete(item.id);
    else this.items.set(item.id, item);
    this.draw();
    const sent = body.items[0]?.version;
    // our own change had arrived, only the answer was lost
    if (retried && item.annotator === this.me && item.version === sent + 1) return;
    showConflict(error.message, item, this.words);
  }

  unsent(count) {
    root.dataset.unsent = count;
  }

  waiting(yes) {
    if (yes) this.say(this.words.offline, true, true);
  }

  async reload() {
    if (this.outbox.waiting) return;
    this.take(await get(`/api/documents/${this.document}`));
    this.draw();
  }

  async refresh() {
    // what others did meanwhile
    if (this.outbox.waiting || document.querySelector("dialog[open]")) return;
    const whole = await get(`/api/documents/${this.document}`).catch(() => null);
    if (!whole || this.outbox.waiting || whole.document.version === this.version) return;
    this.take(whole);
    this.draw();
  }

  say(words, bad = false, stay = false) {
    say(words, bad, stay);
  }

  // what a person does

  edit(fields) {
    const { item } = this;
    if (!item) return;
    // shown at once, so that the next change builds on this one
    item.record = { ...item.record, ...fields };
    this.draw();
    if (item.asked) return;
    this.submit("edit", [item.id], { fields });
  }

  reveal(part) {
    this.source.select(part.start, part.end);
  }

  async addTask(span) {
    document.getSelection().removeAllRanges();
    const { start, end } = span;
    const before = [...this.items.values()].filter(({ record }) => record.start < start)
      .sort((a, b) => b.record.start - a.record.start)[0];
    const inherited = before ? { section: before.record.section } : {};
    try {
      const parts = await post("/api/read", { document: this.document, start, end });
      await this.submit("add", [], { fields: { start, end, ...inherited, ...parts } });
    } catch (error) {
      this.say(error.message, true);
    }
  }

  add() {
    const chosen = this.source.selection();
    if (chosen && !chosen.empty) {
      this.addTask(chosen);
      return;
    }
    const sentences = this.source.sentences([...this.items.values()], this.words.stops);
    if (!sentences.length) {
      this.say(this.words.no_sentence);
      return;
    }
    const from = this.item?.record.end ?? chosen?.caret ?? 0;
    const first = Math.max(0, sentences.findIndex(({ start }) => start >= from));
    this.pick(sentences, first, this.words.pick_add, (span) => this.addTask(span));
  }

  split() {
    const { item } = this;
    if (!item) return;
    const { start, end } = item.record;
    const chosen = this.source.selection();
    const cut = (at) => this.submit("split", [item.id], { at });
    if (chosen && !chosen.empty && chosen.start > start && chosen.start < end) {
      document.getSelection().removeAllRanges();
      cut(chosen.start);
      return;
    }
    const places = [];
    for (let at = start + 1; at < end; at += 1) {
      if (this.words.pauses.includes(this.source.points[at - 1])) places.push({ start: at, end });
    }
    const near = places.findIndex((place) => place.start >= (chosen?.caret ?? 0));
    if (places.length) this.pick(places, Math.max(0, near), this.words.pick_split, (place) => cut(place.start));
    else this.say(this.words.no_place);
  }

  pick(choices, index, words, done) {
    this.picker = new Picking(this.source, choices, index, done, () => {
      this.picker = null;
      this.say("");
    });
    this.say(words, false, true);
  }

  merge() {
    const ordered = [...this.items.values()].filter((item) => !item.asked).sort((a, b) => a.record.start - b.record.start);
    const next = ordered[ordered.findIndex((item) => item.id === this.current) + 1];
    if (this.item && next) this.submit("merge", [this.current, next.id]);
    else this.say(this.words.no_next);
  }

  giveBack() {
    const dialog = byId("remark");
    byId("remark-text").value = "";
    dialog.returnValue = "";
    dialog.showModal();
    const id = this.current;
    dialog.addEventListener("close", () => {
      if (dialog.returnValue !== "ok") return;
      this.judge("return", id, { remark: byId("remark-text").value });
    }, { once: true });
  }

  judge(action, id, more = {}, onward = true) {
    const item = this.items.get(id);
    if (!item) return;
    if ((action === "approve" || action === "return") && item.verdict === "open") {
      this.say(this.words.not_judged, true);
      this.nextOpen();
      return;
    }
    if (item.asked) this.submit(action === "accept" ? "add" : "dismiss", [], { fields: item.record });
    else this.submit(action, [id], more);
    if (!onward) return;
    const verdict = { accept: "accepted", reject: "rejected" }[action];
    if (verdict) Object.assign(item, { verdict, review: "open" });
    if (action === "approve") item.review = "approved";
    if (action === "return") item.review = "returned";
    this.nextOpen();
  }

  act(name) {
    const { current: id } = this;
    const acts = {
      next: () => this.step(1),
      previous: () => this.step(-1),
      next_open: () => this.nextOpen(),
      approve_next: () => this.act(this.reviewer ? "approve" : "accept_next"),
      accept_next: () => this.judge("accept", id),
      accept: () => this.judge("accept", id, {}, false),
      approve: () => this.judge("approve", id),
      reject: () => this.judge("reject", id),
      reopen: () => this.item && this.submit("reopen", [id]),
      return: () => this.item && this.giveBack(),
      add: () => this.add(),
      split: () => this.split(),
      merge: () => this.merge(),
      undo: () => this.submit("undo"),
      finish: () => this.submit("finish"),
      search: () => byId("search").focus(),
      help: () => (byId("help").open ? byId("help").close() : byId("help").showModal()),
      before: () => byId("before").href && byId("before").click(),
      after: () => byId("after").href && byId("after").click(),
      leave: () => document.activeElement?.blur(),
    };
    if (name in acts) acts[name]();
    else this.editing.act(name);
  }
}

function listen(desk) {
  addEventListener("keydown", (event) => {
    if (desk.picker?.turn(event.key)) {
      event.preventDefault();
      return;
    }
    if (event.key === "Enter" && event.target.matches?.("#panel input:not([type=radio]):not([type=checkbox]), #search")) {
      event.preventDefault();
      event.target.blur();
      return;
    }
    const name = meaning(event);
    if (!name) return;
    event.preventDefault();
    desk.act(name);
  });
  byId("speech").addEventListener("click", (event) => {
    const ids = event.target.dataset?.tasks?.split(" ") ?? [];
    if (!ids.length || !document.getSelection().isCollapsed) return;
    if (!ids.includes(desk.current)) desk.choose(ids[0]);
  });
  byId("queue").addEventListener("click", (event) => {
    const row = event.target.closest("li");
    if (row) desk.choose(row.dataset.id);
  });
  byId("help-button").addEventListener("click", () => desk.act("help"));
  addEventListener("focus", () => desk.refresh());
  setInterval(() => desk.refresh(), 15_000);
}

const [words, whole] = await Promise.all([
  get("/api/labels"), get(`/api/documents/${root.dataset.document}`)]);
const desk = new Desk(words, whole);
listen(desk);
const asked = location.hash.slice(1);
const first = desk.items.get(asked) ?? desk.listed().find((item) => desk.waits(item)) ?? desk.listed()[0];
if (first) desk.choose(first.id);
else desk.draw();
desk.unsent(0);
root.dataset.ready = "yes";
