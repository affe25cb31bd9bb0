// Search and commands: Ctrl-K, Cmd-K or "/" anywhere.
const palette = document.getElementById("palette");
const input = palette?.querySelector("input");
const list = palette?.querySelector("[role=listbox]");
const none = palette?.querySelector(".palette-none");
const RECENT_KEY = `greenroom.recent.${palette?.dataset.user ?? ""}`;
const THEMES = [
  ["System theme", "auto", "monitor"],
  ["Light theme", "light", "sun"],
  ["Dark theme", "dark", "moon"],
];
const hint = palette?.querySelector(".palette-hint");
const acts = new WeakMap();
let kept = [];
let deeds = [];
let selected = 0;
let asked = 0;
let waiting = 0;

const recents = {
  read() {
    try {
      return JSON.parse(localStorage.getItem(RECENT_KEY)) ?? [];
    } catch {
      return [];
    }
  },
  write(items) {
    try {
      localStorage.setItem(RECENT_KEY, JSON.stringify(items.slice(0, 6)));
    } catch {
      // No storage: there are no recents.
    }
  },
};

function remember() {
  const title = document.querySelector("[data-recent]");
  if (!title || !palette) return;
  const { recent: group, recentTitle } = title.dataset;
  const entry = { title: recentTitle, group, href: location.pathname };
  recents.write([entry, ...recents.read().filter((one) => one.href !== entry.href)]);
}

function picture(icon) {
  const drawn = palette.querySelector(".palette-input svg").cloneNode(true);
  const use = drawn.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${icon}`));
  return drawn;
}

function option({ title, group = "", href = "", theme = "", act = null, words = "", mark }) {
  const item = document.createElement("li");
  const name = document.createElement("span");
  const side = document.createElement("small");
  name.textContent = title;
  side.textContent = group;
  item.setAttribute("role", "option");
  Object.assign(item.dataset, { href, theme, title, words });
  if (act) acts.set(item, act);
  item.append(mark, name, side);
  return item;
}

// A heading and the options below it; nothing where there is none.
function grouped(title, items) {
  if (!items.length) return [];
  const part = document.createElement("li");
  const head = document.createElement("p");
  const inner = document.createElement("ul");
  part.setAttribute("role", "group");
  part.setAttribute("aria-label", title);
  head.className = "palette-head";
  head.setAttribute("aria-hidden", "true");
  head.textContent = title;
  inner.setAttribute("role", "presentation");
  inner.append(...items);
  part.append(head, inner);
  return [part];
}

function rooms() {
  return [...document.querySelectorAll("#nav a")].map((link) =>
    option({
      title: link.textContent.trim(),
      href: link.getAttribute("href"),
      mark: link.querySelector("svg").cloneNode(true),
    }));
}

// What this page offers, and what every page does. A command that changes something
// presses the button of the page that does it.
function commands() {
  const found = [];
  const add = (title, icon, words, act) =>
    found.push(option({ title, words, act, mark: picture(icon) }));
  const star = document.querySelector("form.star button");
  if (star) {
    const isOn = star.getAttribute("aria-pressed") === "true";
    add(isOn ? "Take the star away" : "Star this", "star", "star unstar favourite", () => star.click());
  }
  const save = document.getElementById("save-view");
  if (save) add("Save this view", "list-filter", "keep query bookmark", () => unfold(save));
  const columns = document.getElementById("columns-fold");
  if (columns) add("Choose columns", "columns-3", "table show hide", () => unfold(columns));
  add("Copy the link", "link", "address url share", copyLink);
  for (const [title, theme, icon] of THEMES) {
    found.push(option({ title, theme, words: "switch colour mode", mark: picture(icon) }));
  }
  const leave = document.querySelector("[data-log-out]");
  if (leave) add("Sign out", "log-out", "log out leave", () => leave.requestSubmit());
  return found;
}

function unfold(fold) {
  fold.open = true;
  fold.scrollIntoView({ block: "center" });
  fold.querySelector("input:not([type=hidden], :disabled)")?.focus();
}

// Over plain HTTP there is no clipboard interface, so it is copied the old way.
function copyLink() {
  const field = document.createElement("textarea");
  field.value = location.href;
  field.className = "vh";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  const told = document.createElement("div");
  told.className = "toast is-info";
  told.dataset.dismissible = "";
  told.textContent = done ? "The link is copied." : "The browser did not let the link be copied.";
  document.querySelector(".toasts")?.append(told);
  setTimeout(() => told.remove(), 3000);
}

function visited() {
  return recents.read().map((one) => option({ ...one, mark: picture("history") }));
}

function matching(items, words) {
  const wanted = words.toLowerCase().split(/\s+/);
  return items.filter(({ dataset }) => {
    const text = `${dataset.title} ${dataset.words ?? ""}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

function options() {
  return [...list.querySelectorAll("[role=option]")];
}

function show(groups, words) {
  list.replaceChildren(...groups);
  options().forEach((item, index) => {
    item.id = `palette-${index}`;
  });
  selected = 0;
  hint.hidden = words !== "";
  none.hidden = !words || groups.length > 0;
  none.textContent = `Nothing is called “${words}”. Try fewer letters, or ask a question such as kind:model owner:me.`;
  mark();
}

function mark() {
  const all = options();
  all.forEach((item, index) => item.setAttribute("aria-selected", String(index === selected)));
  if (all.length) input.setAttribute("aria-activedescendant", all[selected].id);
  else input.removeAttribute("aria-activedescendant");
  // The heading of the first one comes into sight, too.
  const place = selected ? all[selected] : list.firstElementChild;
  place?.scrollIntoView({ block: "nearest" });
}

async function found(words) {
  const address = `${palette.dataset.search}?q=${encodeURIComponent(words)}`;
  const answer = await fetch(address, { headers: { "X-Requested-With": "palette" } });
  if (!answer.ok) return [];
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return [...page.querySelectorAll("[role=group]")].map((one) => document.importNode(one, true));
}

// Stars, saved views and what can be done: asked for once, when the palette opens.
async function begin() {
  const groups = await found("").catch(() => []);
  const isDeeds = (group) => group.dataset.group === "deeds";
  deeds = groups.filter(isDeeds).flatMap((group) => [...group.querySelectorAll("[role=option]")]);
  kept = groups.filter((group) => !isDeeds(group));
  if (palette.open && !input.value.trim()) show(start(), "");
}

function start() {
  return [
    ...grouped("Recent", visited()),
    ...kept,
    ...grouped("Go to", rooms()),
    ...grouped("Commands", commands()),
  ];
}

async function update() {
  const words = input.value.trim();
  const turn = ++asked;
  clearTimeout(waiting);
  if (!words) {
    waiting = 0;
    show(start(), "");
    return;
  }
  const groups = await found(words).catch(() => []); // Offline, commands still work.
  if (turn !== asked) return;
  waiting = 0;
  const all = groups.flatMap((group) => [...group.querySelectorAll("[role=option]")]);
  const known = new Set(all.map((item) => item.dataset.href));
  const more = matching(rooms(), words).filter((item) => !known.has(item.dataset.href));
  const done = matching([...commands(), ...deeds], words);
  const said = grouped("Commands", done);
  // Two words that begin a command mean it: it stands before what is only alike.
  const isMeant = words.includes(" ") && done.some(({ dataset }) =>
    dataset.title.toLowerCase().startsWith(words.toLowerCase()));
  const rest = [...groups, ...grouped("Go to", more)];
  show(isMeant ? [...said, ...rest] : [...rest, ...said], words);
}

function openPalette() {
  if (palette.open) return;
  input.value = "";
  palette.showModal();
  update();
  begin();
}

function follow(item) {
  if (!item) return;
  palette.close();
  const form = item.querySelector("form");
  if (acts.has(item)) {
    acts.get(item)();
  } else if (form) {
    document.body.append(form);
    form.requestSubmit();
  } else if (item.dataset.theme) {
    document.dispatchEvent(new CustomEvent("greenroom:theme", { detail: item.dataset.theme }));
  } else {
    location.assign(item.dataset.href);
  }
}

function move(step) {
  const count = options().length;
  if (count) selected = (selected + step + count) % count;
  mark();
}

// What is still to be searched for is waited for: Enter never opens an old result.
async function choose() {
  if (waiting) await update();
  follow(options()[selected]);
}

const KEYS = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  Escape: () => palette.close(),
  Enter: choose,
};

function isTyping(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

function onKey(event) {
  const summons = (event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k";
  const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !isTyping(event.target);
  if (!summons && !(slash && !document.querySelector("dialog[open]"))) return;
  event.preventDefault();
  if (palette.open) palette.close();
  else openPalette();
}

if (palette) {
  remember();
  addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-palette]")) return;
    event.preventDefault();
    openPalette();
  });
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(update, 120);
  });
  input.addEventListener("keydown", (event) => {
    if (!KEYS[event.key]) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  palette.addEventListener("click", (event) => {
    if (event.target === palette || event.target.closest("[data-palette-close]")) palette.close();
    else follow(event.target.closest("[role=option]"));
  });
  document.querySelector("[data-log-out]")?.addEventListener("submit", () => recents.write([]));
}
