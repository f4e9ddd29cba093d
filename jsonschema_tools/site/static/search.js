// Search in titles, fields and descriptions, as one types; nothing is fetched.
"use strict";
(() => {
  const form = document.getElementById("search");
  const input = document.getElementById("q");
  const results = document.getElementById("results");
  const catalogue = document.getElementById("catalogue");
  const status = document.getElementById("status");
  const filters = form.querySelector(".filters");
  const schemas = SEARCH_DATA;
  const words = (text) => text.toLowerCase().split(/[^\p{L}\p{N}$]+/u).filter(Boolean);
  const index = new MiniSearch({
    fields: ["title", "fields", "text"],
    // a name is found whole, and by each of its words
    tokenize: (text) => text.split(/[\s.,;:()[\]{}"'`]+/).flatMap((name) => [name.toLowerCase(), ...words(name)]).filter(Boolean),
    searchOptions: { prefix: true, fuzzy: (term) => (term.length > 4 ? 0.2 : false), boost: { title: 6, fields: 2 }, combineWith: "AND" },
  });
  index.addAll(schemas.map((schema, id) => ({ id, title: schema.title, fields: schema.fields.join(" "), text: schema.text })));

  function allowed(schema) {
    const { elements } = form;
    if (schema.fragment ? !elements.fragments.checked : !elements.events.checked) return false;
    if (schema.deprecated && !elements.deprecated.checked) return false;
    return !(elements.streams && elements.streams.checked) || schema.streams > 0;
  }

  function element(tag, content, kind) {
    const made = document.createElement(tag);
    if (kind) made.className = kind;
    made.textContent = content;
    return made;
  }

  function row(schema, terms) {
    const item = element("li", "", "row");
    const link = element("a", schema.title, "name");
    link.href = schema.page;
    const badges = element("span", "", "badges");
    if (schema.latest) badges.append(element("span", schema.latest, "badge version"));
    if (schema.streams) badges.append(element("span", schema.streams === 1 ? "1 stream" : `${schema.streams} streams`, "badge"));
    if (schema.fragment) badges.append(element("span", "fragment", "badge soft"));
    if (schema.deprecated) badges.append(element("span", "deprecated", "badge warn"));
    item.append(link, " ", badges);
    if (schema.text) item.append(element("p", schema.text));
    const matching = schema.fields.filter((field) => terms.some((term) => field.toLowerCase().includes(term))).slice(0, 6);
    if (matching.length) {
      const line = element("p", "fields: ");
      matching.forEach((field, position) => {
        const target = element("a", field);
        target.href = `${schema.page}#${encodeURIComponent(`field-${field.replace(/\s/g, "_")}`)}`;
        line.append(position ? ", " : "", target);
      });
      item.append(line);
    }
    return item;
  }

  function filterCatalogue() {
    const byTitle = new Map(schemas.map((schema) => [schema.title, schema]));
    for (const group of document.querySelectorAll(".group")) {
      let shown = 0;
      for (const item of group.querySelectorAll(".row")) {
        const schema = byTitle.get(item.querySelector(".name").textContent);
        item.hidden = schema !== undefined && !allowed(schema);
        shown += item.hidden ? 0 : 1;
      }
      group.hidden = shown === 0;
    }
  }

  function update() {
    const query = input.value.trim();
    results.hidden = query === "";
    catalogue.hidden = query !== "";
    if (query === "") { filterCatalogue(); status.textContent = ""; results.replaceChildren(); return; }
    const found = index.search(query).filter((hit) => allowed(schemas[hit.id]));
    status.textContent = found.length === 1 ? "1 schema found" : `${found.length} schemas found`;
    results.replaceChildren(...found.slice(0, 50).map((hit) => row(schemas[hit.id], [query.toLowerCase(), ...hit.terms])));
  }

  filters.hidden = false;
  input.addEventListener("input", update);
  filters.addEventListener("change", update); // not those of the input: they would take a link away from under a click
  form.addEventListener("submit", (event) => event.preventDefault());
  const asked = new URLSearchParams(location.search).get("q");
  if (asked) input.value = asked;
  update();
})();
