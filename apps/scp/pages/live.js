// The live page. Whatever a peer has sent is set as text, never as markup.

const byId = (id) => document.getElementById(id);
const associations = new Map();
const ladders = new Map();
const history = [];
const MOST_HISTORY = 480;
let selected;
let isPaused = false;

const stream = new EventSource('events');
stream.addEventListener('open', () => say('live', 'live'));
stream.addEventListener('error', () => say('lost', 'the archive does not answer; trying again …'));
stream.addEventListener('all', ({ data }) => {
  const all = JSON.parse(data);
  byId('title').textContent = all.aeTitle;
  document.title = `${all.aeTitle} – dimse-scp`;
  associations.clear();
  for (const association of all.associations) associations.set(association.id, association);
  if (selected && !associations.has(selected)) select(undefined);
  showList();
  if (selected) void fetchLadders();
});
stream.addEventListener('changes', ({ data }) => {
  const { associations: changed, ladders: rungs, gone, rates } = JSON.parse(data);
  const before = new Set(associations.keys());
  for (const association of changed) associations.set(association.id, association);
  for (const id of gone) {
    associations.delete(id);
    ladders.delete(id);
  }
  for (const [id, more] of Object.entries(rungs)) extend(id, more);
  history.push(rates);
  if (history.length > MOST_HISTORY) history.shift();
  if (isPaused) return;
  showRates(rates);
  showList();
  if (
    selected &&
    (shown().some(({ id }) => id in rungs) || changed.some(({ id, parent }) => parent === selected && !before.has(id)))
  )
    showLadders();
  if (selected) showDetail();
});

function say(state, words) {
  byId('connection').className = state;
  byId('connection').textContent = words;
}

function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  Object.assign(made, properties);
  made.append(...children);
  return made;
}

// Lists

function showList() {
  const all = [...associations.values()].sort((one, other) => other.begun - one.begun);
  const parents = all.filter(({ parent }) => parent === undefined || !associations.has(parent));
  const rows = parents.flatMap((parent) => [parent, ...all.filter((one) => one.parent === parent.id).reverse()]);
  byId('no-associations').hidden = rows.length > 0;
  const list = byId('list');
  const focused = document.activeElement?.dataset?.association;
  list.replaceChildren(...rows.map(rowOf));
  if (focused) list.querySelector(`[data-association="${CSS.escape(focused)}"]`)?.focus();
}

function rowOf(association) {
  const { id, parent, ended, end, contexts, received, sent } = association;
  const refused = contexts.filter((context) => context.refused).length;
  const how = [
    ended === undefined ? stateOf(association) : (end ?? 'ended'),
    contexts.some(({ transferSyntax }) => transferSyntax)
      ? `${contexts.length - refused} of ${contexts.length} contexts`
      : '',
    `${bytes(received)} in, ${bytes(sent)} out`,
  ];
  const button = element(
    'button',
    { type: 'button' },
    element('span', { className: 'who', textContent: whoOf(association) }),
    element('span', { className: 'how', textContent: how.filter(Boolean).join(' · ') }),
  );
  button.dataset.association = id;
  if (id === selected) button.setAttribute('aria-current', 'true');
  button.addEventListener('click', () => select(id));
  const isBad = ended !== undefined && !/^released/.test(end ?? '');
  const names = [parent ? 'sub' : '', ended === undefined ? 'open' : '', isBad || refused > 0 ? 'bad' : ''];
  return element('li', { className: names.filter(Boolean).join(' ') }, button);
}

function whoOf({ calling, called, address, parent }) {
  const titles = calling || called ? `${calling} → ${called}` : 'somebody who has not said who';
  return `${titles} ${parent ? 'at' : 'from'} ${address}`;
}

function stateOf({ state }) {
  return state === 'Sta6' ? 'established' : state;
}

// Details

function select(id) {
  selected = id;
  byId('detail').hidden = id === undefined;
  showList();
  if (id === undefined) return;
  showDetail();
  void fetchLadders();
}

/** The association that was chosen, and those that serve it. */
function shown() {
  return [...associations.values()].filter(({ id, parent }) => id === selected || parent === selected);
}

function showDetail() {
  const association = associations.get(selected);
  if (!association) return;
  byId('detail-title').textContent = whoOf(association);
  const { begun, ended, end, contexts } = association;
  const since = new Date(begun).toLocaleTimeString();
  byId('detail-state').textContent =
    ended === undefined
      ? `${stateOf(association)} since ${since}`
      : `${since}, for ${((ended - begun) / 1000).toFixed(2)} s: ${end}`;
  byId('download').href = `capture?association=${encodeURIComponent(selected)}`;
  const refused = contexts.filter((context) => context.refused);
  const box = byId('contexts');
  box.hidden = contexts.length === 0;
  box.querySelector('summary').textContent = `${contexts.length} presentation contexts, ${refused.length} refused`;
  box
    .querySelector('tbody')
    .replaceChildren(
      ...contexts.map(({ id, abstractSyntax, transferSyntax, refused: why }) =>
        element(
          'tr',
          {},
          element('td', { textContent: id }),
          element('td', { textContent: abstractSyntax }),
          element('td', { textContent: why ?? transferSyntax ?? '…', className: why ? 'refused' : '' }),
        ),
      ),
    );
  if (refused.length > 0 && !box.dataset.opened) {
    box.open = true;
    box.dataset.opened = 'once';
  }
}

async function fetchLadders() {
  await Promise.all(
    shown().map(async ({ id }) => {
      const response = await fetch(`ladder?association=${encodeURIComponent(id)}`);
      if (response.ok) ladders.set(id, await response.json());
    }),
  );
  showLadders();
}

function extend(id, more) {
  const known = ladders.get(id);
  if (!known) return;
  const kept = known.filter(({ number }) => number < more[0].number);
  ladders.set(id, [...kept, ...more].slice(-400));
}

function showLadders() {
  byId('ladders').replaceChildren(...shown().map(ladderOf));
  for (const list of document.querySelectorAll('.ladder ol')) list.scrollTop = list.scrollHeight;
}

function ladderOf({ id, calling, called, parent }) {
  const rungs = ladders.get(id) ?? [];
  return element(
    'div',
    { className: 'ladder' },
    ...(parent ? [element('p', { className: 'soft', textContent: 'an association of ours, for the one above' })] : []),
    element(
      'h3',
      {},
      element('span', { textContent: `${calling || 'requestor'} (SCU)` }),
      element('span', { textContent: `${called || 'acceptor'} (SCP)` }),
    ),
    element('ol', { tabIndex: 0 }, ...rungs.map(rungOf)),
  );
}

function rungOf({ at, from, kind, words, parts, bytes: length }) {
  const text =
    kind === 'data' ? `${words}: ${bytes(length)} in ${parts} ${parts === 1 ? 'fragment' : 'fragments'}` : words;
  const time = new Date(at);
  const clock = `${time.toLocaleTimeString([], { hour12: false })}.${String(time.getMilliseconds()).padStart(3, '0')}`;
  return element(
    'li',
    { className: `${from} ${kind}` },
    element('time', { textContent: clock, dateTime: time.toISOString() }),
    element('div', { className: 'arrow', textContent: text }),
  );
}

// Figures

function showRates({ received, sent, operations, median, slow }) {
  byId('rate-received').textContent = `${bytes(received)}/s`;
  byId('rate-sent').textContent = `${bytes(sent)}/s`;
  byId('rate-operations').textContent = `${operations.toFixed(operations < 10 ? 1 : 0)}/s`;
  byId('rate-latency').textContent = operations > 0 ? `${milliseconds(median)}, ${milliseconds(slow)}` : '–';
  const throughput = plot('throughput', ['received', 'sent']);
  byId('most-throughput').textContent = throughput > 0 ? `up to ${bytes(throughput)}/s` : '';
  const latency = plot('latency', ['median', 'slow']);
  byId('most-latency').textContent = latency > 0 ? `up to ${milliseconds(latency)}` : '';
}

function plot(id, names) {
  const most = Math.max(...history.flatMap((rates) => names.map((name) => rates[name])), 0);
  for (const name of names) {
    const points = history.map((rates, index) => {
      const x = 480 - history.length + index;
      return `${x},${(58 - (most > 0 ? rates[name] / most : 0) * 54).toFixed(1)}`;
    });
    byId(id).querySelector(`.${name}`).setAttribute('points', points.join(' '));
  }
  return most;
}

function bytes(count) {
  if (count < 1000) return `${Math.round(count)} B`;
  if (count < 1e6) return `${(count / 1e3).toFixed(1)} kB`;
  if (count < 1e9) return `${(count / 1e6).toFixed(1)} MB`;
  return `${(count / 1e9).toFixed(2)} GB`;
}

function milliseconds(count) {
  return count < 10 ? `${count.toFixed(1)} ms` : `${Math.round(count)} ms`;
}

// Studies and the worklist

let studiesShown = '';

async function showStudies() {
  const response = await fetch('studies');
  const text = await response.text();
  if (text === studiesShown) return;
  studiesShown = text;
  byId('study-list').replaceChildren(...JSON.parse(text).map(studyOf));
}

function studyOf(study) {
  const image = element('img', {
    alt: '',
    loading: 'lazy',
    src: `thumbnail?study=${encodeURIComponent(study.StudyInstanceUID)}`,
  });
  image.addEventListener('error', () => image.replaceWith(element('span', { className: 'none' })));
  const count = study.NumberOfStudyRelatedInstances;
  return element(
    'li',
    {},
    image,
    element('strong', { textContent: textOf(study.PatientName) || 'nameless' }),
    element('div', {
      textContent: [textOf(study.StudyDate), textOf(study.StudyDescription)].filter(Boolean).join(' · '),
    }),
    element('div', { className: 'count', textContent: `${count} ${count === 1 ? 'instance' : 'instances'}` }),
  );
}

let filmsShown = '';

async function showFilms() {
  const text = await (await fetch('films')).text();
  if (text === filmsShown) return;
  filmsShown = text;
  const names = JSON.parse(text);
  byId('films').hidden = names.length === 0;
  byId('film-list').replaceChildren(
    ...names.map((name) => {
      const href = `film?name=${encodeURIComponent(name)}`;
      const image = element('img', { alt: `film ${name}`, loading: 'lazy', src: href });
      return element('li', {}, element('a', { href, target: '_blank' }, image));
    }),
  );
}

async function showSteps() {
  const steps = await (await fetch('procedure-steps')).json();
  byId('steps').hidden = steps.length === 0;
  const rows = steps.map((step) => {
    const start = `${textOf(step.PerformedProcedureStepStartDate)} ${textOf(step.PerformedProcedureStepStartTime)}`;
    const cells = [
      step.PatientName,
      step.Modality,
      step.PerformedStationAETitle,
      start,
      step.PerformedProcedureStepStatus,
    ];
    return element('tr', {}, ...cells.map((cell) => element('td', { textContent: textOf(cell) })));
  });
  byId('steps')
    .querySelector('tbody')
    .replaceChildren(...rows);
}

async function showWorklist() {
  const items = await (await fetch('worklist')).json();
  byId('worklist').hidden = items.length === 0;
  byId('worklist')
    .querySelector('tbody')
    .replaceChildren(
      ...items.map((item) => {
        const [step = {}] = item.ScheduledProcedureStepSequence ?? [];
        const start = `${textOf(step.ScheduledProcedureStepStartDate)} ${textOf(step.ScheduledProcedureStepStartTime)}`;
        const cells = [
          item.PatientName,
          step.Modality,
          step.ScheduledStationAETitle,
          start,
          step.ScheduledProcedureStepStatus,
        ];
        return element('tr', {}, ...cells.map((cell) => element('td', { textContent: textOf(cell) })));
      }),
    );
}

function textOf(value) {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(textOf).join(', ');
  if (typeof value === 'object') return [value.Alphabetic, value.Ideographic].filter(Boolean).join(' ');
  return String(value);
}

async function refresh() {
  if (!isPaused && !document.hidden)
    await Promise.all([showStudies(), showWorklist(), showFilms(), showSteps()]).catch(() => {});
  setTimeout(refresh, 2000);
}
void refresh();

// Keyboard

function pause() {
  isPaused = !isPaused;
  byId('pause').setAttribute('aria-pressed', String(isPaused));
  byId('pause').textContent = isPaused ? 'Go on' : 'Pause';
  if (!isPaused) {
    showList();
    if (selected) void fetchLadders();
  }
}
byId('pause').addEventListener('click', pause);
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'p') pause();
  if (event.key === 'Escape') select(undefined);
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const rows = [...document.querySelectorAll('#list button')];
  const at = rows.indexOf(document.activeElement);
  if (at < 0) return;
  event.preventDefault();
  rows[Math.max(0, Math.min(rows.length - 1, at + (event.key === 'ArrowDown' ? 1 : -1)))]?.focus();
});
