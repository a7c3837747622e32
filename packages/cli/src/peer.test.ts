import { expect, test } from 'vitest';
import { parseNamedPeer, parsePeer, peerText, securePeer } from './peer.ts';

test.each([
  ['ARCHIVE@10.0.0.5:104', 'ARCHIVE', '10.0.0.5', 104],
  ['host', 'ANY-SCP', 'host', 104],
  ['host:11112', 'ANY-SCP', 'host', 11112],
  ['MY AE@host', 'MY AE', 'host', 104],
  ['A@[::1]:4242', 'A', '::1', 4242],
  ['A@B@host:1', 'A@B', 'host', 1],
])('parses %s', (text, aeTitle, host, port) => {
  expect(parsePeer(text)).toMatchObject({ aeTitle, host, port });
  expect(parsePeer(peerText({ aeTitle, host, port }))).toEqual({ aeTitle, host, port });
});

test.each([
  ['', 'AET@host:port'],
  ['A@', 'AET@host:port'],
  ['A@::1:104', 'AET@host:port'],
  ['A@host:port', 'AET@host:port'],
  ['A@host:0', 'not a port'],
  ['A@host:65536', 'not a port'],
  ['A TITLE OF MORE THAN SIXTEEN@host', 'not an AE title'],
  ['back\\slash@host', 'not an AE title'],
])("rejects '%s'", (text, why) => expect(() => parsePeer(text)).toThrow(why));

test('uses the default port of TLS for secure connections', () => {
  expect(securePeer(parsePeer('A@host')).port).toBe(2762);
  expect(securePeer(parsePeer('A@host:104')).port).toBe(104);
});

test('parses named peers, with and without TLS', () => {
  expect(parseNamedPeer('A=host:4242')).toEqual({ aeTitle: 'A', host: 'host', port: 4242 });
  expect(parseNamedPeer('A=tls://host:4242')).toEqual({ aeTitle: 'A', host: 'host', port: 4242, isSecure: true });
  expect(parseNamedPeer('A=tls://[::1]')).toMatchObject({ host: '::1', port: 2762, isSecure: true });
});

test.each(['', 'A', 'A=', '=host:1', 'A=http://host:1', 'A=tls://', 'A=tls://tls://host'])(
  "rejects the named peer '%s'",
  (text) => {
    expect(() => parseNamedPeer(text)).toThrow(/is not a peer/);
  },
);
