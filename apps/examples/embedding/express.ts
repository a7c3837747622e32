// A DICOM user inside of an Express application: sessions are pooled, and a client that goes away cancels its query.

import { createSessionPool, studyRoot } from '@x/dimse';
import express from 'express';

const { DICOM_HOST = '127.0.0.1', DICOM_PORT = '104', ARCHIVE = 'ARCHIVE', AE_TITLE = 'WEB' } = process.env;
const { HOST = '127.0.0.1', PORT = '8080' } = process.env;
const peer = { host: DICOM_HOST, port: Number(DICOM_PORT), callingAeTitle: AE_TITLE, calledAeTitle: ARCHIVE };
const pool = createSessionPool({ maximumPerKey: 4, idle: 30_000 });

const app = express();
app.get('/studies', async (request, response) => {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const lease = await pool.acquire({ ...peer, services: [studyRoot] }, { signal: gone.signal });
  try {
    const patient = String(request.query.patient ?? '');
    const identifier = { QueryRetrieveLevel: 'STUDY', PatientID: patient, StudyInstanceUID: '' } as const;
    const studies: string[] = [];
    const found = lease.resource.use(studyRoot).find({ identifier }, { signal: gone.signal });
    for await (const { identifier: study } of found) {
      studies.push(study?.StudyInstanceUID ?? '');
      if (studies.length === 200) break;
    }
    response.json(studies);
  } finally {
    await lease.release();
  }
});
// Express 5 passes rejections on to here.
app.use(((error, _request, response, next) => {
  if (response.headersSent) next(error);
  else response.status(502).json({ error: (error as Error).message });
}) satisfies express.ErrorRequestHandler);

const server = app.listen(Number(PORT), HOST, () => {
  const { port } = server.address() as { port: number };
  console.log(`listening on http://${HOST}:${port}`);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    server.close();
    void pool.close();
  });
