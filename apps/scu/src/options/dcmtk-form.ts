// Command lines as the tools of DCMTK take them (`-aec ARCHIVE host port`), and peers without a verb, so that an error can show the form of dimse-scu.

import { existsSync } from 'node:fs';
import { parsePeer, peerText } from '@x/cli/peer';

/** The options of DCMTK for AE titles, and those of dimse-scu. The called AE title is a part of the peer. */
const OPTIONS: Readonly<Record<string, string | undefined>> = {
  '-aet': '--calling',
  '--aetitle': '--calling',
  '-aem': '--dest',
  '--move': '--dest',
  '-aec': undefined,
  '--call': undefined,
};

/**
 * The arguments of a verb in the form of dimse-scu; undefined if they are not in the form of DCMTK.
 * @param takesValue Whether an option is followed by its value.
 */
export function fromDcmtkForm(
  args: readonly string[],
  takesValue: (option: string) => boolean,
): readonly string[] | undefined {
  let called: string | undefined;
  let isForeign = false;
  const [operands, others, translated]: [string[], string[], string[]] = [[], [], []];
  for (let at = 0; at < args.length; at++) {
    const word = args[at] as string;
    if (Object.hasOwn(OPTIONS, word)) {
      const [option, value = ''] = [OPTIONS[word], args[++at]];
      isForeign = true;
      if (option === undefined) called = value;
      else translated.push(option, value);
    } else if (!word.startsWith('-')) operands.push(word);
    else others.push(word, ...(takesValue(word) ? args.slice(++at, at + 1) : []));
  }
  const [host, port, ...rest] = operands;
  const isPort = port !== undefined && isPortNumber(port);
  const isSplit = isPort && host !== undefined && !/@|^[^:]*:\d+$/.test(host);
  if (!isForeign && !isSplit) return undefined;
  return [
    ...(host === undefined ? [] : [isSplit ? joined(called, host, port) : withTitle(called, host)]),
    ...(isSplit || port === undefined ? rest : [port, ...rest]),
    ...others,
    ...translated,
  ];
}

/** Whether the arguments begin like a peer in one word, or like a host and a port. */
export function isLikePeer([first = '', second = '']: readonly string[]): boolean {
  if (first.startsWith('-') || existsSync(first)) return false;
  return /@|:\d+$|^localhost$|^[\w-]+(\.[\w-]+)+$/i.test(first) || (first !== '' && isPortNumber(second));
}

function isPortNumber(word: string): boolean {
  return /^\d{1,5}$/.test(word) && !existsSync(word);
}

function joined(called: string | undefined, host: string, port: string): string {
  return peerText({ aeTitle: called ?? 'ANY-SCP', host, port: Number(port) });
}

function withTitle(called: string | undefined, peer: string): string {
  if (called === undefined || peer.includes('@')) return peer;
  const { host, port } = parsePeer(peer);
  return peerText({ aeTitle: called, host, port });
}
