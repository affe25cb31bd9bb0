// Copy buttons. Over plain HTTP there is no clipboard interface, so the text is selected
// and copied the old way.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  const source = button && document.querySelector(button.dataset.copy);
  if (!source) return;
  // What lies folded is not drawn, and has no inner text.
  const text = source.value ?? (source.innerText || source.textContent);
  const done = copyText(text, button);
  say(button, done ? "Copied" : "Press Ctrl-C to copy");
  if (!done) getSelection().selectAllChildren(source);
});

function copyText(text, button) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "vh";
  (button.closest("dialog") ?? document.body).append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  button.focus();
  return done;
}

function say(button, message) {
  const place = button.querySelector("[data-copy-label]") ?? button;
  const before = place.textContent;
  if (place.dataset.said) return;
  place.dataset.said = "yes";
  place.textContent = message;
  setTimeout(() => {
    place.textContent = before;
    delete place.dataset.said;
  }, 1600);
}
