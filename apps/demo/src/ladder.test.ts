import { expect, test } from 'vitest';
import { drawLadder, type Utterance } from './ladder.ts';

let time = 1000;
const both = (
  from: 'SCU' | 'SCP',
  type: string,
  event: Utterance['event'] = 'message',
  isReceived = true,
): Utterance[] => {
  time += 1;
  const to = from === 'SCU' ? 'SCP' : 'SCU';
  const said = (side: Utterance['side'], direction: 'sent' | 'received', at: number): Utterance => ({
    side,
    event,
    direction,
    type,
    summary: `${type} words`,
    time: at,
    association: side,
  });
  return [said(from, 'sent', time), ...(isReceived ? [said(to, 'received', time + 0.5)] : [])];
};

test('draws messages as arrows in the order of time', () => {
  const lines = drawLadder(
    [...both('SCU', 'A-RELEASE-RQ', 'pdu'), ...both('SCP', 'A-RELEASE-RP', 'pdu'), ...both('SCU', 'P-DATA-TF', 'pdu')],
    40,
  );
  expect(lines.map((line) => line.length)).toEqual(lines.map(() => 40));
  expect(lines.join('\n')).toMatch(/A-RELEASE-RQ words.*\n.*─▶│\n.*A-RELEASE-RP words.*\n.*│◀─/);
  expect(lines.join('\n')).not.toContain('P-DATA-TF');
});

test('folds repeated requests', () => {
  const said = Array.from({ length: 10 }, () => [...both('SCU', 'C-STORE-RQ'), ...both('SCP', 'C-STORE-RSP')]).flat();
  const text = drawLadder(said).join('\n');
  expect(text.match(/C-STORE-RQ/g)).toHaveLength(3);
  expect(text).toContain('… 7 more like these …');
});

test('marks messages that did not arrive', () => {
  expect(drawLadder(both('SCU', 'A-ABORT', 'pdu', false)).join('\n')).toContain('(not received)');
});
