// Lines of the schema under the pointer or the focus stand out.
"use strict";
const lines = [...document.querySelectorAll(".graph path")];
function light(name) {
  for (const line of lines) {
    line.classList.toggle("lit", name !== null && (line.dataset.user === name || line.dataset.used === name));
  }
}
for (const box of document.querySelectorAll(".graph a")) {
  for (const kind of ["mouseenter", "focus"]) box.addEventListener(kind, () => light(box.dataset.name));
  for (const kind of ["mouseleave", "blur"]) box.addEventListener(kind, () => light(null));
}
