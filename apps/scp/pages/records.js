// The content of the archive: recent studies, films, procedure steps, the worklist.

import { byId, bytes, counted, element, fill, moment } from './elements.js';
import { showStatus } from './status.js';

export async function showRecords() {
  await Promise.all([
    show('studies', 'studies', (studies) => {
      byId('no-studies').hidden = studies.length > 0;
      byId('study-list').replaceChildren(...studies.map(studyOf));
    }),
    show('status', 'status', showStatus),
    show('deliveries', 'deliveries', (all) => fill(byId('deliveries'), all.map(deliveryOf)), 'deliveries'),
    show('areas', 'areas', (all) => fill(byId('areas'), all.map(areaOf)), 'areas'),
    show('films', 'films', (names) => byId('film-list').replaceChildren(...names.map(filmOf)), 'films'),
    show('procedure-steps', 'steps', (steps) => fill(byId('steps'), steps.map(performed).map(plain)), 'steps'),
    show('worklist', 'worklist', (items) => fill(byId('worklist'), items.map(scheduled).map(plain)), 'worklist'),
  ]);
}

const shown = new Map();

/** Updates a section only if its data has changed. A section with an id is hidden while it is empty. */
async function show(path, name, draw, section) {
  const response = await fetch(path);
  if (!response.ok) return;
  const text = await response.text();
  if (shown.get(name) === text) return;
  shown.set(name, text);
  const all = JSON.parse(text);
  if (section) byId(section).hidden = all.length === 0;
  draw(all);
}

function studyOf(study) {
  const image = study.hasPicture ? pictureOf(study.StudyInstanceUID) : noPicture(study.kind);
  const about = [dateOf(study.StudyDate), textOf(study.StudyDescription)].filter(Boolean).join(' · ');
  return element(
    'li',
    {},
    image,
    element('strong', { textContent: nameOf(study.PatientName) || '(no name)' }),
    element('span', { textContent: about }),
    element('span', { className: 'soft', textContent: counted(study.NumberOfStudyRelatedInstances, 'instance') }),
  );
}

function pictureOf(uid) {
  const image = element('img', { alt: '', loading: 'lazy', src: `thumbnail?study=${encodeURIComponent(uid)}` });
  image.addEventListener('error', () => image.replaceWith(noPicture()));
  return image;
}

const noPicture = (kind = 'no picture') => element('span', { className: 'none', textContent: kind });

function filmOf(name) {
  const href = `film?name=${encodeURIComponent(name)}`;
  const image = element('img', { alt: `film ${name}`, loading: 'lazy', src: href });
  const [, date, hours, minutes] = /^(\d{8})T(\d\d)(\d\d)/.exec(name) ?? [];
  const when = date ? `${dateOf(date)} ${hours}:${minutes} UTC` : name;
  const link = element('a', { href, target: '_blank' }, image);
  return element('li', {}, link, element('span', { className: 'soft', textContent: when }));
}

function performed(step) {
  const { PerformedProcedureStepStartDate: date, PerformedProcedureStepStartTime: time } = step;
  const { PatientName, Modality, PerformedStationAETitle, PerformedProcedureStepStatus } = step;
  return [nameOf(PatientName), Modality, PerformedStationAETitle, startOf(date, time), PerformedProcedureStepStatus];
}

function scheduled({ PatientName, ScheduledProcedureStepSequence: [step = {}] = [] }) {
  const { ScheduledProcedureStepStartDate: date, ScheduledProcedureStepStartTime: time } = step;
  const { Modality, ScheduledStationAETitle, ScheduledProcedureStepStatus } = step;
  return [nameOf(PatientName), Modality, ScheduledStationAETitle, startOf(date, time), ScheduledProcedureStepStatus];
}

/** The archive or an area, with its quota if it has one. */
function areaOf({ aeTitle, studies, series, instances, quota }) {
  const full = quota ? `${bytes(quota.used)} of ${bytes(quota.maximum)}` : '–';
  const evicted =
    quota && quota.evicted > 0 ? `; ${counted(quota.evicted, 'study', 'studies')} deleted to make room` : '';
  return [aeTitle, String(studies), String(series), String(instances), `${full}${evicted}`];
}

/** The queue of a destination. */
function deliveryOf({ area, destination, waiting, failed, behind, isFull, sent, restsUntil, ...record }) {
  const more = behind > 0 ? `, and ${counted(behind, 'instance')} not examined yet` : '';
  const state = [
    isFull ? 'full: instances wait in the archive' : '',
    restsUntil === undefined ? '' : `next attempt ${moment(restsUntil)}`,
  ].filter(Boolean);
  return [
    area === undefined ? destination : `${area}: ${destination}`,
    `${waiting}${more}`,
    String(failed),
    String(sent),
    moment(record.lastSuccess),
    record.lastFailure === undefined ? '–' : `${moment(record.lastFailure)}: ${record.reason}`,
    state.join('; ') || '–',
  ];
}

function startOf(date, time) {
  return [dateOf(date), textOf(time).replace(/^(\d\d)(\d\d).*$/, '$1:$2')].filter(Boolean).join(' ');
}

const plain = (cells) => cells.map((cell) => textOf(cell) || '–');

const dateOf = (date) => textOf(date).replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3');

/** `Family^Given` as people write it. */
const nameOf = (name) => textOf(name).split('^').filter(Boolean).join(', ');

function textOf(value) {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(textOf).join(', ');
  if (typeof value === 'object') return [value.Alphabetic, value.Ideographic].filter(Boolean).join(' ');
  return String(value);
}
