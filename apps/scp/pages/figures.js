// Rates as figures and as plots of the last minute.

import { byId, bytes, milliseconds, setText } from './elements.js';

const history = [];
/** Four samples per second. */
const MOST_HISTORY = 240;

export function addRates(rates) {
  history.push(rates);
  if (history.length > MOST_HISTORY) history.shift();
}

export function showFigures(open) {
  const { received, sent, operations, median, slow } = history.at(-1) ?? {};
  if (received === undefined) return;
  const hasOperations = operations > 0;
  setText(byId('rate-received'), `${bytes(received)}/s`);
  setText(byId('rate-sent'), `${bytes(sent)}/s`);
  setText(byId('rate-median'), hasOperations ? milliseconds(median) : '–');
  setText(byId('rate-slow'), hasOperations ? milliseconds(slow) : '–');
  setText(byId('rate-operations'), `${operations.toFixed(operations < 10 ? 1 : 0)}/s`);
  setText(byId('open'), String(open));
  plot('throughput', ['received', 'sent'], (most) => `${bytes(most)}/s`);
  plot('latency', ['median', 'slow'], milliseconds);
  plot('operations', ['operations'], (most) => `${most.toFixed(most < 10 ? 1 : 0)}/s`);
}

const CLASSES = ['one', 'two'];

function plot(id, names, words) {
  const most = Math.max(...history.flatMap((rates) => names.map((name) => rates[name])), 0);
  for (const [index, name] of names.entries()) {
    const points = history.map((rates, at) => {
      const x = MOST_HISTORY - history.length + at;
      return `${x} ${(58 - (most > 0 ? rates[name] / most : 0) * 54).toFixed(1)}`;
    });
    const line = points.length > 1 ? points.join('L') : '';
    const start = MOST_HISTORY - history.length;
    const path = byId(id).querySelectorAll(`.${CLASSES[index]}`);
    path[0].setAttribute('d', line && `M${start} 60L${line}V60Z`);
    path[1].setAttribute('d', line && `M${line}`);
  }
  setText(byId(`most-${id}`), most > 0 ? `up to ${words(most)}` : '');
}
