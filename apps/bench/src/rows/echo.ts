// Rows: C-ECHO round trips and associations per second, by one client with each provider.

import { type Contestant, contest, type Row } from '../contest.ts';
import { program, run, type Server, serve, servePeer } from '../processes.ts';
import type { Workspace } from '../workspace.ts';
import { LONGEST_DCMTK_PDU } from './contestants.ts';

const OURS = 'dimse-scp';
const DCMTK = 'DCMTK storescp';
const PEER = 'dcmjs-dimse';

export function echoRow(workspace: Workspace, rounds: number, times: number): Promise<Row> {
  const title = `C-ECHO, ${times.toLocaleString('en')} round trips on one association, the library's SCU with each SCP`;
  // dcmjs-dimse waits for delayed acknowledgements.
  const args = (name: string) => ['echo', name === PEER ? Math.min(times, 200) : times] as const;
  return row(workspace, { name: 'echo', title, unit: 'echoes', rounds }, args);
}

export function associationsRow(workspace: Workspace, rounds: number, times: number, atOnce: number): Promise<Row> {
  const title = `Associations with a C-ECHO each, ${atOnce === 1 ? 'one after the other' : `${atOnce} at once`}`;
  const name = atOnce === 1 ? 'echo-associations' : 'echo-crowd';
  const args = () => ['associate', Math.ceil(times / atOnce) * atOnce, atOnce] as const;
  return row(workspace, { name, title, unit: 'associations', rounds }, args, atOnce > 1);
}

type Settings = Pick<Row, 'name' | 'title' | 'unit'> & { readonly rounds: number };
/** The verb, the number of repetitions, and further arguments of the verb. */
type Args = (provider: string) => readonly [verb: string, times: number, ...rest: number[]];

/** The providers run during all turns, as they do in a hospital. */
async function row(workspace: Workspace, settings: Settings, args: Args, forks = false): Promise<Row> {
  const providers: [string, Server][] = [
    [DCMTK, await storescp(forks)],
    [OURS, await ourScp(workspace)],
    [PEER, await serve(program('dcmjs-dimse-scp'))],
  ];
  const targets = [
    { ours: OURS, other: DCMTK, atLeast: 1 },
    { ours: OURS, other: PEER, atLeast: 3 },
  ];
  try {
    return await contest(
      { ...settings, targets },
      providers.map(([name, { port }]) => calling(name, port, args(name))),
    );
  } finally {
    for (const [, provider] of providers) await provider.stop();
  }
}

function calling(name: string, port: number, [verb, times, ...rest]: ReturnType<Args>): Contestant {
  const command = [...program('scu'), verb, String(port), 'BENCH', String(times), ...rest.map(String)];
  return {
    name,
    async turn() {
      const { stdout } = await run(command);
      return { ...(JSON.parse(stdout) as { milliseconds: number }), amount: times };
    },
  };
}

function storescp(forks: boolean): Promise<Server> {
  // A single process serves one association at a time.
  const options = ['-aet', 'BENCH', '-pdu', LONGEST_DCMTK_PDU, '-dhl', '--ignore', ...(forks ? ['--fork'] : [])];
  return servePeer('storescp', options);
}

function ourScp(workspace: Workspace): Promise<Server> {
  const target = workspace.folder();
  return serve([...program('dimse-scp'), '--port', '0', '--host', '127.0.0.1', '--aet', 'BENCH', '--data', target]);
}
