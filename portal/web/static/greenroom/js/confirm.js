// Forms with data-confirm ask first, in a native dialog. Without script they just submit.
const dialog = document.getElementById("confirm");

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!dialog || !form.dataset.confirm || form.dataset.confirmed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  dialog.querySelector("[data-confirm-title]").textContent = form.dataset.confirm;
  dialog.querySelector("[data-confirm-text]").textContent = form.dataset.confirmText ?? "";
  dialog.querySelector("[value=yes]").textContent = form.dataset.confirmYes ?? "Continue";
  dialog.returnValue = "";
  dialog.addEventListener("close", () => answer(form, event.submitter), { once: true });
  dialog.showModal();
}, true);

function answer(form, submitter) {
  if (dialog.returnValue !== "yes") return;
  form.dataset.confirmed = "yes";
  form.requestSubmit(submitter);
  delete form.dataset.confirmed;
}
