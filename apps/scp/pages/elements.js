// Creates and updates elements. Text from peers is always set as text, never as markup.

export const byId = (id) => document.getElementById(id);

export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  Object.assign(made, properties);
  made.append(...children);
  return made;
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Updates children by key. Existing ones are kept, so that focus, clicks and selections are not lost. */
export function keep(parent, items, { key, make, update }) {
  const known = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const wanted = new Set(items.map((item) => String(key(item))));
  for (const [name, child] of known) if (!wanted.has(name)) child.remove();
  let next = parent.firstElementChild;
  for (const item of items) {
    const name = String(key(item));
    let child = known.get(name);
    if (!child) {
      child = make(item);
      child.dataset.key = name;
    }
    update(child, item);
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
}

export function bytes(count) {
  if (count < 1000) return `${Math.round(count)} B`;
  if (count < 1e6) return `${(count / 1e3).toFixed(1)} kB`;
  if (count < 1e9) return `${(count / 1e6).toFixed(1)} MB`;
  return `${(count / 1e9).toFixed(2)} GB`;
}

export function milliseconds(count) {
  if (count >= 10_000) return `${(count / 1000).toFixed(1)} s`;
  return count < 10 ? `${count.toFixed(1)} ms` : `${Math.round(count)} ms`;
}

// Created once, because creating it is slow.
const CLOCK = new Intl.DateTimeFormat([], { timeStyle: 'medium', hourCycle: 'h23' });
export const clock = (time) => CLOCK.format(time);

/** `1 instance`, `2 instances` */
export const counted = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/** Fills the table of a section with texts. Each cell also has the label of its column, for small screens. */
export function fill(section, rows) {
  const labels = [...section.querySelectorAll('th')].map((head) => head.textContent);
  const cellOf = (text, index) => {
    const cell = element('td', { textContent: text });
    cell.dataset.label = labels[index];
    return cell;
  };
  section.querySelector('tbody').replaceChildren(...rows.map((cells) => element('tr', {}, ...cells.map(cellOf))));
}

// Created once, because creating it is slow.
const DAY = new Intl.DateTimeFormat([], { dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23' });

/** The time, with the date unless it is today. */
export function moment(time) {
  if (time === undefined) return '–';
  return new Date(time).toDateString() === new Date().toDateString() ? clock(time) : DAY.format(time);
}
