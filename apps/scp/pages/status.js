// The state of the archive: disk, version, index, peers, recent errors.

import { byId, bytes, element, fill, moment, setText } from './elements.js';

export function showStatus({ version, begun, disk, index, peers, errors, processes }) {
  showProcesses(processes);
  setText(byId('version'), `dimse-scp ${version}, running since ${moment(begun)}`);
  showIndex(index);
  byId('disk').hidden = !disk;
  if (disk) {
    const share = disk.total > 0 ? disk.free / disk.total : 1;
    setText(byId('disk-free'), `${bytes(disk.free)} free of ${bytes(disk.total)}`);
    byId('disk').className = share < 0.05 ? 'bad' : '';
    Object.assign(byId('disk-meter'), { max: disk.total, low: disk.total * 0.8, high: disk.total * 0.95 });
    byId('disk-meter').value = disk.total - disk.free;
    setText(byId('disk-trend'), trendOf(disk));
  }
  byId('no-peers').hidden = peers.length > 0;
  byId('peer-table').hidden = peers.length === 0;
  fill(
    byId('peers'),
    peers.map((peer) => [
      peer.aeTitle,
      peer.address,
      moment(peer.lastSuccess),
      peer.lastFailure === undefined ? '–' : `${moment(peer.lastFailure)}: ${peer.reason}`,
    ]),
  );
  byId('errors').hidden = errors.length === 0;
  fill(
    byId('errors'),
    errors.slice(0, 10).map(({ at, who, why }) => [moment(at), who, why]),
  );
}

/** This process, and links to the others that share its index and its store. */
function showProcesses(processes) {
  document.body.classList.toggle('several', processes !== undefined);
  byId('processes').hidden = processes === undefined;
  if (!processes) return;
  const own = element('strong', { textContent: processes.own.name });
  const others = processes.others.map(({ name, url }) => element('a', { textContent: name, href: url }));
  byId('processes').replaceChildren(element('span', {}, 'process ', own), ...others);
}

function showIndex({ state, compared, studies, isComplete }) {
  byId('index').hidden = state === 'passed';
  byId('index').className = isComplete ? 'soft' : 'bad';
  const progress =
    state === 'failed'
      ? 'The comparison of the index with the files failed: see the log.'
      : `The index is being compared with the files: ${compared} of ${studies} studies.`;
  setText(byId('index'), isComplete ? progress : `${progress} Queries are refused until then.`);
}

/** The change of the last hour, and the time until the disk is full at this rate. */
function trendOf({ free, perHour }) {
  if (perHour === undefined) return '';
  if (Math.abs(perHour) < 1e6) return 'steady';
  if (perHour > 0) return `${bytes(perHour)} per hour become free`;
  const hours = free / -perHour;
  const left = hours < 48 ? `${Math.max(1, Math.round(hours))} h` : `${Math.round(hours / 24)} days`;
  return `${bytes(-perHour)} per hour are used: full in ${left} at this rate`;
}
