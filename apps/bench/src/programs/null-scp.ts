// An SCP from the library that takes instances and keeps nothing.

import { createScp, serve, storage, verification } from '@x/dimse';

const scp = createScp({
  aeTitle: 'BENCH',
  asynchronousOperations: { invoked: 16, performed: 1 },
  services: [
    serve(verification, { echo: () => 0 }),
    serve(storage, {
      async store({ data }) {
        for await (const _ of data.batches());
        return 0;
      },
    }),
  ],
});
const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`listening ${port}\n`);
