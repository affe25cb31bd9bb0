// The menu of phones closes when one of its links is followed; toasts can be put away.
const menu = document.getElementById("nav");

menu?.addEventListener("click", (event) => {
  if (event.target.closest("a") && menu.matches(":popover-open")) menu.hidePopover();
});

document.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss]")?.closest("[data-dismissible]")?.remove();
});
