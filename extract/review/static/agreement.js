/** How far the annotators agree: the figures that duban agree prints. */

import { get, make } from "./session.js";

const number = (value) => (value === null ? "—" : value.toFixed(3));

async function showAgreement(root, words) {
  const query = root.dataset.document ? `?document=${root.dataset.document}` : "";
  const found = await get(`/api/agreement${query}`);
  const entry = (name, value, low, high) => [
    make("dt", {}, name),
    make("dd", { title: low === null ? "" : `95%: ${number(low)}–${number(high)}` }, number(value)),
  ];
  if (!found.documents) {
    root.replaceChildren(make("dt", {}, words.agreement), make("dd", { className: "none" }, words.agreement_none));
    return;
  }
  const several = found.pairs.length > 1;
  root.replaceChildren(
    ...found.pairs.flatMap(({ first, second, f1, low, high }) => entry(
      several ? `${words.agreement_task} ${first} × ${second}` : words.agreement_task, f1, low, high)),
    ...["kind", "actionable"].flatMap((name) => {
      const { alpha, low, high } = found.alphas[name];
      return entry(words[`agreement_${name}`], alpha, low, high);
    }));
}

const root = document.getElementById("figures");
if (root) get("/api/labels").then((words) => showAgreement(root, words));
