// An open page notices by itself that the catalog changed. It asks for one number every
// five seconds while it is in sight (304 while nothing happens), and compares its own text
// before it says anything: a change elsewhere is no news here. A reader who comes back to
// the tab finds it up to date; one who is looking at it is asked first.
const EVERY = 5000;
const SLOWEST = 60000;
const chip = document.querySelector("[data-live-refresh]");
const watched = () => document.querySelector("main[data-live]");

let known = null;
let timer = 0;
let wait = EVERY;
let fresh = null;

async function ask(isBack) {
  clearTimeout(timer);
  const main = watched();
  if (!main || document.hidden) return;
  try {
    const answer = await fetch(main.dataset.live, { redirect: "manual" });
    // Signed out meanwhile: the next click leads to the login.
    if (answer.type === "opaqueredirect" || answer.status === 403) return;
    if (!answer.ok) throw new Error(answer.statusText);
    const now = await answer.text();
    if (known !== null && now !== known) await look(isBack);
    known = now;
    wait = EVERY;
  } catch {
    wait = Math.min(wait * 2, SLOWEST);
  }
  clearTimeout(timer);
  timer = setTimeout(ask, wait);
}

// The page as it would be now; null if it says the same, or has led elsewhere.
async function look(isBack) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (answer.status >= 500) throw new Error(answer.statusText);
  const text = await answer.text();
  const main = new DOMParser().parseFromString(text, "text/html").getElementById("main");
  fresh = main && !answer.redirected && saysMore(main) ? main : null;
  if (fresh && isBack && isIdle()) show();
  else chip.hidden = !fresh;
}

// Ages are kept by the page itself; all else that one can read counts.
function words(main) {
  const copy = main.cloneNode(true);
  for (const time of copy.querySelectorAll("time")) time.remove();
  return copy.textContent.replace(/\s+/g, " ");
}

function saysMore(main) {
  return words(main) !== words(watched());
}

// Nothing is being typed, selected, confirmed or looked up.
function isIdle() {
  const at = document.activeElement;
  const types = at?.matches("input:not([type=checkbox]), textarea, select");
  return !types && !document.querySelector("dialog[open]") && getSelection().isCollapsed;
}

// The new text in place of the old, under the same scroll, folds, words and focus.
function show() {
  const main = watched();
  const open = [...main.querySelectorAll("details[id][open]")].map((one) => one.id);
  const shut = [...main.querySelectorAll("details[id]:not([open])")].map((one) => one.id);
  const typed = [...main.querySelectorAll("input[id][type=search]")].map((one) => [one.id, one.value]);
  const place = placeOf(document.activeElement, main);
  const next = document.importNode(fresh, true);
  const { scrollX, scrollY } = window;
  main.replaceChildren(...next.childNodes);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  for (const id of shut) document.getElementById(id)?.removeAttribute("open");
  for (const [id, value] of typed) {
    const field = document.getElementById(id);
    if (field) field.value = value;
  }
  window.htmx?.process(main);
  scrollTo(scrollX, scrollY);
  fresh = null;
  chip.hidden = true;
  find(place, main)?.focus({ preventScroll: true });
  document.dispatchEvent(new CustomEvent("greenroom:shown"));
}

function placeOf(element, main) {
  if (element === chip) return { main: true };
  if (!element || !main.contains(element)) return null;
  return { id: element.id, href: element.getAttribute("href") };
}

function find(place, main) {
  if (!place) return null;
  if (place.main) return main;
  const same = place.id && document.getElementById(place.id);
  return same || (place.href && main.querySelector(`a[href="${CSS.escape(place.href)}"]`)) || main;
}

if (chip && watched()) {
  chip.addEventListener("click", () => (fresh ? show() : location.reload()));
  document.addEventListener("visibilitychange", () => ask(true));
  addEventListener("pageshow", (event) => event.persisted && ask(true));
  // What a filter or a page link brought is of now; an older answer must not undo it.
  document.addEventListener("htmx:afterSwap", () => {
    fresh = null;
    chip.hidden = true;
  });
  ask(false);
}
