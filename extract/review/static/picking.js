/** One of several stretches of the source, chosen with the arrows. */

const TURNS = { ArrowRight: 1, ArrowDown: 1, j: 1, ArrowLeft: -1, ArrowUp: -1, k: -1 };

export class Picking {
  /** `done(choice)` when one is taken, `over()` whenever it ends. */
  constructor(source, choices, index, done, over) {
    Object.assign(this, { source, choices, index, done, over });
    this.show();
  }

  show() {
    const { start, end } = this.choices[this.index];
    this.source.select(start, end);
  }

  /** Whether the key was meant for this. */
  turn(key) {
    const by = TURNS[key];
    if (by) {
      this.index = (this.index + by + this.choices.length) % this.choices.length;
      this.show();
      return true;
    }
    if (key !== "Enter" && key !== "Escape") return false;
    this.over();
    document.getSelection().removeAllRanges();
    if (key === "Enter") this.done(this.choices[this.index]);
    return true;
  }
}
