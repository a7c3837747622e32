// The live page: associations as they come and go, one of them in detail, the keyboard.

import { byId, bytes, clock, counted, element, keep, setText } from './elements.js';
import { addRates, setHistory, showFigures, switchSpan } from './figures.js';
import { extendLadder, forgetLadders, showLadders } from './ladder.js';
import { showRecords } from './records.js';

const associations = new Map();
let selected;
let contexts = [];
let isPaused = false;
let stream;

function listen() {
  stream?.close();
  stream = new EventSource(selected ? `events?association=${encodeURIComponent(selected)}` : 'events');
  stream.addEventListener('open', () => say('live', 'live'));
  stream.addEventListener('error', () => say('lost', 'the archive does not answer; retrying …'));
  stream.addEventListener('all', ({ data }) => {
    const all = JSON.parse(data);
    setText(byId('title'), all.aeTitle);
    document.title = `${all.aeTitle} – dimse-scp`;
    setHistory(all.history);
    associations.clear();
    for (const association of all.associations) associations.set(association.id, association);
    forgetLadders((id) => associations.has(id));
    take(all.detail);
    if (selected && !associations.has(selected)) select(undefined);
    show();
  });
  stream.addEventListener('changes', ({ data }) => {
    const { associations: changed, detail, gone, rates, point } = JSON.parse(data);
    for (const association of changed) associations.set(association.id, association);
    for (const id of gone) associations.delete(id);
    if (gone.length > 0) forgetLadders((id) => associations.has(id));
    take(detail);
    addRates(rates, point);
    show();
  });
}

function take(detail) {
  if (!detail) return;
  contexts = detail.contexts;
  for (const [id, more] of Object.entries(detail.ladders)) extendLadder(id, more);
}

function say(state, words) {
  byId('connection').className = state;
  setText(byId('connection'), words);
}

function show() {
  if (isPaused) return;
  const all = [...associations.values()].sort((one, other) => other.begun - one.begun);
  showFigures(all.filter(({ ended, calling }) => ended === undefined && calling).length);
  showList(all);
  showDetail();
}

// The list

function showList(all) {
  const parents = all.filter(({ parent }) => parent === undefined || !associations.has(parent));
  const rows = parents.flatMap((parent) => [parent, ...all.filter((one) => one.parent === parent.id).reverse()]);
  byId('no-associations').hidden = rows.length > 0;
  keep(byId('list'), rows, { key: ({ id }) => id, make: makeRow, update: updateRow });
}

function makeRow({ id }) {
  const spans = ['who', 'when', 'how', 'why'].map((className) => element('span', { className }));
  const button = element('button', { type: 'button' }, ...spans);
  button.addEventListener('click', () => select(id));
  return element('li', {}, button);
}

function updateRow(item, association) {
  const { id, parent, ended, begun, isBad, end, contexts: count, refused } = association;
  const button = item.firstElementChild;
  const [who, when, how, why] = button.children;
  const isOpen = ended === undefined;
  const about = [
    `${association.isOurs ? 'at' : 'from'} ${association.address}`,
    isOpen ? stateOf(association) : end?.startsWith('released') ? 'released' : '',
    count > 0 && !isBad ? counted(count, 'context') : '',
    `${bytes(association.received)} in, ${bytes(association.sent)} out`,
  ];
  setText(who, whoOf(association));
  setText(when, clock(begun));
  // Lines break between facts, not within them.
  setText(
    how,
    about
      .filter(Boolean)
      .map((fact) => fact.replaceAll(' ', '\u00a0'))
      .join(' · '),
  );
  setText(
    why,
    [isBad ? end : '', refused > 0 ? `${refused} of ${counted(count, 'context')} refused` : '']
      .filter(Boolean)
      .join(' · '),
  );
  item.className = [parent ? 'sub' : '', isOpen ? 'open' : '', isBad ? 'bad' : ''].filter(Boolean).join(' ');
  if (id === selected) button.setAttribute('aria-current', 'true');
  else button.removeAttribute('aria-current');
}

function whoOf({ calling, called }) {
  return calling || called ? `${calling} → ${called}` : 'unknown peer';
}

const STATES = { Sta2: 'connected', Sta3: 'requested', Sta5: 'requesting', Sta6: 'established', Sta13: 'closing' };
const stateOf = ({ state }) => STATES[state] ?? (/^Sta(?:7|8|9|10|11|12)$/.test(state) ? 'releasing' : state);

// One in detail

function select(id) {
  if (id === selected) return;
  selected = id;
  contexts = [];
  byId('detail').hidden = id === undefined;
  byId('contexts').open = false;
  delete byId('contexts').dataset.opened;
  byId('ladders').replaceChildren();
  document.body.classList.toggle('chosen', id !== undefined);
  show();
  listen();
  // Below the list, on a small screen.
  if (id && matchMedia('(max-width: 60rem)').matches) byId('detail').scrollIntoView();
}

function showDetail() {
  const association = associations.get(selected);
  if (!association) return;
  const { begun, ended, end, isBad, address, isOurs } = association;
  setText(byId('detail-title'), whoOf(association));
  const where = `${isOurs ? 'at' : 'from'} ${address}`;
  const how = ended === undefined ? stateOf(association) : `${((ended - begun) / 1000).toFixed(2)} s · ${end}`;
  setText(byId('detail-state'), `${where} · ${clock(begun)} · ${how}`);
  byId('detail-state').className = isBad ? 'bad' : '';
  byId('download').href = `capture?association=${encodeURIComponent(selected)}`;
  showContexts();
  const all = [...associations.values()];
  showLadders([association, ...all.filter(({ parent }) => parent === selected).sort((a, b) => a.begun - b.begun)]);
}

function showContexts() {
  const refused = contexts.filter((context) => context.refused);
  const box = byId('contexts');
  box.hidden = contexts.length === 0;
  setText(
    box.querySelector('summary'),
    `${counted(contexts.length, 'presentation context')}, ${refused.length} refused`,
  );
  keep(box.querySelector('tbody'), contexts, {
    key: ({ id }) => id,
    make: () => element('tr', {}, element('td'), element('td'), element('td')),
    update: (row, { id, abstractSyntax, transferSyntax, refused: why }) => {
      const [number, proposed, answer] = row.children;
      setText(number, String(id));
      setText(proposed, abstractSyntax);
      setText(answer, why ?? transferSyntax ?? '…');
      answer.className = why ? 'refused' : '';
    },
  });
  if (refused.length === 0 || box.dataset.opened) return;
  box.open = true;
  box.dataset.opened = 'once';
}

// What is held, and the keyboard

async function refresh() {
  if (!isPaused && !document.hidden) await showRecords().catch(() => {});
  setTimeout(refresh, 2000);
}

function pause() {
  isPaused = !isPaused;
  byId('pause').setAttribute('aria-pressed', String(isPaused));
  setText(byId('pause').firstElementChild, isPaused ? 'Resume' : 'Pause');
  document.body.classList.toggle('paused', isPaused);
  show();
}

function changeSpan() {
  byId('span').setAttribute('aria-pressed', String(switchSpan() === 'hour'));
  show();
}

byId('span').addEventListener('click', changeSpan);
byId('pause').addEventListener('click', pause);
byId('close').addEventListener('click', () => select(undefined));
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'p') pause();
  if (event.key === 'h') changeSpan();
  if (event.key === 'Escape') select(undefined);
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const rows = [...document.querySelectorAll('#list button')];
  const { activeElement } = document;
  const at = rows.indexOf(activeElement);
  // Other elements that have the focus, such as a ladder, use the arrows themselves.
  if (rows.length === 0 || (at < 0 && activeElement !== document.body)) return;
  event.preventDefault();
  const next =
    at < 0
      ? Math.max(
          0,
          rows.findIndex((row) => row.hasAttribute('aria-current')),
        )
      : at + (event.key === 'ArrowDown' ? 1 : -1);
  rows[Math.max(0, Math.min(rows.length - 1, next))].focus();
});

listen();
void refresh();
