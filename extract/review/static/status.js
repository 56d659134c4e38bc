/** Short messages at the foot of the page, and the dialog that shows a conflict. */

import { make } from "./session.js";

let fading = 0;

export function say(words, bad = false, stay = false) {
  const status = document.getElementById("status");
  status.textContent = words;
  status.className = words ? `status on${bad ? " bad" : ""}` : "status";
  clearTimeout(fading);
  if (!stay) fading = setTimeout(() => { status.className = "status"; }, bad ? 6000 : 2200);
}

/** Say that nothing was written, and how the item stands now. */
export function showConflict(message, item, words) {
  const list = (parts) => parts.map((part) => part.text).join(words.separator) || "—";
  const rows = item ? [
    [words.task, item.record.text], [words.verdict, words[`state_${item.verdict}`]],
    [words.review, words[`state_${item.review}`]],
    [words.kind, words[`kind_${item.record.kind}`]],
    [words.actionable, item.record.actionable ? "✓" : "✗"],
    [words.owners, list(item.record.owners)], [words.deadlines, list(item.record.deadlines)],
  ] : [];
  document.getElementById("conflict-message").textContent = message;
  document.getElementById("conflict-now").replaceChildren(
    ...rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
  document.getElementById("conflict").showModal();
}
