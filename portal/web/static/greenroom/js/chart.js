// A cursor over charts: pointer, arrow keys and touch read the nearest point.
const named = { p50: 2, p95: 3 };

function pointsOf(chart) {
  return chart.dataset.points.split(" ").map((one) => one.split(","));
}

function read(box, chart, at) {
  const points = pointsOf(chart);
  const index = Math.max(0, Math.min(points.length - 1, at));
  const point = points[index];
  box.dataset.at = index;
  const line = chart.querySelector(".cursor") ?? chart.appendChild(
    document.createElementNS("http://www.w3.org/2000/svg", "path"));
  line.setAttribute("class", "cursor");
  line.setAttribute("d", `M${point[0]} 0V100`);
  const out = box.querySelector("[data-chart-time]");
  out.textContent = point[1].replace("T", " ");
  for (const [name, place] of Object.entries(named)) {
    const value = Number(point[place]);
    const text = point[place] === "" ? "no answer" : value >= 1000 ? `${(value / 1000).toFixed(1)} s` : `${value} ms`;
    box.querySelector(`[data-chart-${name}]`).textContent = text;
  }
  box.querySelector("[data-chart-looks]").textContent = `${point[4]} look${point[4] === 1 ? "" : "s"}${point[5] > 0 ? `, ${point[5]} failed` : ""}`;
}

function nearest(chart, event) {
  const frame = chart.getBoundingClientRect();
  const x = (event.clientX - frame.left) / frame.width * chart.viewBox.baseVal.width;
  const points = pointsOf(chart);
  let best = 0;
  points.forEach((point, index) => {
    if (Math.abs(point[0] - x) < Math.abs(points[best][0] - x)) best = index;
  });
  return best;
}

document.addEventListener("pointermove", (event) => {
  const chart = event.target.closest?.(".chart");
  if (chart) read(chart.closest("[data-chart]"), chart, nearest(chart, event));
});

document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.("[data-chart]");
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const chart = box?.querySelector(".chart");
  if (!chart || !step) return;
  event.preventDefault();
  const last = pointsOf(chart).length - 1;
  read(box, chart, Number(box.dataset.at ?? last + (step < 0 ? 1 : 0)) + step);
});
