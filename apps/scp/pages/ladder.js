// The messages of an association as a ladder: the requestor on the left, the acceptor on the right.

import { byId, bytes, clock, counted, element, keep, setText } from './elements.js';

const ladders = new Map();
/** As many as the archive keeps. */
const MOST_RUNGS = 402;

export function forgetLadders(isKept) {
  for (const id of ladders.keys()) if (!isKept(id)) ladders.delete(id);
}

/** Adds rungs that are new or have grown. */
export function extendLadder(id, more) {
  const rungs = ladders.get(id) ?? new Map();
  for (const rung of more) rungs.set(rung.number, rung);
  // The negotiation stays.
  for (const number of rungs.keys()) {
    if (rungs.size <= MOST_RUNGS) break;
    if (number > 2) rungs.delete(number);
  }
  ladders.set(id, rungs);
}

/** Of the selected association and of those that serve it. */
export function showLadders(associations) {
  keep(byId('ladders'), associations, { key: ({ id }) => id, make: makeLadder, update: updateLadder });
}

function makeLadder({ parent }) {
  return element(
    'div',
    { className: 'ladder' },
    element('p', {
      className: 'soft',
      textContent: 'On an association that the archive requested for the one above:',
      hidden: !parent,
    }),
    element('h3', {}, element('span'), element('span')),
    element('ol', { tabIndex: 0, ariaLabel: 'Messages' }),
  );
}

function updateLadder(ladder, { id, calling, called, begun, parent }) {
  const [left, right] = ladder.querySelectorAll('h3 span');
  ladder.querySelector('p').hidden = !parent || ladder === ladder.parentElement?.firstElementChild;
  setText(left, `${calling || 'requestor'} (SCU)`);
  setText(right, `${called || 'acceptor'} (SCP)`);
  const list = ladder.querySelector('ol');
  // The position is kept if the user has scrolled up.
  const follows = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  const rungs = [...(ladders.get(id)?.values() ?? [])].sort((one, other) => one.number - other.number);
  keep(list, withGaps(rungs), {
    key: ({ number }) => number,
    make: makeRung,
    update: (item, rung) => updateRung(item, rung, begun),
  });
  if (follows) list.scrollTop = list.scrollHeight;
}

function withGaps(rungs) {
  return rungs.flatMap((rung, index) => {
    const before = index === 0 ? 0 : rungs[index - 1].number;
    const missing = rung.number - before - 1;
    return missing > 0 ? [{ number: 'gap', missing }, rung] : [rung];
  });
}

function makeRung() {
  return element('li', {}, element('time'), element('div', { className: 'arrow' }));
}

/** What each item shows. */
const shown = new WeakMap();

function updateRung(item, rung, begun) {
  if (shown.get(item) === rung) return;
  shown.set(item, rung);
  const { missing, at, from, kind, words, isBad, parts, bytes: length } = rung;
  const [time, arrow] = item.children;
  if (missing) {
    item.className = 'gap';
    setText(arrow, `${counted(missing, 'step')} in between ${missing === 1 ? 'is' : 'are'} not kept`);
    return;
  }
  const text = kind === 'data' ? `${words} · ${bytes(length)} in ${counted(parts, 'fragment')}` : words;
  item.className = [from, kind, isBad ? 'bad' : ''].join(' ').trim();
  setText(arrow, text);
  setText(time, since(at - begun));
  time.dateTime = new Date(at).toISOString();
  time.title = `${clock(at)}.${String(at % 1000).padStart(3, '0')}`;
}

function since(duration) {
  const seconds = Math.max(duration, 0) / 1000;
  return seconds < 100 ? `+${seconds.toFixed(3)}` : `+${seconds.toFixed(1)}`;
}
