// The box in which an event is tried against the version of the page.
"use strict";
(() => {
  const section = document.getElementById("try");
  const button = document.getElementById("validate");
  const verdict = document.getElementById("verdict");
  const text = document.getElementById("event");
  let loading = null;
  // a reload keeps what somebody typed
  if (text.value === "") text.value = document.querySelector("#example code").textContent.trimEnd();

  // a script, as pages from the disk may not fetch
  function load() {
    loading ??= new Promise((resolve, reject) => {
      globalThis.receiveSchema = (received) => resolve(received);
      const script = document.createElement("script");
      script.src = section.dataset.schema;
      script.addEventListener("error", () => { loading = null; reject(new Error("the schema could not be loaded")); });
      document.head.append(script);
    });
    return loading;
  }

  function add(parent, tag, content, kind) {
    const element = document.createElement(tag);
    element.textContent = content;
    if (kind) element.className = kind;
    parent.append(element);
    return element;
  }

  function show(found) {
    if (found.length === 0) { add(verdict, "p", "This event is valid.", "valid"); return; }
    add(verdict, "p", found.length === 1 ? "This event is not valid." : `This event is not valid, for ${found.length} reasons.`, "invalid");
    const list = add(verdict, "ul", "");
    for (const problem of found.slice(0, 100)) {
      const item = add(list, "li", "");
      add(item, "code", problem.path || "the event");
      item.append(` ${problem.message}`);
    }
  }

  button.addEventListener("click", async () => {
    verdict.replaceChildren();
    let event;
    try { event = JSON.parse(text.value); } catch (error) { add(verdict, "p", `This is not JSON: ${error.message}`, "invalid"); return; }
    try {
      const received = await load();
      if (received.unusable) throw new SchemaValidator.UnusableSchema(received.unusable);
      show(SchemaValidator.problems(received.schema, event, SCHEMA_FORMATS, received.documents));
    } catch (error) {
      const unusable = error instanceof SchemaValidator.UnusableSchema;
      add(verdict, "p", unusable ? `No event can use this version: ${error.message}` : `This could not be tried: ${error.message}`, "invalid");
    }
  });
})();
