// Completion in the box above the list: fields and their values, while somebody types.
let box = null;
let popup = null;
let chosen = -1;
let turn = 0;
let waiting = 0;

function options() {
  return popup ? [...popup.children] : [];
}

function close() {
  turn += 1;
  popup?.remove();
  popup = null;
  box?.setAttribute("aria-expanded", "false");
  box?.removeAttribute("aria-activedescendant");
}

function mark(index) {
  const all = options();
  chosen = all.length ? (index + all.length) % all.length : -1;
  all.forEach((item, at) => item.setAttribute("aria-selected", String(at === chosen)));
  if (chosen >= 0) box.setAttribute("aria-activedescendant", all[chosen].id);
  all[chosen]?.scrollIntoView({ block: "nearest" });
}

function show(items) {
  popup?.remove();
  popup = document.createElement("ul");
  popup.id = "completion";
  popup.className = "completion";
  popup.setAttribute("role", "listbox");
  popup.setAttribute("aria-label", "What may stand here");
  items.forEach((item, index) => {
    item.id = `completion-${index}`;
  });
  popup.append(...items);
  // Beside the list, not in it: each swap would take it away.
  const place = box.getBoundingClientRect();
  popup.style.top = `${place.bottom + scrollY + 4}px`;
  popup.style.minWidth = `${place.width}px`;
  if (place.left > innerWidth / 2) popup.style.right = `${document.documentElement.clientWidth - place.right}px`;
  else popup.style.left = `${place.left + scrollX}px`;
  document.body.append(popup);
  box.setAttribute("aria-expanded", "true");
  chosen = -1;
  popup.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // The box keeps the focus.
    const item = event.target.closest("[role=option]");
    if (item) accept(item);
  });
}

async function update() {
  const now = ++turn;
  const at = box.selectionStart ?? box.value.length;
  const query = new URLSearchParams({ q: box.value, at: String(at) });
  const answer = await fetch(`${box.dataset.complete}?${query}`).catch(() => null);
  if (now !== turn || !answer?.ok || document.activeElement !== box) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const items = [...page.querySelectorAll("[role=option]")];
  if (now !== turn) return;
  if (items.length) show(items);
  else close();
}

function accept(item) {
  const { insert, start, end, goesOn } = item.dataset;
  const rest = box.value.slice(Number(end));
  const gap = goesOn === "true" || rest.startsWith(" ") ? "" : " ";
  const before = box.value.slice(0, Number(start)) + insert + gap;
  box.value = before + rest;
  box.setSelectionRange(before.length, before.length);
  close();
  // Half a condition is no query yet: the list waits until there is a value.
  if (goesOn !== "true") box.dispatchEvent(new Event("input", { bubbles: true }));
  else update();
}

const KEYS = {
  ArrowDown: () => mark(chosen + 1),
  ArrowUp: () => mark(chosen < 0 ? -1 : chosen - 1),
  Escape: close,
};

document.addEventListener("focusin", (event) => {
  if (!event.target.matches?.("[data-complete]")) return;
  box = event.target;
});
document.addEventListener("focusout", (event) => {
  if (event.target === box) close();
});
document.addEventListener("input", (event) => {
  if (event.target !== box || !event.isTrusted) return;
  clearTimeout(waiting);
  waiting = setTimeout(update, 120);
});
document.addEventListener("keydown", (event) => {
  if (event.target !== box) return;
  if (event.key === "ArrowDown" && !popup) {
    event.preventDefault();
    update();
    return;
  }
  if (!popup) return;
  const takes = (event.key === "Enter" || event.key === "Tab") && chosen >= 0;
  if (!takes && !KEYS[event.key]) return;
  event.preventDefault();
  event.stopPropagation();
  if (takes) accept(options()[chosen]);
  else KEYS[event.key]();
}, true);
