// A private service class: one operation with one response, one with many, and its own statuses.

import {
  createScp,
  DimseError,
  defineOperation,
  defineServiceClass,
  describeStatus,
  field,
  openSession,
  Status,
  serve,
} from '@x/dimse';

// Private commands use numbers outside those of PS3.7. Their properties are carried by command elements of the standard.
const count = defineOperation({
  name: 'X-COUNT',
  commandField: 0x0ff0,
  answers: 'one',
  request: { query: field.dataSet },
  response: { found: field.optional(field.short('eventTypeId')) },
});
const list = defineOperation({
  name: 'X-LIST',
  commandField: 0x0ff1,
  answers: 'many',
  request: { limit: field.short('eventTypeId') },
  response: { entry: field.optional(field.dataSet) },
});

const catalogue = defineServiceClass({
  name: 'Catalogue',
  operations: { count, list },
  sopClasses: { Catalogue: { uid: '2.25.104729', operations: ['count', 'list'] } },
  statuses: {
    0xff10: ['pending', 'an entry that is out of date'],
    0xb501: ['warning', 'counted approximately'],
    0xc501: ['failure', 'too many to count'],
  },
});

const entries = [{ PatientID: '1' }, { PatientID: '2' }, { PatientID: '3' }];

const provider = serve(catalogue, {
  count({ query }) {
    if (query.PatientID === '*') throw new DimseError(0xc501, { errorComment: 'be more precise' });
    return { status: 0xb501, found: entries.filter(({ PatientID }) => PatientID === query.PatientID).length };
  },
  async *list({ limit }) {
    for (const [index, entry] of entries.slice(0, limit).entries())
      yield { status: index === 0 ? 0xff10 : Status.Pending, entry };
  },
});
const scp = createScp({ aeTitle: 'CATALOGUE', services: [provider] });
const { port } = await scp.listen({ host: '127.0.0.1', port: 0 });
const session = await openSession({
  host: '127.0.0.1',
  port,
  callingAeTitle: 'READER',
  calledAeTitle: 'CATALOGUE',
  services: [catalogue],
});
try {
  const { status, found } = await session.use(catalogue).count({ query: { PatientID: '2' } });
  console.log(`found ${found}: ${describeStatus(status, catalogue.statuses)}`);
  try {
    await session.use(catalogue).count({ query: { PatientID: '*' } });
  } catch (error) {
    console.log(`failed: ${error instanceof DimseError ? error.message : error}`);
  }
  for await (const response of session.use(catalogue).list({ limit: 2 }))
    console.log(`${describeStatus(response.status, catalogue.statuses)}: ${response.entry?.PatientID}`);
} finally {
  await session.release();
  await scp.close();
}
