/** Keys in, names of what to do out; nothing while somebody types. */

export const DESK = {
  j: "next", ArrowDown: "next", k: "previous", ArrowUp: "previous", n: "next_open",
  Enter: "approve_next", a: "accept", r: "reject", Delete: "reject", c: "reopen", b: "return",
  x: "actionable", h: "heading", o: "owners", d: "deadlines", f: "recurrences", q: "metrics",
  w: "role", e: "fields", t: "span", "+": "add", "=": "add", s: "split", m: "merge", u: "undo",
  F: "finish", "/": "search", "?": "help", "？": "help", "[": "before", "]": "after",
};
const TYPING = "input:not([type=radio]):not([type=checkbox]), select, textarea";

/** What keys mean where readings are compared, and while another one is written. */
export const DISPUTES = {
  j: "next", ArrowDown: "next", k: "previous", ArrowUp: "previous", n: "next_open",
  p: "previous_open", ArrowRight: "look_after", ArrowLeft: "look_before", Enter: "take",
  m: "machine", e: "third", u: "undo", "?": "help", "？": "help", "[": "before", "]": "after",
};
export const THIRD = {
  j: "next", ArrowDown: "next", k: "previous", ArrowUp: "previous", Enter: "settle", r: "task",
  x: "actionable", h: "heading", o: "owners", d: "deadlines", f: "recurrences", q: "metrics",
  w: "role", e: "fields", t: "span", "?": "help", "？": "help",
};

/** Name of what a key means here, or null. */
export function meaning(event, keys = DESK) {
  const { key, target } = event;
  if (document.querySelector("dialog[open]") && key !== "?") return null;
  if ((event.ctrlKey || event.metaKey) && key === "z") return typing(target) ? null : "undo";
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return null;
  if (key === "Escape") return "leave";
  if (typing(target)) return null;
  if (key === "Enter" && target.closest?.("button, a, summary")) return null;
  if (key.startsWith("Arrow") && target.matches?.("input")) return null;
  if (/^[1-9]$/.test(key)) return `kind ${key}`;
  return keys[key] ?? keys[key.length === 1 && !event.shiftKey ? key.toLowerCase() : ""] ?? null;
}

function typing(target) {
  return Boolean(target.matches?.(TYPING));
}
