// YAML files dropped on a text field are read into it, several joined as one stream.
const JOINT = "\n---\n";

async function fill(field, files) {
  const texts = await Promise.all([...files].map((file) => file.text()));
  const before = field.value.trim() ? [field.value.trimEnd()] : [];
  field.value = [...before, ...texts.map((text) => text.trimEnd())].join(JOINT) + "\n";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

function fieldOf(event) {
  return event.target.closest?.("[data-drop]")?.querySelector("textarea");
}

document.addEventListener("dragover", (event) => {
  if (!fieldOf(event)) return;
  event.preventDefault();
  event.target.closest("[data-drop]").classList.add("over");
});
document.addEventListener("dragleave", (event) => {
  event.target.closest?.("[data-drop]")?.classList.remove("over");
});
document.addEventListener("drop", (event) => {
  const field = fieldOf(event);
  if (!field || !event.dataTransfer.files.length) return;
  event.preventDefault();
  event.target.closest("[data-drop]").classList.remove("over");
  fill(field, event.dataTransfer.files);
});
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-drop] input[type=file]")) return;
  fill(fieldOf(event), event.target.files);
  event.target.value = "";
});
