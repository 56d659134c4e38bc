/** Changing a record by key: kind, truths, roles, span, and words of the source as parts. */

import { post } from "./session.js";

export class Editing {
  /** `host` has words, kinds, roles, document, source, panel, item, edit(fields), say(words, bad). */
  constructor(host) {
    this.host = host;
  }

  /** Do what a key is called; false if it is not about a record. */
  act(name) {
    const { host } = this;
    const { item } = host;
    const acts = {
      actionable: () => item && host.edit({ actionable: !item.record.actionable }),
      heading: () => item && host.edit({ heading: !item.record.heading }),
      role: () => this.turnRole(),
      span: () => this.span(),
      fields: () => host.panel.root.querySelector("input:checked, input")?.focus(),
    };
    for (const list of ["owners", "deadlines", "recurrences", "metrics"]) {
      acts[list] = () => this.mark(list);
    }
    if (name in acts) acts[name]();
    else if (name.startsWith("kind ")) {
      const kind = host.kinds[Number(name.slice(5)) - 1];
      if (kind && item) host.edit({ kind });
    } else return false;
    return true;
  }

  /** Make the selected words a part; without a selection, go to the field. */
  async mark(name) {
    const { host } = this;
    const { item } = host;
    const chosen = host.source.selection();
    if (!item || !chosen || chosen.empty) {
      host.panel.root.querySelector(`#field-${name} select, #field-${name} input`)?.focus();
      if (!chosen || chosen.empty) host.say(host.words[`hint_${name}`]);
      return;
    }
    const { start, end } = chosen;
    try {
      const part = await post("/api/read", { document: host.document, start, end, field: name });
      const others = item.record[name].filter((old) => old.start !== start || old.end !== end);
      host.edit({ [name]: [...others, part] });
      document.getSelection().removeAllRanges();
    } catch (error) {
      host.say(error.message, true);
    }
  }

  turnRole() {
    const { host } = this;
    const owners = host.item?.record.owners;
    if (!owners?.length) return;
    const last = owners.at(-1);
    const role = host.roles[(host.roles.indexOf(last.role) + 1) % host.roles.length];
    host.edit({ owners: [...owners.slice(0, -1), { ...last, role }] });
  }

  span() {
    const { host } = this;
    const chosen = host.source.selection();
    if (!host.item || !chosen || chosen.empty) {
      host.say(host.words.no_selection);
      return;
    }
    const { start, end } = chosen;
    host.edit({ start, end, text: host.source.slice(start, end) });
  }
}
