// Ages stay true while a page is open; the exact time stands in the reader's zone.
const STEPS = [
  [365 * 86400, "y"],
  [30 * 86400, "mo"],
  [86400, "d"],
  [3600, "h"],
  [60, "min"],
];
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

function ageOf(moment, suffix) {
  const seconds = (Date.now() - moment) / 1000;
  for (const [size, unit] of STEPS) {
    if (seconds >= size) return `${Math.floor(seconds / size)} ${unit}${suffix}`;
  }
  return "just now";
}

function refresh() {
  for (const time of document.querySelectorAll("time[data-age]")) {
    const moment = new Date(time.dateTime);
    if (moment > Date.now() + 60000) continue;
    const text = ageOf(moment, time.dataset.age);
    if (time.textContent !== text) time.textContent = text;
    time.title = exact.format(moment);
  }
}

refresh();
setInterval(refresh, 30000);
document.addEventListener("htmx:afterSettle", refresh);
document.addEventListener("greenroom:shown", refresh);
