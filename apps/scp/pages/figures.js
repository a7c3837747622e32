// Rates as figures and as plots of the last minute or hour.

import { byId, bytes, milliseconds, setText } from './elements.js';

/** The last minute, four samples per second, and the last hour, one point in 15 seconds. */
const history = { minute: [], hour: [] };
const MOST_POINTS = 240;
let span = 'minute';

/** The archive has kept them, so that the plots begin filled. */
export function setHistory({ minute, hour }) {
  Object.assign(history, { minute, hour });
}

export function addRates(rates, point) {
  history.minute.push(rates);
  if (history.minute.length > MOST_POINTS) history.minute.shift();
  if (point) history.hour.push(point);
  if (history.hour.length > MOST_POINTS) history.hour.shift();
}

/** Shows the last minute or the last hour. */
export function switchSpan() {
  span = span === 'minute' ? 'hour' : 'minute';
  return span;
}

export function showFigures(open) {
  const { received, sent, operations, median, slow } = history.minute.at(-1) ?? {};
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
  const shown = history[span];
  const most = Math.max(...shown.flatMap((rates) => names.map((name) => rates[name])), 0);
  for (const [index, name] of names.entries()) {
    const points = shown.map((rates, at) => {
      const x = MOST_POINTS - shown.length + at;
      return `${x} ${(58 - (most > 0 ? rates[name] / most : 0) * 54).toFixed(1)}`;
    });
    const line = points.length > 1 ? points.join('L') : '';
    const start = MOST_POINTS - shown.length;
    const path = byId(id).querySelectorAll(`.${CLASSES[index]}`);
    path[0].setAttribute('d', line && `M${start} 60L${line}V60Z`);
    path[1].setAttribute('d', line && `M${line}`);
  }
  setText(byId(`most-${id}`), most > 0 ? `up to ${words(most)} in the last ${span}` : `the last ${span}`);
}
