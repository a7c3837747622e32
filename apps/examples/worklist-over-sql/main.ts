// A modality worklist SCP over one's own SQL table.

import { createScp, modalityWorklist, Status, serve, verification } from '@x/dimse';
import Database from 'libsql';

const { DATABASE = ':memory:', AE_TITLE = 'WORKLIST', HOST = '127.0.0.1', PORT = '11112' } = process.env;

/** The table of the information system: yours has other names. */
interface Order {
  readonly accession: string;
  readonly patient_id: string;
  readonly patient_name: string;
  readonly birth_date: string;
  readonly modality: string;
  readonly station: string;
  readonly day: string;
  readonly time: string;
  readonly description: string;
  readonly study_uid: string;
}
const database = new Database(DATABASE);
database.exec(`CREATE TABLE IF NOT EXISTS orders (accession TEXT PRIMARY KEY, patient_id TEXT, patient_name TEXT,
  birth_date TEXT, modality TEXT, station TEXT, day TEXT, time TEXT, description TEXT, study_uid TEXT)`);
const insert = database.prepare('INSERT OR IGNORE INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
insert.run('A1', '42', 'Doe^Jane', '19700101', 'CT', 'CT1', '20300101', '0900', 'CT of the head', '2.25.1001');
insert.run('A2', '43', 'Roe^Richard', '19800202', 'MR', 'MR1', '20300101', '1030', 'MR of the knee', '2.25.1002');

// A plain date, or a day range, narrows the search; every other key is matched by the library.
const select = database.prepare('SELECT * FROM orders WHERE day BETWEEN ? AND ? ORDER BY day, time');

const itemOf = (order: Order) => ({
  AccessionNumber: order.accession,
  PatientID: order.patient_id,
  PatientName: order.patient_name,
  PatientBirthDate: order.birth_date,
  StudyInstanceUID: order.study_uid,
  RequestedProcedureID: order.accession,
  RequestedProcedureDescription: order.description,
  ScheduledProcedureStepSequence: [
    {
      Modality: order.modality,
      ScheduledStationAETitle: order.station,
      ScheduledProcedureStepStartDate: order.day,
      ScheduledProcedureStepStartTime: order.time,
      ScheduledProcedureStepDescription: order.description,
      ScheduledProcedureStepID: `${order.accession}.1`,
    },
  ],
});

const scp = createScp({
  aeTitle: AE_TITLE,
  maximumAssociations: 20,
  services: [
    serve(verification, { echo: () => Status.Success }),
    serve(
      modalityWorklist,
      {
        *find({ identifier }, { callingAeTitle }) {
          const step = identifier.ScheduledProcedureStepSequence?.[0];
          const [from, to] = daysOf(String(step?.ScheduledProcedureStepStartDate ?? ''));
          console.log(`query of ${callingAeTitle} for ${from} to ${to}`);
          // Rows are read as the peer takes its responses.
          for (const row of select.iterate(from, to)) yield itemOf(row as Order);
        },
      },
      { maximumMatches: 500 },
    ),
  ],
});
const { port } = await scp.listen({ host: HOST, port: Number(PORT) });
console.log(`listening on ${HOST}:${port} as ${AE_TITLE}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => scp.close({ drain: 10_000 }));

/** The first and last day of a date key: one day, a range such as `20300101-`, or all days (PS3.4 §C.2.2.2.5). */
function daysOf(key: string): [from: string, to: string] {
  const [, first = '', dash = '', last = ''] = /^(\d{8})?(-)?(\d{8})?$/.exec(key) ?? [];
  return [first || '00000000', dash ? last || '99999999' : first || '99999999'];
}
