// A service class of one's own, in both roles: a user asks a provider to count instances by modality.

import {
  createScp,
  DimseError,
  defineOperation,
  defineServiceClass,
  field,
  openSession,
  Status,
  serve,
} from '@x/dimse';

// PS3.7 leaves these Command Fields free. The parts of the operation are command elements and data sets of the standard.
const count = defineOperation({
  name: 'X-COUNT',
  commandField: 0x0ff0,
  answers: 'one',
  request: { modality: field.optional(field.dataSet) },
  response: { result: field.optional(field.dataSet) },
});
const TOO_MANY = 0xc001;
const counting = defineServiceClass({
  name: 'Counting',
  operations: { count },
  // Your own UID root; 2.25 with a UUID needs no registration.
  sopClasses: { Counting: { uid: '2.25.146208305019387511342896450237641309217', operations: ['count'] } },
  statuses: { [TOO_MANY]: ['failure', 'too many to count'] },
});

const instances = [...Array(40).fill('CT'), ...Array(2).fill('SR'), ...Array(2000).fill('OT')];
const scp = createScp({
  aeTitle: 'COUNTER',
  services: [
    serve(counting, {
      count({ modality }) {
        const found = instances.filter((each) => !modality?.Modality || each === modality.Modality).length;
        if (found > 1000) throw new DimseError(TOO_MANY, { errorComment: `${found} instances` });
        return { status: Status.Success, result: { NumberOfStudyRelatedInstances: found } };
      },
    }),
  ],
});
const { port } = await scp.listen({ host: '127.0.0.1', port: 0 });

const session = await openSession({
  host: '127.0.0.1',
  port,
  callingAeTitle: 'USER',
  calledAeTitle: 'COUNTER',
  services: [counting],
});
for (const modality of ['CT', 'SR', 'OT'])
  try {
    const { result } = await session.use(counting).count({ modality: { Modality: modality } });
    console.log(`${modality}: ${result?.NumberOfStudyRelatedInstances}`);
  } catch (error) {
    if (!(error instanceof DimseError)) throw error;
    console.log(`${modality}: ${error.message}`);
  }
await session.release();
await scp.close();
