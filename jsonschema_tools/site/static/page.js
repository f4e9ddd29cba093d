// The forms of a schema page: they only save a way that links offer as well.
"use strict";
for (const form of document.querySelectorAll(".pick")) {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const names = [...form.elements.old.options].map((option) => option.value);
    let chosen = [form.elements.old.value, form.elements.new.value];
    if (chosen[0] === chosen[1]) return;
    chosen.sort((a, b) => names.indexOf(a) - names.indexOf(b));
    const pair = chosen.map(encodeURIComponent).join("...");
    location.href = form.dataset.pages + (form.dataset.pages.endsWith("#") ? pair : `${pair}.html`);
  });
}
// a field in a folded part is shown when somebody follows a link to it
function unfold() {
  let place = null;
  try { place = document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch { return; }
  if (!place) return;
  for (let up = place.parentElement; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
  place.scrollIntoView();
}
addEventListener("hashchange", unfold);
if (location.hash) unfold();
// what is printed is printed whole
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
// waivers that end soon, or have ended since the site was built
for (const note of document.querySelectorAll("[data-until]")) {
  const days = (Date.parse(note.dataset.until) + 864e5 - Date.now()) / 864e5;
  if (days < 30) {
    note.classList.add("old");
    note.append(days < 0 ? " (ended)" : " (ends soon)");
  }
}
