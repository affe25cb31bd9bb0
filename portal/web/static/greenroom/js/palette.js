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

function option({ title, group, href = "", theme = "", mark }) {
  const item = document.createElement("li");
  const name = document.createElement("span");
  const side = document.createElement("small");
  name.textContent = title;
  side.textContent = group;
  item.setAttribute("role", "option");
  Object.assign(item.dataset, { href, theme, title });
  item.append(mark, name, side);
  return item;
}

function commands() {
  const rooms = [...document.querySelectorAll("#nav a")].map((link) =>
    option({
      title: link.textContent.trim(),
      group: "Go to",
      href: link.getAttribute("href"),
      mark: link.querySelector("svg").cloneNode(true),
    }));
  const themes = THEMES.map(([title, theme, icon]) =>
    option({ title, group: "Theme", theme, mark: picture(icon) }));
  return [...rooms, ...themes];
}

function visited() {
  return recents.read().map((one) =>
    option({ ...one, group: `Recent · ${one.group}`, mark: picture("history") }));
}

function matching(items, words) {
  return items.filter((item) => item.dataset.title.toLowerCase().includes(words.toLowerCase()));
}

function options() {
  return [...list.querySelectorAll("[role=option]")];
}

function show(items, words) {
  list.replaceChildren(...items);
  options().forEach((item, index) => {
    item.id = `palette-${index}`;
  });
  selected = 0;
  none.hidden = items.length > 0;
  none.textContent = `Nothing is called “${words}”. Try fewer letters.`;
  mark();
}

function mark() {
  const all = options();
  all.forEach((item, index) => item.setAttribute("aria-selected", String(index === selected)));
  if (all.length) input.setAttribute("aria-activedescendant", all[selected].id);
  else input.removeAttribute("aria-activedescendant");
  all[selected]?.scrollIntoView({ block: "nearest" });
}

async function found(words) {
  const address = `${palette.dataset.search}?q=${encodeURIComponent(words)}`;
  const answer = await fetch(address, { headers: { "X-Requested-With": "palette" } });
  if (!answer.ok) return [];
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return [...page.querySelectorAll("[role=option]")];
}

async function update() {
  const words = input.value.trim();
  const turn = ++asked;
  clearTimeout(waiting);
  if (!words) {
    waiting = 0;
    show([...visited(), ...commands()], "");
    return;
  }
  const entities = await found(words).catch(() => []); // Offline, commands still work.
  if (turn !== asked) return;
  waiting = 0;
  const known = new Set(entities.map((item) => item.dataset.href));
  const more = matching(commands(), words).filter((item) => !known.has(item.dataset.href));
  show([...entities, ...more], words);
}

function openPalette() {
  if (palette.open) return;
  input.value = "";
  palette.showModal();
  update();
}

function follow(item) {
  if (!item) return;
  palette.close();
  if (item.dataset.theme) {
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
