// An SCP from the library that discards the instances it receives, and returns as many matches as a request asks for.
// null-scp [KEY CERTIFICATE]

import { readFileSync } from 'node:fs';
import { createScp, serve, storage, studyRoot, verification } from '@x/dimse';
import { match } from '../match.ts';

const [key, cert] = process.argv.slice(2);
const scp = createScp({
  aeTitle: 'BENCH',
  ...(key && cert && { tls: { key: readFileSync(key), cert: readFileSync(cert) } }),
  asynchronousOperations: 16,
  services: [
    serve(verification, { echo: () => 0 }),
    serve(storage, {
      async store({ data }) {
        for await (const _ of data.batches());
        return 0;
      },
    }),
    serve(studyRoot, {
      async *rawFind({ identifier }) {
        const count = Number(identifier.PatientID);
        for (let index = 0; index < count; index++) yield { identifier: match(index) };
      },
    }),
  ],
});
const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`listening ${port}\n`);
