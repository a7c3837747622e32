// An SCP from the library that takes instances and keeps nothing, and finds as many studies as it is asked for.

import { createScp, serve, storage, studyRoot, verification } from '@x/dimse';
import { match } from '../match.ts';

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
    serve(studyRoot, {
      async *find({ identifier }) {
        const count = Number(identifier.PatientID);
        for (let index = 0; index < count; index++) yield { identifier: match(index) };
      },
    }),
  ],
});
const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`listening ${port}\n`);
