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
