// A DICOM user and provider inside of a fastify application: sessions are pooled, and all is closed with the application.

import {
  createScp,
  createSessionPool,
  DimseError,
  RequestError,
  Status,
  serve,
  studyRoot,
  verification,
} from '@x/dimse';
import fastify from 'fastify';

const { DICOM_HOST = '127.0.0.1', DICOM_PORT = '104', ARCHIVE = 'ARCHIVE', AE_TITLE = 'WEB' } = process.env;
const { HOST = '127.0.0.1', PORT = '8080' } = process.env;
const peer = { host: DICOM_HOST, port: Number(DICOM_PORT), callingAeTitle: AE_TITLE, calledAeTitle: ARCHIVE };

const app = fastify();
const pool = createSessionPool({ maximumPerKey: 4, idle: 30_000 });
app.addHook('onClose', () => pool.close());

app.get('/studies', async (request, reply) => {
  const { patient = '' } = request.query as { patient?: string };
  const lease = await pool.acquire({ ...peer, services: [studyRoot] });
  try {
    const studies: object[] = [];
    const identifier = {
      QueryRetrieveLevel: 'STUDY',
      PatientID: patient,
      StudyInstanceUID: '',
      StudyDate: '',
    } as const;
    for await (const { identifier: study } of lease.resource.use(studyRoot).find({ identifier })) {
      studies.push({ study: study?.StudyInstanceUID, date: study?.StudyDate });
      // Leaving the loop sends C-CANCEL.
      if (studies.length === 200) break;
    }
    return studies;
  } catch (error) {
    // The archive refused, or did not answer: not a fault of this application.
    if (error instanceof DimseError || error instanceof RequestError)
      return reply.code(502).send({ error: error.message });
    throw error;
  } finally {
    await lease.release();
  }
});

const scp = createScp({ aeTitle: AE_TITLE, services: [serve(verification, { echo: () => Status.Success })] });
const listener = await scp.listen({ host: HOST, port: Number(process.env.SCP_PORT ?? 0) });
app.addHook('onClose', async () => void (await scp.close({ drain: 5000 })));

console.log(`listening on ${await app.listen({ host: HOST, port: Number(PORT) })} and for DICOM on ${listener.port}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => app.close());
