// Shows events as they come, and those that were refused with the field that is wrong.
'use strict';

const MOST = 500;
const list = document.getElementById('events');
const detail = document.getElementById('detail');
const filter = document.getElementById('filter');
const paused = document.getElementById('paused');
const state = document.getElementById('state');
let lastRefused = 0;

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function streamOf(event) {
  return String((event && event.meta && event.meta.stream) || '(no stream)');
}

function matches(item) {
  return item.dataset.stream.includes(filter.value.trim());
}

function add(event, problems) {
  if (paused.checked) return;
  const item = element('li');
  item.dataset.stream = streamOf(event);
  const button = element('button', undefined, problems ? 'refused' : '');
  button.type = 'button';
  const title = event && typeof event === 'object' ? event.$schema : JSON.stringify(event);
  button.append(element('time', new Date().toLocaleTimeString()), element('span', streamOf(event), 'stream'));
  if (title) button.append(element('span', title, 'schema'));
  if (problems) button.append(element('span', `refused: ${problems.map((p) => `${p.dataPath || ''} ${p.message}`.trim()).join(', ')}`, 'why'));
  button.addEventListener('click', () => show(button, event, problems));
  item.append(button);
  item.hidden = !matches(item);
  list.prepend(item);
  while (list.children.length > MOST) list.lastChild.remove();
}

// Writes JSON line by line, and marks the lines of the fields that are wrong.
function json(value, paths) {
  const pre = element('pre');
  const write = (part, path, indent, before, after) => {
    const wrong = paths.has(path);
    const line = (text) => {
      const node = wrong ? element('mark', text) : document.createTextNode(text);
      pre.append(node, '\n');
    };
    const inner = `${indent}  `;
    if (Array.isArray(part) && part.length) {
      line(`${indent}${before}[`);
      part.forEach((one, i) => write(one, `${path}[${i}]`, inner, '', i + 1 < part.length ? ',' : ''));
      line(`${indent}]${after}`);
    } else if (part && typeof part === 'object' && !Array.isArray(part) && Object.keys(part).length) {
      line(`${indent}${before}{`);
      const names = Object.keys(part);
      names.forEach((name, i) => {
        const step = /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name) ? `.${name}` : `['${name}']`;
        write(part[name], path + step, inner, `${JSON.stringify(name)}: `, i + 1 < names.length ? ',' : '');
      });
      line(`${indent}}${after}`);
    } else {
      line(`${indent}${before}${JSON.stringify(part)}${after}`);
    }
  };
  write(value, '', '', '', '');
  return pre;
}

function wrongPaths(problems) {
  const paths = new Set();
  for (const problem of problems || []) {
    const extra = problem.params && problem.params.additionalProperty;
    paths.add((problem.dataPath || '') + (extra ? (/^[A-Za-z_$][\w$]*$/.test(extra) ? `.${extra}` : `['${extra}']`) : ''));
  }
  return paths;
}

async function show(button, event, problems) {
  for (const other of list.querySelectorAll('[aria-current]')) other.removeAttribute('aria-current');
  button.setAttribute('aria-current', 'true');
  detail.replaceChildren(element('h2', streamOf(event)));
  for (const problem of problems || []) {
    const hint = problem.hint ? ` (${problem.hint})` : '';
    detail.append(element('p', `${problem.dataPath || ''} ${problem.message}${hint}`.trim(), 'refused'));
  }
  detail.append(json(event, wrongPaths(problems)));
  const uri = event && event.$schema;
  if (typeof uri === 'string' && uri.startsWith('/')) {
    const answer = await fetch(`/schemas${uri.split('#')[0]}`);
    if (answer.ok) detail.append(element('h2', uri), element('pre', await answer.text()));
  }
}

async function lookForRefused() {
  try {
    const answer = await fetch(`/_refused?after=${lastRefused}`);
    for (const { id, item } of await answer.json()) {
      lastRefused = Math.max(lastRefused, id);
      add(item.event, item.context.errors || [{ message: item.context.message }]);
    }
  } catch {
    // the intake is away; the event source says so
  }
}

filter.addEventListener('input', () => {
  for (const item of list.children) item.hidden = !matches(item);
});
const source = new EventSource(`/v2/stream?since=${Date.now() - 3600000}`);
function say(text, kind) {
  state.textContent = text;
  state.className = `badge ${kind}`;
}
source.addEventListener('open', () => say('connected', 'good'));
source.addEventListener('error', () => say('not connected', 'bad'));
source.addEventListener('message', (message) => add(JSON.parse(message.data), null));
setInterval(lookForRefused, 1000);
lookForRefused();
