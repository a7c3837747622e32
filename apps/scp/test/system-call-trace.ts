// Reads the output of `strace -f -xx` as a list of calls in the order in which they took effect.

/** The calls that change files or say what is on disk, and those that send. */
export const TRACED = [
  ...['openat', 'open', 'close', 'write', 'writev', 'pwrite64', 'pwritev', 'sendto', 'sendmsg', 'fsync', 'fdatasync'],
  ...['ftruncate', 'rename', 'renameat', 'renameat2', 'link', 'linkat', 'unlink', 'unlinkat', 'mkdir', 'mkdirat'],
].join(',');

/** A call that has succeeded. */
export interface SystemCall {
  readonly name: string;
  /** The arguments as text; strings are replaced by `$0`, `$1` … */
  readonly arguments: readonly string[];
  readonly strings: readonly Buffer[];
  readonly result: number;
  /** A call that waits takes effect when it ends, and covers only what came before its begin. */
  readonly number: number;
}

/** The begin or the end of a call. */
export interface TraceStep {
  readonly is: 'begin' | 'end';
  readonly call: SystemCall;
}

const UNFINISHED = ' <unfinished ...>';

/** The steps of a trace. Calls that failed, and those that never ended, are left out. */
export function traceSteps(trace: string): TraceStep[] {
  const unfinished = new Map<string, { readonly text: string; readonly place: number }>();
  const steps: { readonly at: number; readonly step: TraceStep }[] = [];
  let number = 0;
  for (const [place, line] of trace.split('\n').entries()) {
    const [, thread = '', text = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (text.endsWith(UNFINISHED)) {
      unfinished.set(thread, { text: text.slice(0, -UNFINISHED.length), place });
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(text)?.[1];
    const begun = resumed === undefined ? { text: '', place } : unfinished.get(thread);
    if (!begun) continue;
    const call = callOf(begun.text + (resumed ?? text), number);
    if (!call) continue;
    number++;
    steps.push({ at: begun.place, step: { is: 'begin', call } }, { at: place, step: { is: 'end', call } });
  }
  // Stable: the begin of a call stays before its end.
  return steps.sort((one, other) => one.at - other.at).map(({ step }) => step);
}

function callOf(text: string, number: number): SystemCall | undefined {
  const [, name, inner, result] = /^(\w+)\((.*)\) += (-?\d+)/.exec(text) ?? [];
  if (name === undefined || inner === undefined || Number(result) < 0) return undefined;
  const strings: Buffer[] = [];
  const plain = inner.replace(/"((?:\\x[0-9a-f]{2})*)"/g, (_, hexadecimal: string) => {
    strings.push(Buffer.from(hexadecimal.replaceAll('\\x', ''), 'hex'));
    return `$${strings.length - 1}`;
  });
  return { name, arguments: plain.split(', '), strings, result: Number(result), number };
}
