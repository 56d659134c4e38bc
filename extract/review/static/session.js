/** Talking to the server, and the choices in the bar: name, role, language, theme. */

const token = document.querySelector('meta[name="csrf-token"]').content;
export const english = document.documentElement.lang === "en";

/** An answer of the server that refuses something. */
export class Refusal extends Error {
  constructor(status, body) {
    super(body[english ? "en" : "zh"] ?? String(status));
    this.status = status;
    this.body = body;
  }
}

export async function get(path) {
  return answer(await fetch(path, { headers: { accept: "application/json" } }));
}

/** Post JSON. Throws a Refusal, or a TypeError where the server does not answer. */
export async function post(path, body) {
  const headers = { "content-type": "application/json", "x-csrf-token": token };
  return answer(await fetch(path, { method: "POST", headers, body: JSON.stringify(body) }));
}

async function answer(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(response.status, body);
  return body;
}

/** Element with properties and children; strings become text, never markup. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && name !== "list" && name !== "role") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const who = document.getElementById("who");
const nameButton = document.getElementById("name");
const nameInput = document.getElementById("who-name");

async function settle(choice) {
  await post("/api/session", choice);
  location.reload();
}

document.getElementById("lang").addEventListener("click", (event) =>
  settle({ lang: event.currentTarget.dataset.to }));
document.getElementById("role").addEventListener("change", (event) =>
  settle({ role: event.currentTarget.value }));
document.getElementById("theme").addEventListener("click", async () => {
  const root = document.documentElement;
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  await post("/api/session", { theme: root.dataset.theme });
});
nameButton.addEventListener("click", () => who.showModal());
who.addEventListener("cancel", (event) => {
  if (!nameButton.dataset.name) event.preventDefault();
});
who.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await settle({ name: nameInput.value });
  } catch (error) {
    document.getElementById("who-problem").textContent = error.message;
  }
});
if (!nameButton.dataset.name) who.showModal();

const outdated = document.getElementById("outdated");
if (outdated) {
  const { outdated: count } = await get("/api/intake");
  outdated.querySelector("b").textContent = count;
  outdated.hidden = !count;
  outdated.querySelector("button").addEventListener("click", async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    for (let state = await post("/api/refresh", {}); state.done < state.total; state = await get("/api/intake")) {
      button.textContent = `${state.done} / ${state.total}`;
      await new Promise((resolve) => { setTimeout(resolve, 300); });
    }
    location.reload();
  });
}

const intake = document.getElementById("intake");
if (intake) {
  const watch = setInterval(async () => {
    const state = await get("/api/intake");
    intake.querySelector("b").textContent = `${state.done} / ${state.total}`;
    if (state.done >= state.total) {
      clearInterval(watch);
      location.reload();
    }
  }, 1000);
}
