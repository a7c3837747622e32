// Draws the conversation of an SCU and an SCP as a ladder of arrows, from the logs of both.

/** An event that one side logged. */
export interface Utterance {
  readonly side: 'SCU' | 'SCP';
  readonly event: 'pdu' | 'message' | 'association';
  readonly direction?: 'sent' | 'received';
  readonly type: string;
  readonly summary: string;
  /** Epoch milliseconds. */
  readonly time: number;
  readonly association: string;
}

/** An arrow: a message that one side sent and the other received. */
interface Rung {
  readonly from: 'SCU' | 'SCP';
  readonly type: string;
  readonly label: string;
  readonly time: number;
  /** Whether the other side logged its arrival. */
  isReceived: boolean;
}

/**
 * Draws PDUs and messages in the order of time. Messages are shown instead of the P-DATA-TF PDUs that carry them.
 * Repeated requests are folded, with their responses, after the first two.
 */
export function drawLadder(utterances: readonly Utterance[], width = 100): string[] {
  const rungs = pair(utterances);
  const lines = [row('SCU', 'SCP', width), row('│', '│', width)];
  const first = rungs[0]?.time ?? 0;
  for (const part of fold(rungs)) {
    if (typeof part === 'number') lines.push(row('│', '│', width, center(`… ${part} more like these …`, width)));
    else lines.push(...arrow(part, part.time - first, width));
  }
  return [...lines, row('│', '│', width)];
}

function pair(utterances: readonly Utterance[]): Rung[] {
  const shown = utterances.filter(
    ({ event, type }) => event === 'message' || (event === 'pdu' && type !== 'P-DATA-TF'),
  );
  const rungs: Rung[] = [];
  for (const { side, direction, type, summary, time } of [...shown].sort((a, b) => a.time - b.time))
    if (direction === 'sent') rungs.push({ from: side, type, label: summary, time, isReceived: false });
  // The events of the other side, in the order in which they were sent.
  for (const from of ['SCU', 'SCP'] as const) {
    const received = shown.filter(({ side, direction }) => side !== from && direction === 'received');
    for (const { type } of received) {
      const rung = rungs.find((each) => each.from === from && each.type === type && !each.isReceived);
      if (rung) rung.isReceived = true;
    }
  }
  return rungs;
}

/** Rungs, and the numbers of rungs that are folded. */
function fold(rungs: readonly Rung[]): (Rung | number)[] {
  const parts: (Rung | number)[] = [];
  let index = 0;
  while (index < rungs.length) {
    const end = endOfRun(rungs, index);
    const count = (end - index) / 2;
    if (count > 3) {
      parts.push(...rungs.slice(index, index + 4), count - 3, ...rungs.slice(end - 2, end));
      index = end;
    } else parts.push(rungs[index++] as Rung);
  }
  return parts;
}

/** The index after the last of a run of requests of one type, each with its response. */
function endOfRun(rungs: readonly Rung[], start: number): number {
  const [request, response] = [rungs[start]?.type, rungs[start + 1]?.type];
  let end = start;
  if (!request?.endsWith('-RQ') || response !== request.replace(/-RQ$/, '-RSP')) return end;
  while (rungs[end]?.type === request && rungs[end + 1]?.type === response) end += 2;
  return end;
}

function arrow({ from, label, isReceived }: Rung, after: number, width: number): string[] {
  const inside = width - 4;
  const shaft = '─'.repeat(inside - 1);
  const lost = isReceived ? '' : '  (not received)';
  const time = `${after.toFixed(1)} ms`;
  const text = `${clip(label, inside - time.length - lost.length - 2)}${lost}`;
  return [
    row('│', '│', width, ` ${text.padEnd(inside - time.length - 1)}${time}`),
    row('│', '│', width, from === 'SCU' ? `${shaft}▶` : `◀${shaft}`),
  ];
}

function row(left: string, right: string, width: number, content = ''): string {
  return `  ${left}${content.padEnd(width - left.length - right.length - 2)}${right}`;
}

function center(text: string, width: number): string {
  const room = width - 4;
  return text.padStart(Math.floor((room + text.length) / 2)).padEnd(room);
}

function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
