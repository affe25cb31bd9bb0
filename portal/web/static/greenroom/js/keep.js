// A part that renews itself leaves folds, focus and what is being confirmed as they are.
const reachable = "a[href], button, summary, input, select, [tabindex]";
let kept = null;

document.addEventListener("htmx:beforeSwap", (event) => {
  const target = event.detail.target;
  if (!target?.id || !target.matches("[hx-trigger^='every']")) return;
  if (document.querySelector("dialog[open]")) {
    event.detail.shouldSwap = false;
    return;
  }
  const open = [...target.querySelectorAll("details[id][open]")].map((one) => one.id);
  const place = [...target.querySelectorAll(reachable)].indexOf(document.activeElement);
  kept = { id: target.id, open, place };
});

document.addEventListener("htmx:afterSwap", () => {
  if (!kept) return;
  for (const id of kept.open) document.getElementById(id)?.setAttribute("open", "");
  const part = document.getElementById(kept.id);
  if (kept.place >= 0) part?.querySelectorAll(reachable)[kept.place]?.focus({ preventScroll: true });
  kept = null;
});
