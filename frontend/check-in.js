// The list at the door, on a phone with a bad connection.
//
// Every tick is written into this browser first and shown at once; then it is sent, and again until the
// server says that it has it. A tick is about one person and one session, so the latest is all there is to
// keep: one entry each, under ids alone, never a name. Its moment is in the server's time: the page says what
// the time was when it was made, and every answer says it anew, so the phone's own clock does not matter.

const EVERY = 15_000; // milliseconds between two looks at what other doors ticked
const AT_ONCE = 200;
const PATIENCE = 20_000; // after that an answer is not waited for any longer

const door = document.getElementById("door");
const { event, session, sendTo } = door.dataset;
const csrf = door.querySelector("[name=csrfmiddlewaretoken]").value;
const prefix = `check-in:${event}:`;
const people = new Map([...door.querySelectorAll("[data-person]")].map((row) => [row.dataset.person, row]));
const here = document.getElementById("here");
const unsent = document.getElementById("unsent");
const refused = document.getElementById("refused");
const search = document.getElementById("q");

// What the server says of who is here; the phone's own unsent ticks come on top.
let present = new Set([...people].filter(([, row]) => row.dataset.present === "yes").map(([id]) => id));
let elsewhere = Number(here.textContent) - present.size; // here, but not among the rows shown
let digest = door.dataset.digest;
let clock = { server: Number(door.dataset.now), wall: Date.now(), steady: performance.now() };
let sending = false;
let again = false;
let trouble = "";

// Of the two clocks of a browser the steady one stops while a phone sleeps, and the other may be set back.
function now() {
  const passed = Math.max(Date.now() - clock.wall, performance.now() - clock.steady);
  return Math.round(clock.server + passed);
}

// --- What is kept -------------------------------------------------------------------------------------------

// Without storage (a private window may have none) ticks are kept as long as the page is open.
const memory = new Map();
const storage = (() => {
  try {
    localStorage.setItem(`${prefix}probe`, "");
    localStorage.removeItem(`${prefix}probe`);
    return localStorage;
  } catch {
    return null;
  }
})();

function keep(tick) {
  const key = `${prefix}${tick.session ?? ""}:${tick.registration}`;
  memory.set(key, tick);
  try {
    storage?.setItem(key, JSON.stringify(tick));
  } catch {
    // Full: the tick stays in memory, and the line above the list says that it is not sent.
  }
}

function kept() {
  const ticks = new Map(memory);
  for (let at = 0; at < (storage?.length ?? 0); at += 1) {
    const key = storage.key(at);
    if (!key.startsWith(prefix)) continue;
    try {
      const tick = JSON.parse(storage.getItem(key));
      if (!ticks.has(key) || ticks.get(key).at < tick.at) ticks.set(key, tick);
    } catch {
      storage.removeItem(key);
    }
  }
  return ticks;
}

// Only if it is still the tick that was sent: somebody may have ticked again meanwhile, or another window.
function forget(id) {
  for (const [key, tick] of kept()) {
    if (tick.id !== id) continue;
    memory.delete(key);
    storage?.removeItem(key);
  }
}

// --- What is shown ------------------------------------------------------------------------------------------

function show() {
  const shown = new Set(present);
  const waiting = [...kept().values()];
  for (const tick of waiting) {
    if ((tick.session ?? "") !== session || !people.has(tick.registration)) continue;
    if (tick.is_present) shown.add(tick.registration);
    else shown.delete(tick.registration);
  }
  let listed = 0;
  for (const [id, row] of people) {
    const isHere = shown.has(id);
    listed += isHere ? 1 : 0;
    row.querySelector(".pp-checkin__tag").hidden = !isHere;
    const button = row.querySelector("button");
    if (!button) continue;
    button.name = isHere ? "undo" : "tick";
    button.classList.toggle("govuk-button--secondary", isHere);
    button.querySelector("[data-verb]").textContent = isHere ? "Undo" : "Check in";
  }
  here.textContent = String(listed + elsewhere);
  say(waiting.length);
}

function say(number) {
  const ticks = number === 1 ? "1 tick is" : `${number} ticks are`;
  const they = number === 1 ? "It is" : "They are";
  let words = "Everything is sent.";
  if (number) words = `${ticks} not sent yet. ${they} kept on this phone and sent as soon as there is a connection.`;
  if (trouble) words = number ? `${trouble} ${ticks} kept on this phone until then.` : trouble;
  if (unsent.textContent !== words) unsent.textContent = words;
  unsent.classList.toggle("pp-checkin__unsent", Boolean(number || trouble));
}

function complain(answer) {
  for (const { registration, reason } of answer.refused) {
    const name = people.get(registration)?.querySelector(".pp-checkin__name").textContent ?? "Somebody";
    const line = document.createElement("li");
    line.className = "govuk-error-message";
    line.textContent = `${name}: ${reason}`;
    refused.append(line);
  }
}

// --- What is sent -------------------------------------------------------------------------------------------

async function send() {
  if (sending) {
    again = true;
    return;
  }
  sending = true;
  again = false;
  try {
    const ticks = [...kept().values()].slice(0, AT_ONCE);
    const answer = await post({ session: session || null, seen: digest, ticks });
    if (answer) {
      for (const id of answer.done) forget(id);
      clock = { server: answer.now, wall: Date.now(), steady: performance.now() };
      digest = answer.digest;
      if (answer.present) {
        present = new Set(answer.present);
        elsewhere = answer.present.filter((id) => !people.has(id)).length;
      }
      complain(answer);
      again ||= kept().size > 0;
    }
  } finally {
    sending = false;
  }
  show();
  if (again && !trouble) send();
}

// The answer, or nothing: no connection, no answer in time, or a refusal that `trouble` puts into words.
async function post(body) {
  trouble = "";
  let response;
  try {
    response = await fetch(sendTo, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
      body: JSON.stringify(body),
      redirect: "manual",
      signal: AbortSignal.timeout?.(PATIENCE), // older browsers wait as long as they like
    });
    if (response.ok) return await response.json();
  } catch {
    again = false;
    return null;
  }
  again = false;
  if (response.type === "opaqueredirect") trouble = "You are signed out. Sign in in another tab, then load this page anew.";
  else if (response.status === 409) trouble = (await response.json()).refusal;
  else if (response.status === 404) trouble = "You may not check people in here any more.";
  else if (response.status < 500) trouble = "The server did not take the ticks. Load this page anew.";
  return null;
}

// --- What people do -----------------------------------------------------------------------------------------

door.addEventListener("submit", (submit) => {
  const button = submit.submitter;
  if (!button?.value) return;
  submit.preventDefault();
  keep({
    id: `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 12)}`,
    registration: button.value,
    session: session || null,
    is_present: button.name === "tick",
    at: now(),
  });
  show();
  send();
});

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const row of people.values()) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
    found += row.hidden ? 0 : 1;
  }
  document.getElementById("nobody").hidden = found > 0;
}

// What the server was asked for is here already; what is typed from now on is looked for in what is here.
search.addEventListener("input", filter);

addEventListener("online", send);
addEventListener("storage", show);
document.addEventListener("visibilitychange", () => document.hidden || send());
setInterval(() => document.hidden || send(), EVERY);
addEventListener("beforeunload", (leaving) => {
  if (memory.size && !storage) leaving.preventDefault(); // nothing but this page knows of them
});

show();
if (door.dataset.closed === "no") send();
