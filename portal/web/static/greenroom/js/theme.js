// Runs before the first paint: the reader's own choice of theme wins over the account's.
(() => {
  const root = document.documentElement;
  let choice = root.dataset.theme;
  try {
    choice = localStorage.getItem("greenroom.theme") || choice;
  } catch {
    // No storage in this browser: the account's choice stays.
  }
  root.dataset.theme = choice;
  root.dataset.choice = choice;
  root.classList.add("js");
})();
