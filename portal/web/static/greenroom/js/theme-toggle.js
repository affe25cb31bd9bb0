// The three-state theme button: system, light, dark.
const CHOICES = ["auto", "light", "dark"];
const SPOKEN = { auto: "system", light: "light", dark: "dark" };

function choose(choice) {
  const root = document.documentElement;
  root.dataset.theme = choice;
  root.dataset.choice = choice;
  try {
    localStorage.setItem("greenroom.theme", choice);
  } catch {
    // No storage: the choice lasts for this page.
  }
  name(choice);
}

function name(choice) {
  const label = `Colour theme: ${SPOKEN[choice]}`;
  for (const button of document.querySelectorAll("[data-theme-toggle]")) {
    button.setAttribute("aria-label", label);
    button.title = label;
  }
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-toggle]")) return;
  const now = CHOICES.indexOf(document.documentElement.dataset.choice);
  choose(CHOICES[(now + 1) % CHOICES.length]);
});
document.addEventListener("greenroom:theme", (event) => choose(event.detail));
name(document.documentElement.dataset.choice);
