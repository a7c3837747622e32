import { expect, test } from 'vitest';
import type { AssociationView } from './live-association.ts';
import { MOST_ERRORS, MOST_PEERS, PeerHistory } from './peer-history.ts';

const view = (more: Partial<AssociationView>): AssociationView => ({
  ...{ id: '1', isOurs: false, calling: 'CT', called: 'ARCHIVE', address: '10.0.0.1:5000', begun: 1, ended: 2 },
  ...{ state: 'ended', end: 'released by the peer', isBad: false, contexts: 1, refused: 0, received: 0, sent: 0 },
  ...more,
});

test('keeps the last success and the last failure of each peer, and the reason', () => {
  const history = new PeerHistory();
  history.expect('WS', '10.0.0.7:104');
  history.ended(view({ ended: 10 }));
  history.ended(view({ ended: 20, isBad: true, end: 'aborted by the peer' }));
  expect(history.peers).toEqual([
    { aeTitle: 'CT', address: '10.0.0.1:5000', lastSuccess: 10, lastFailure: 20, reason: 'aborted by the peer' },
    { aeTitle: 'WS', address: '10.0.0.7:104' },
  ]);
  history.ended(view({ isOurs: true, calling: 'ARCHIVE', called: 'WS', address: '10.0.0.7:104', ended: 30 }));
  expect(history.peers[0]).toEqual({ aeTitle: 'WS', address: '10.0.0.7:104', lastSuccess: 30 });
  expect(history.errors).toEqual([{ at: 20, who: 'CT → ARCHIVE', why: 'aborted by the peer' }]);
});

test('keeps a limited number of peers and errors', () => {
  const history = new PeerHistory();
  for (let number = 0; number < 200; number++) history.ended(view({ calling: `P${number}`, isBad: true }));
  expect([history.peers.length, history.errors.length]).toEqual([MOST_PEERS, MOST_ERRORS]);
  expect(history.peers[0]?.aeTitle).toBe('P199');
});
