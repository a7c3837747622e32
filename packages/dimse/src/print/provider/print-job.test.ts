import { expect, test } from 'vitest';
import { PrintQueue } from './print-job.ts';

test('accepts the orders of other peers although one has as many as it may have', async () => {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const film = { callingAeTitle: 'A', filmSession: {}, filmBox: {}, imageBoxes: [], annotationBoxes: [] };
  const limits = { maximumJobs: 4, maximumJobsOfPeer: 2, maximumBytes: 10_000 };
  const queue = new PrintQueue({
    ...limits,
    print: () => gate,
    store: undefined,
    onChange: () => {},
    onFailure: undefined,
  });
  const order = (Originator: string) => queue.order([film], { Originator }, 0xc602, false);
  const [first] = [await order('A'), await order('A'), await order('B')];
  const full = { status: 0xc602, errorComment: '2 print jobs of A are waiting' };
  await expect(order('A')).rejects.toMatchObject(full);
  await order('B');
  await expect(order('C')).rejects.toMatchObject({ status: 0xc602, errorComment: '4 print jobs are waiting' });
  open();
  await first?.printed;
  await queue.settled();
  await order('A');
  await queue.settled();
});
