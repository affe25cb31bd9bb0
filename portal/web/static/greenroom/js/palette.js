// Search and commands: Ctrl-K, Cmd-K or "/" anywhere.
const palette = document.getElementById("palette");
const input = palette?.querySelector("input");
const list = palette?.querySelector("[role=listbox]");
const none = palette?.querySelector(".palette-none");
const RECENT_KEY = `greenroom.recent.${palette?.dataset.user ?? ""}`;
const THEMES = [["System theme", "auto"], ["Light theme", "light"], ["Dark theme", "dark"]];
let selected = 0;
let asked = 0;

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
  const entry = { title: title.dataset.recentTitle, group: title.dataset.recent, href: location.pathname };
  recents.write([entry, ...recents.read().filter((one) => one.href !== entry.href)]);
}

function option({ title, group, href = "", theme = "" }) {
  const item = document.createElement("li");
  item.setAttribute("role", "option");
  Object.assign(item.dataset, { href, theme, title, group });
  return item;
}

function dress(item) {
  if (item.childElementCount) return;
  const name = document.createElement("span");
  const group = document.createElement("small");
  name.textContent = item.dataset.title;
  group.textContent = item.dataset.group;
  item.replaceChildren(name, group);
}

function commands() {
  const rooms = [...document.querySelectorAll("#nav a")].map((link) =>
    option({ title: link.textContent.trim(), group: "Go to", href: link.getAttribute("href") }));
  const themes = THEMES.map(([title, theme]) => option({ title, group: "Theme", theme }));
  return [...rooms, ...themes];
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
    dress(item);
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
  if (!words) {
    show([...recents.read().map((one) => option({ ...one, group: `Recent · ${one.group}` })), ...commands()], "");
    return;
  }
  const entities = await found(words).catch(() => []);
  if (turn === asked) show([...entities, ...matching(commands(), words)], words);
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

const KEYS = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  Enter: () => follow(options()[selected]),
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
  let waiting = 0;
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
