/** The speech: painted with its tasks and parts, and the offsets of a selection.

Offsets count code points, as everywhere in duban; JavaScript strings count UTF-16.
*/

import { make } from "./session.js";

export class Source {
  constructor(root, text, outline, title) {
    this.root = root;
    this.points = Array.from(text);
    this.lines = [];
    this.painted = false;
    // by item what was painted of it, and by line which items stand on it
    this.known = new Map();
    this.held = new Map();
    let start = 0;
    for (let at = 0; at <= this.points.length; at += 1) {
      if (at === this.points.length || this.points[at] === "\n") {
        this.lines.push({ start, end: at });
        start = at + 1;
      }
    }
    const depths = new Map(outline.map(([from, , depth]) => [this.lineOf(from), depth]));
    const head = this.lines.findIndex(({ start: from, end }) => title && this.slice(from, end).trim() === title);
    root.replaceChildren(...this.lines.map((line, number) => {
      const depth = number === head ? null : depths.get(number);
      return make("p", {
        className: number === head ? "heading title" : depth ? `heading depth${depth}` : "",
        "data-start": line.start,
        "data-end": line.end,
      });
    }));
  }

  slice(start, end) {
    return this.points.slice(start, end).join("");
  }

  lineOf(offset) {
    let low = 0;
    let high = this.lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.lines[middle].start <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Paint the lines that hold an item which is not as it was. */
  paint(items) {
    const stale = new Set();
    const gone = new Set(this.known.keys());
    for (const item of items) {
      const { id, record, verdict, review } = item;
      gone.delete(id);
      const old = this.known.get(id);
      if (old?.record === record && old.verdict === verdict && old.review === review) continue;
      old?.lines.forEach((line) => this.leave(line, id, stale));
      const marks = marksOf(item);
      const lines = new Set(marks.flatMap((mark) => this.span(mark)));
      lines.forEach((line) => this.enter(line, id, stale));
      this.known.set(id, { record, verdict, review, lines, marks });
    }
    for (const id of gone) {
      this.known.get(id).lines.forEach((line) => this.leave(line, id, stale));
      this.known.delete(id);
    }
    for (const number of this.painted ? stale : this.lines.keys()) {
      const held = [...(this.held.get(number) ?? [])];
      const marks = held.flatMap((id) => this.known.get(id).marks)
        .filter((mark) => this.span(mark).includes(number));
      this.root.children[number].replaceChildren(...this.segments(this.lines[number], marks));
    }
    this.painted = true;
  }

  span({ start, end }) {
    const lines = [];
    const last = this.lineOf(Math.max(start, end - 1));
    for (let line = this.lineOf(start); line <= last; line += 1) lines.push(line);
    return lines;
  }

  enter(line, id, stale) {
    if (!this.held.has(line)) this.held.set(line, new Set());
    this.held.get(line).add(id);
    stale.add(line);
  }

  leave(line, id, stale) {
    this.held.get(line).delete(id);
    stale.add(line);
  }

  segments(line, marks) {
    const cuts = new Set([line.start, line.end]);
    for (const mark of marks) {
      if (mark.start > line.start) cuts.add(mark.start);
      if (mark.end < line.end) cuts.add(mark.end);
    }
    const places = [...cuts].sort((a, b) => a - b);
    return places.slice(0, -1).map((start, index) => {
      const over = marks.filter((mark) => mark.start <= start && start < mark.end);
      const tasks = [...new Set(over.filter((mark) => mark.task).map((mark) => mark.id))];
      return make("span", {
        className: [...new Set(over.flatMap((mark) => mark.classes))].join(" "),
        title: [...new Set(over.map((mark) => mark.title).filter(Boolean))].join(" · "),
        "data-start": start,
        "data-tasks": tasks.join(" ") || undefined,
        "data-of": [...new Set(over.map((mark) => mark.id))].join(" ") || undefined,
      }, this.slice(start, places[index + 1]));
    });
  }

  /** Show which task is the chosen one, or are; scroll to it unless it is in sight. */
  choose(chosen, scroll) {
    for (const old of this.root.querySelectorAll(".current")) old.classList.remove("current");
    const ids = [chosen ?? []].flat();
    for (const id of ids) {
      for (const part of this.root.querySelectorAll(`[data-of~="${id}"]`)) part.classList.add("current");
    }
    const first = ids.map((id) => this.root.querySelector(`[data-tasks~="${id}"]`)).find(Boolean);
    if (!first || !scroll) return;
    const frame = this.root.getBoundingClientRect();
    const place = first.getBoundingClientRect();
    if (place.top < frame.top + 60 || place.bottom > frame.bottom - 120) {
      first.scrollIntoView({ block: "center" });
    }
  }

  /** Selected stretch without the space around it, or null; `caret` where it begins. */
  selection() {
    const chosen = document.getSelection();
    if (!chosen.rangeCount || !this.root.contains(chosen.anchorNode)) return null;
    const range = chosen.getRangeAt(0);
    let start = this.offset(range.startContainer, range.startOffset);
    let end = this.offset(range.endContainer, range.endOffset);
    if (start === null || end === null) return null;
    const caret = start;
    while (start < end && !this.points[start].trim()) start += 1;
    while (end > start && !this.points[end - 1].trim()) end -= 1;
    return { start, end, caret, empty: start >= end };
  }

  offset(node, within) {
    if (node.nodeType === Node.TEXT_NODE) {
      const segment = node.parentElement.closest("span[data-start]");
      if (!segment) return null;
      return Number(segment.dataset.start) + Array.from(node.data.slice(0, within)).length;
    }
    const child = node.childNodes[within];
    if (child?.dataset?.start) return Number(child.dataset.start);
    if (node.dataset?.end) return Number(node.dataset.end);
    if (node === this.root) return this.points.length;
    return node.dataset?.start ? Number(node.dataset.start) : null;
  }

  /** Select a stretch, as if with the mouse. */
  select(start, end) {
    const range = document.createRange();
    range.setStart(...this.place(start, false));
    range.setEnd(...this.place(end, true));
    const chosen = document.getSelection();
    chosen.removeAllRanges();
    chosen.addRange(range);
    const box = range.getBoundingClientRect();
    const frame = this.root.getBoundingClientRect();
    if (box.top < frame.top || box.bottom > frame.bottom) {
      range.startContainer.parentElement.scrollIntoView({ block: "center" });
    }
  }

  place(offset, ending) {
    const number = this.lineOf(ending ? Math.max(0, offset - 1) : offset);
    const row = this.root.children[number];
    let found = null;
    for (const segment of row.children) {
      const start = Number(segment.dataset.start);
      if (start < offset || (start === offset && !ending) || !found) found = segment;
    }
    if (!found) return [row, 0];
    const units = this.slice(Number(found.dataset.start), offset).length;
    return [found.firstChild, Math.min(units, found.firstChild.length)];
  }

  /** Stretches between stops that hold none of the tasks. */
  sentences(items, stops) {
    const taken = new Uint8Array(this.points.length);
    for (const { record } of items) taken.fill(1, record.start, record.end);
    const found = [];
    for (const line of this.lines) {
      let start = line.start;
      for (let at = line.start; at < line.end; at += 1) {
        if (!stops.includes(this.points[at]) && at + 1 < line.end) continue;
        let from = start;
        while (from < at && !this.points[from].trim()) from += 1;
        const free = taken.subarray(from, at + 1).every((mark) => !mark);
        if (free && at > from) found.push({ start: from, end: at + 1 });
        start = at + 1;
      }
    }
    return found;
  }
}

function marksOf(item) {
  const { record, id } = item;
  const state = item.review === "open" ? item.verdict : item.review;
  const classes = ["task", item.verdict, state, ...(item.asked ? ["asked"] : [])];
  const marks = [{ start: record.start, end: record.end, id, task: true, classes }];
  if (item.verdict === "rejected" || item.asked) return marks;
  for (const name of ["owners", "deadlines", "recurrences", "metrics"]) {
    for (const part of record[name]) {
      const colour = name === "owners" ? `owner-${part.role}` : name;
      marks.push({ start: part.start, end: part.end, id, classes: ["part", colour], title: part.due ?? "" });
    }
  }
  return marks;
}
