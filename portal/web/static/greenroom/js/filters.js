// What the reader folded open and where they typed stays so when htmx swaps the list.
let open = [];
let focused = "";

document.addEventListener("htmx:beforeSwap", () => {
  open = [...document.querySelectorAll("details[id][open]")].map((one) => one.id);
  focused = document.activeElement?.id ?? "";
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  const field = focused && document.getElementById(focused);
  if (field && field !== document.activeElement) field.focus({ preventScroll: true });
});

// Half a condition is no mistake yet: while somebody types, the last good list stays, and
// what is wrong is said when they press Enter, leave the box, or pause.
const PAUSE = 1200;
let typedAt = 0;
let told = 0;
let isHeld = false;

function tell(box) {
  clearTimeout(told);
  if (!isHeld || !box.isConnected) return;
  isHeld = false;
  typedAt = 0;
  box.dispatchEvent(new Event("search", { bubbles: true }));
}

document.addEventListener("input", (event) => {
  if (!event.target.matches?.("#q")) return;
  typedAt = Date.now();
  isHeld = false;
  clearTimeout(told);
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  const box = requestConfig?.triggeringEvent?.target;
  if (!box?.matches?.("#q") || !typedAt || !xhr.getResponseHeader("X-Query-Wrong")) return;
  const rest = typedAt + PAUSE - Date.now();
  if (rest <= 0 || document.activeElement !== box) return;
  event.detail.shouldSwap = false;
  isHeld = true;
  told = setTimeout(() => tell(box), rest);
});
document.addEventListener("focusout", (event) => {
  if (event.target.matches?.("#q")) tell(event.target);
});
