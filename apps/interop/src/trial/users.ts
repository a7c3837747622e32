// The SCUs of the trial: each performs one operation after the other, and repeats those that fail for a reason that is allowed.

import { setTimeout as delay } from 'node:timers/promises';
import {
  DimseError,
  makeUid,
  openSession,
  REQUEST_STORAGE_COMMITMENT,
  type Service,
  type ServiceClass,
  type Session,
  STORAGE_COMMITMENT_INSTANCE,
  Status,
  storage,
  storageCommitment,
  studyRoot,
} from '@x/dimse';
import { AssociationRejectedError } from '@x/net';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN } from '@x/testing/data-sets';
import { ARCHIVE, type Cluster } from './cluster.ts';
import { dataOf, type Study, seriesOf, studyOf } from './instances.ts';
import { commitmentReports, DESTINATION } from './receivers.ts';
import type { Ending, Records } from './records.ts';

/** The statuses of a service that lacks resources (PS3.4 §B.2.3 and §C.4, PS3.7 §10.1). */
const LACKING_RESOURCES: ReadonlySet<number> = new Set([0xa700, 0xa701, 0xa702, 0x0213]);
/** Sub-operations complete, some failed (PS3.4 Table C.4-2): an object could not be read. */
const SOME_FAILED = 0xb000;
/** Milliseconds between two attempts. */
const PAUSE = 300;
const MOST_ATTEMPTS = 200;
/** Milliseconds for which every other SCU waits for a report on the association of its request. */
const WAIT_FOR_REPORT = 2000;

export interface Load {
  readonly cluster: Cluster;
  readonly records: Records;
  /** Once it is aborted, users end after the operation that they perform. */
  readonly over: AbortSignal;
  /** The number of the next study. */
  next: number;
}

type Operation = (session: Session) => Promise<void>;

export class TrialUser {
  readonly aeTitle: string;
  /** When its last successful operation began. */
  lastSuccess = 0;
  readonly #load: Load;
  readonly #number: number;
  #associations = 0;

  constructor(load: Load, number: number) {
    this.#load = load;
    this.#number = number;
    this.aeTitle = titleOf(number);
  }

  /** Performs operations until the load is over. */
  async run(): Promise<void> {
    const own: Study[] = [];
    while (!this.#load.over.aborted) {
      const study = studyOf(this.#load.next++);
      await this.#store(study);
      own.push(study);
      const earlier = own[Math.floor(own.length / 2)] ?? study;
      await this.#find(study);
      await this.#move(earlier);
      await this.commit(study);
    }
  }

  async #store(study: Study): Promise<void> {
    const waiting = new Set(study.instances);
    await this.#perform('store', [storage], async (session) => {
      let refusal: unknown;
      for (const sopInstance of waiting) {
        const instance = { sopClass: CT_IMAGE_STORAGE, sopInstance, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN };
        try {
          await session.use(storage).store({ ...instance, data: dataOf(sopInstance) });
        } catch (error) {
          // The association goes on after a refusal, and the next instance may be taken.
          if (!(error instanceof DimseError)) throw error;
          refusal = error;
          continue;
        }
        waiting.delete(sopInstance);
        this.#load.records.acknowledge(study.uid, sopInstance);
      }
      if (refusal) throw refusal;
    });
  }

  async #find(study: Study): Promise<void> {
    await this.#perform('find', [studyRoot], async (session) => {
      const found = new Set(await sopInstancesFound(session, study.uid));
      const missing = study.instances.filter((uid) => !found.has(uid));
      if (missing.length > 0) this.#load.records.fault(`${missing.join(' ')}: acknowledged, but not found`);
    });
  }

  async #move(study: Study): Promise<void> {
    await this.#perform('move', [studyRoot], async (session) => {
      const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: study.uid };
      const { status, completed } = await session.use(studyRoot).move({ destination: DESTINATION, identifier }).final;
      if (status === SOME_FAILED) throw new PartlyMovedError();
      if (status !== Status.Success || completed !== study.instances.length)
        throw new Error(`C-MOVE ended with ${status.toString(16)}, ${completed} of ${study.instances.length} moved`);
    });
  }

  /**
   * Requests commitment.
   * @param isWaiting Whether the association waits for the report.
   * @param takesReports Whether the association takes the report if it arrives before the release. If not, it arrives at the
   * receivers, which can hold it.
   */
  async commit(
    study: Study,
    { isWaiting = this.#number % 2 === 0, takesReports = true }: { isWaiting?: boolean; takesReports?: boolean } = {},
  ): Promise<void> {
    const { records } = this.#load;
    const options = { serves: takesReports ? [commitmentReports(records)] : [], aeTitle: this.aeTitle };
    const request = async (session: Session) => {
      const commitment = { study, isAccepted: false, reports: [] as number[] };
      const transaction = makeUid();
      // Before it is sent: the report may overtake the response.
      records.commitments.set(transaction, commitment);
      await session.use(storageCommitment).action({
        sopInstance: STORAGE_COMMITMENT_INSTANCE,
        actionType: REQUEST_STORAGE_COMMITMENT,
        information: {
          TransactionUID: transaction,
          ReferencedSOPSequence: study.instances.map((sopInstance) => ({
            ReferencedSOPClassUID: CT_IMAGE_STORAGE,
            ReferencedSOPInstanceUID: sopInstance,
          })),
        },
      });
      commitment.isAccepted = true;
      for (let waited = 0; isWaiting && commitment.reports.length === 0 && waited < WAIT_FOR_REPORT; waited += 50)
        await delay(50);
    };
    await this.#perform('commit', [storageCommitment], request, options);
  }

  /** Performs an operation on an association of its own, again and again until it succeeds. */
  async #perform(
    name: string,
    services: readonly ServiceClass[],
    operation: Operation,
    { serves = [], aeTitle }: { readonly serves?: readonly Service[]; readonly aeTitle?: string } = {},
  ): Promise<void> {
    const { records } = this.#load;
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      // A name of its own tells which process had the association.
      const callingAeTitle = aeTitle ?? `${this.aeTitle}-${this.#associations++}`;
      const ending = await this.#attempt(name, callingAeTitle, services, serves, operation);
      records.ended(name, ending);
      if (ending === 'Success') return;
      await delay(PAUSE);
    }
    records.fault(`${name} of ${this.aeTitle} did not succeed in ${MOST_ATTEMPTS} attempts`);
  }

  async #attempt(
    name: string,
    callingAeTitle: string,
    services: readonly ServiceClass[],
    serves: readonly Service[],
    operation: Operation,
  ): Promise<Ending> {
    const { records, cluster } = this.#load;
    const begun = Date.now();
    let isOpen = false;
    try {
      const peer = { host: '127.0.0.1', port: cluster.port, callingAeTitle, calledAeTitle: ARCHIVE };
      const contexts = contextsOf(services);
      await using session = await openSession({ ...peer, services, serves, ...(contexts && { contexts }) });
      isOpen = true;
      await operation(session);
      await session.release();
      this.lastSuccess = begun;
      return 'Success';
    } catch (error) {
      const ending = await this.#endingOf(error, begun, isOpen ? callingAeTitle : undefined);
      if (ending === 'other') records.fault(`${name} of ${callingAeTitle}: ${textOf(error)}`);
      return ending;
    }
  }

  /** @param openAs The calling AE title of the association, if it was established. */
  async #endingOf(error: unknown, begun: number, openAs: string | undefined): Promise<Ending> {
    if (error instanceof DimseError) return LACKING_RESOURCES.has(error.status) ? 'lacking resources' : 'other';
    if (error instanceof AssociationRejectedError) return 'rejected';
    if (error instanceof PartlyMovedError) return 'partly moved';
    for (const { ended, callers } of this.#load.cluster.kills) {
      const isKilled = ended >= begun && (openAs === undefined || (await callers).has(openAs));
      if (isKilled) return 'killed';
    }
    return 'other';
  }
}

class PartlyMovedError extends Error {}

/** The AE title of the user of a number. */
export const titleOf = (number: number): string => `SCU${String(number).padStart(2, '0')}`;

/** The SOP Instance UIDs in the series of a study, as often as they are found. */
export async function sopInstancesFound(session: Session, study: string): Promise<string[]> {
  const keys = { StudyInstanceUID: study, SeriesInstanceUID: seriesOf(study), SOPInstanceUID: '' };
  const found: string[] = [];
  const responses = session.use(studyRoot).find({ identifier: { QueryRetrieveLevel: 'IMAGE', ...keys } });
  for await (const { identifier } of responses) if (identifier) found.push(String(identifier.SOPInstanceUID));
  return found;
}

/** Undefined: those that the services imply. */
function contextsOf(services: readonly ServiceClass[]) {
  if (!services.includes(storage)) return undefined;
  return [{ abstractSyntax: CT_IMAGE_STORAGE, transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN] }];
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} (${textOf(error.cause)})`;
}
