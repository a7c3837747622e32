// A peer in the process of a test that takes instances and records them.

import { createScp, type ScpOptions, Status, serve, storage } from '@x/dimse';

export interface RecordingPeer extends AsyncDisposable {
  readonly port: number;
  /** The SOP Instance UIDs of all requests, in the order of their arrival. */
  readonly requests: readonly string[];
  /** The calling AE titles of the associations. */
  readonly callers: readonly string[];
}

/** @param reply The status of a request. */
export async function recordingPeer(
  options: Partial<ScpOptions> & { readonly port?: number } = {},
  reply: (sopInstance: string) => number | Promise<number> = () => Status.Success,
): Promise<RecordingPeer> {
  const { port = 0, ...others } = options;
  const [requests, callers]: [string[], string[]] = [[], []];
  const service = serve(
    storage,
    {
      async store({ sopInstance, data }) {
        for await (const _ of data.batches());
        requests.push(sopInstance);
        return reply(sopInstance);
      },
    },
    { otherSopClasses: () => true },
  );
  const accept = ({ callingAeTitle }: { readonly callingAeTitle: string }) => {
    callers.push(callingAeTitle);
    return true as const;
  };
  const scp = createScp({ aeTitle: 'PACS', services: [service], accept, ...others });
  const listener = await scp.listen({ port, host: '127.0.0.1' });
  return { port: listener.port, requests, callers, [Symbol.asyncDispose]: () => scp.close().then(() => {}) };
}
