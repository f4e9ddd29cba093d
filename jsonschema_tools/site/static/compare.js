// Any two versions of a schema, named after the `#` of the address: words, verdict, fields, text.
"use strict";
(() => {
  const { versions, lines, fields, words, pairs } = VERSIONS;
  const form = document.querySelector(".pick");
  const place = document.getElementById("comparison");
  const names = versions.map((version) => version.name);
  const CONTEXT = 3; // lines around a change, as `diff -u` has them
  const MOST_CELLS = 2e7; // of the table that finds what two texts have in common
  const MOST_LINES = 1500; // that are shown; the files are there for the rest

  function make(tag, content = "", kind = "") {
    const element = document.createElement(tag);
    element.textContent = content;
    if (kind) element.className = kind;
    return element;
  }

  // what is between backticks is code; a name with a backtick in it leaves the line as it is
  function inline(line) {
    const item = make("li");
    const spans = line.split("`");
    if (spans.length % 2 === 0) item.append(line);
    else spans.forEach((span, index) => item.append(index % 2 ? make("code", span) : span));
    return item;
  }

  // pairs are in the order 0-1, 0-2, ..., 1-2, ...
  function pair(old, now) {
    return pairs[old * names.length - (old * (old + 1)) / 2 + (now - old - 1)];
  }

  function showWords([kind, verdict, groups]) {
    const badge = place.querySelector(".badge");
    badge.className = `badge ${words[kind]}`;
    badge.textContent = words[verdict];
    const section = document.getElementById("changes");
    section.replaceChildren(section.firstElementChild);
    for (const [heading, said] of groups) {
      const list = make("ul");
      list.append(...said.map((word) => inline(words[word])));
      section.append(make("p", words[heading], "kind"), list);
    }
    if (groups.length === 0) section.append(make("p", "Nothing."));
  }

  function state(before, after) {
    if (!before || !after) return before ? "removed" : "added";
    if (before[1] !== after[1]) return "changed";
    return before[2] === after[2] ? "same" : "reworded";
  }

  function row(before, after) {
    const kind = state(before, after);
    const element = make("tr", "", kind === "same" ? "" : kind);
    const head = make("th", (after ?? before)[0]);
    head.scope = "row";
    const cells = kind === "same" ? [make("td", after[1])] : [make("td", before?.[1]), make("td", after?.[1])];
    if (kind === "same") cells[0].colSpan = 2;
    element.append(head, ...cells, make("td", kind));
    return [kind === "same", element];
  }

  function showFields(old, now) {
    const [before, after] = [old, now].map((one) => new Map(one.fields.map((number) => [fields[number][0], fields[number]])));
    const rows = [...after].map(([path, field]) => row(before.get(path), field));
    for (const [path, field] of before) if (!after.has(path)) rows.push(row(field, undefined));
    const head = make("tr");
    for (const label of ["Field", old.name, now.name, "Change"]) head.append(Object.assign(make("th", label), { scope: "col" }));
    place.querySelector("thead").replaceChildren(head);
    const ordered = [false, true].flatMap((same) => rows.filter((one) => one[0] === same));
    place.querySelector("tbody").replaceChildren(...ordered.map((one) => one[1]));
  }

  // [sign, line] for each line of both texts, by their longest common subsequence
  function compared(old, now) {
    let start = 0;
    let [end, last] = [old.length, now.length];
    while (start < end && start < last && old[start] === now[start]) start += 1;
    while (end > start && last > start && old[end - 1] === now[last - 1]) { end -= 1; last -= 1; }
    const middle = different(old.slice(start, end), now.slice(start, last));
    const same = (line) => [" ", line];
    return [...old.slice(0, start).map(same), ...middle, ...old.slice(end).map(same)];
  }

  function different(old, now) {
    const width = now.length + 1;
    if ((old.length + 1) * width > MOST_CELLS) return [...old.map((line) => ["-", line]), ...now.map((line) => ["+", line])];
    const length = new Uint32Array((old.length + 1) * width);
    for (let i = old.length - 1; i >= 0; i -= 1) {
      for (let j = now.length - 1; j >= 0; j -= 1) {
        const [below, beside] = [length[(i + 1) * width + j], length[i * width + j + 1]];
        length[i * width + j] = old[i] === now[j] ? length[(i + 1) * width + j + 1] + 1 : Math.max(below, beside);
      }
    }
    const found = [];
    let [i, j] = [0, 0];
    while (i < old.length || j < now.length) {
      if (i < old.length && j < now.length && old[i] === now[j]) { found.push([" ", old[i]]); i += 1; j += 1; }
      else if (j >= now.length || (i < old.length && length[(i + 1) * width + j] >= length[i * width + j + 1])) { found.push(["-", old[i]]); i += 1; }
      else { found.push(["+", now[j]]); j += 1; }
    }
    return found;
  }

  function unified(found) {
    const near = new Uint8Array(found.length);
    found.forEach(([sign], index) => {
      if (sign !== " ") near.fill(1, Math.max(0, index - CONTEXT), index + CONTEXT + 1);
    });
    const shown = [];
    let [before, after] = [0, 0];
    for (let index = 0; index < found.length; index += 1) {
      if (near[index] && !near[index - 1]) {
        let end = index;
        while (near[end]) end += 1;
        const hunk = found.slice(index, end);
        const [left, right] = ["+", "-"].map((other) => hunk.filter(([sign]) => sign !== other).length);
        shown.push(["hunk", `@@ -${range(before, left)} +${range(after, right)} @@`]);
      }
      const [sign, line] = found[index];
      if (near[index]) shown.push([{ "+": "add", "-": "del" }[sign] ?? "same", `${sign}${lines[line]}`]);
      if (sign !== "+") before += 1;
      if (sign !== "-") after += 1;
    }
    return shown;
  }

  function range(start, count) {
    if (count === 1) return `${start + 1}`;
    return count ? `${start + 1},${count}` : `${start},0`;
  }

  function showText(old, now) {
    const shown = unified(compared(old.lines, now.lines));
    const text = document.querySelector(".udiff");
    text.replaceChildren(...shown.slice(0, MOST_LINES).map(([kind, line]) => make("span", line, kind)));
    text.nextElementSibling?.remove();
    if (shown.length > MOST_LINES) text.after(make("p", "This is only the beginning; compare the files for the rest."));
  }

  function link(name) {
    const element = make("a", name);
    element.href = `${place.dataset.folder}/${encodeURIComponent(name)}.html`;
    return element;
  }

  function show() {
    const asked = location.hash.slice(1).split("...").map(decodeURIComponent);
    const found = asked.map((name) => names.indexOf(name)).sort((a, b) => a - b);
    const [old, now] = found.length === 2 && found[0] >= 0 && found[0] !== found[1] ? found : [names.length - 2, names.length - 1];
    form.elements.old.value = names[old];
    form.elements.new.value = names[now];
    const heading = `${names[old]} to ${names[now]}`;
    document.querySelector("h1").textContent = heading;
    document.title = document.title.replace(/: .*? · /, () => `: ${heading} · `);
    document.getElementById("sides").replaceChildren("From ", link(names[old]), " to ", link(names[now]), ".");
    showWords(pair(old, now));
    showFields(versions[old], versions[now]);
    showText(versions[old], versions[now]);
    place.hidden = false;
  }

  form.addEventListener("change", () => {
    const chosen = [form.elements.old.value, form.elements.new.value];
    if (chosen[0] !== chosen[1]) location.hash = chosen.map(encodeURIComponent).join("...");
  });
  addEventListener("hashchange", show);
  form.hidden = false;
  show();
})();
