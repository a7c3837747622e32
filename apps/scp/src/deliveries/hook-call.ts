// Calls a hook: runs its command, or posts to its URL.

import { spawn } from 'node:child_process';
import { filledWords, type Hook, type HookEvent } from './hook.ts';

/** @throws Error with the reason if the hook fails, or has not ended after `timeout` milliseconds */
export async function callHook(
  { target }: Hook,
  event: HookEvent,
  { timeout, signal }: { readonly timeout: number; readonly signal: AbortSignal },
): Promise<string> {
  const ending = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
  if ('url' in target) return post(target.url, event, ending, timeout);
  const [program = '', ...args] =
    'shell' in target ? ['/bin/sh', '-c', target.shell] : filledWords(target.words, event);
  return run(program, args, environmentOf(event), ending, timeout);
}

function environmentOf({ attributes, ...event }: HookEvent): NodeJS.ProcessEnv {
  const values = [
    ...Object.entries(event).map(([name, value]) => [name.toUpperCase(), value]),
    ...Object.entries(attributes),
  ];
  return {
    ...process.env,
    ...Object.fromEntries(
      values.map(([name, value = '']) => [`DIMSE_${name}`, value.replaceAll('\0', '').slice(0, MOST_OF_VALUE)]),
    ),
  };
}

/** Runs a program in a process group of its own, and ends the whole group if it does not end in time. */
function run(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  ending: AbortSignal,
  timeout: number,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    // The rest is read and thrown away, so that the program does not wait.
    const read = (chunk: Buffer) => {
      if (output.length < MOST_OUTPUT) output += chunk.toString().slice(0, MOST_OUTPUT - output.length);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    let killing: NodeJS.Timeout | undefined;
    const end = () => {
      endGroup(child.pid, 'SIGTERM');
      killing = setTimeout(() => endGroup(child.pid, 'SIGKILL'), GRACE);
    };
    ending.addEventListener('abort', end, { once: true });
    if (ending.aborted) end();
    const finished = (why: string | undefined) => {
      clearTimeout(killing);
      ending.removeEventListener('abort', end);
      // Its children may go on, but not those of a program that was ended.
      if (ending.aborted) endGroup(child.pid, 'SIGKILL');
      child.stdout.destroy();
      child.stderr.destroy();
      const words = output.trim();
      if (why === undefined) resolve(words);
      else reject(new Error(words === '' ? why : `${why}: ${words.slice(-MOST_REASON)}`));
    };
    child.once('error', (error) => finished(error.message));
    child.once('exit', (code, by) => {
      if (ending.aborted) finished(`it was ended after ${timeout / 1000} s`);
      else finished(code === 0 ? undefined : code === null ? `it was ended by ${by}` : `it ended with status ${code}`);
    });
  });
}

function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}

/** Posts the event as JSON. Redirections are followed on the same host only, and only those that keep the method. */
async function post(url: URL, event: HookEvent, signal: AbortSignal, timeout: number): Promise<string> {
  let target = url;
  for (let redirections = 0; redirections <= MOST_REDIRECTIONS; redirections++) {
    const response = await fetch(target, {
      ...{ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(event) },
      ...{ redirect: 'manual', signal },
    }).catch((error: Error) => {
      if (signal.aborted) throw new Error(`it did not answer in ${timeout / 1000} s`);
      throw error.cause instanceof Error ? error.cause : error;
    });
    await response.body?.cancel().catch(() => {});
    if (response.ok) return `${response.status}`;
    const location = response.headers.get('location');
    const next = [307, 308].includes(response.status) && location ? new URL(location, target) : undefined;
    if (!next) throw new Error(`it answered ${response.status} ${response.statusText}`);
    if (next.host !== url.host || next.protocol !== url.protocol)
      throw new Error(`it redirected to another host, ${next.host}, which is not followed`);
    target = next;
  }
  throw new Error('it redirected too often');
}

const MOST_OUTPUT = 4096;
const MOST_REASON = 300;
const MOST_OF_VALUE = 4096;
const MOST_REDIRECTIONS = 5;
/** Milliseconds between SIGTERM and SIGKILL. */
const GRACE = 2000;
