// Instances that are opened while others are sent.

import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { expect, test } from 'vitest';
import { Status } from '../message/status.ts';
import { storage } from '../services/storage.ts';
import { createScp } from '../session/scp.ts';
import { serve } from '../session/service-class.ts';
import type { RetrievableInstance } from './instance-source.ts';
import { storeInstances } from './store-instances.ts';

test.each([
  [undefined, 2, 1],
  [1, 1, 1],
  [8, 8, 1],
  [12, 12, 1],
  [undefined, 2, 16],
  [8, 8, 16],
])(
  '%s opened ahead: while the response to the first one is awaited, %i others are open, if a window of %i was proposed to a peer that accepts 1',
  async (openedAhead, most, window) => {
    let [open, closed] = [0, 0];
    let enough = () => {};
    const opened = new Promise<void>((resolve) => {
      enough = resolve;
    });
    const seen: number[] = [];
    const instances = Array.from({ length: 20 }, (_, number): RetrievableInstance => {
      const sopInstance = `1.2.${number}`;
      return {
        ...{ sopClass: CT_IMAGE_STORAGE, sopInstance, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN },
        ...(openedAhead !== undefined && { openedAhead }),
        async open() {
          if (++open - closed === most + 1) enough();
          const source = syntheticDataSet({ sopClass: CT_IMAGE_STORAGE, sopInstance });
          return { source, close: async () => void closed++ };
        },
      };
    });
    const service = serve(storage, {
      async store({ data }) {
        for await (const _ of data);
        await opened;
        seen.push(open - closed);
        return Status.Success;
      },
    });
    const scp = createScp({ aeTitle: 'PEER', services: [service] });
    const { port } = await scp.listen({ host: '127.0.0.1', port: 0 });
    const outcomes = [];
    for await (const { result } of storeInstances(instances, {
      host: '127.0.0.1',
      port,
      callingAeTitle: 'ME',
      calledAeTitle: 'PEER',
      asynchronousOperations: window,
    }))
      outcomes.push(result);
    await scp.close();
    expect(outcomes).toEqual(Array(20).fill('sent'));
    expect(Math.max(...seen)).toBe(most + 1);
    expect([open, closed]).toEqual([20, 20]);
  },
);
