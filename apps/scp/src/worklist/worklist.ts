// The modality worklist: items from a folder, with the status that performed procedure steps have given them.

import type { Logger } from '@x/cli/logger';
import { UsageError } from '@x/cli/program';
import { type DataSet, DimseError, Status } from '@x/dimse';
import { text } from '@x/dimse/data-set';
import { type FolderItem, type WorklistFolder, watchWorklistFolder } from './worklist-folder.ts';

/** A scheduled procedure step as a performed step refers to it (PS3.4 Table F.7.2-1, Scheduled Step Attributes Sequence). */
export interface ScheduledStepKey {
  readonly studyInstanceUid: string;
  readonly scheduledProcedureStepId: string;
}

/** The performed procedure steps that give worklist items their status. */
export interface PerformedSteps {
  /** The states of steps performed for scheduled steps of these studies, the latest change last. */
  performedFor(studies: readonly string[]): Promise<readonly (ScheduledStepKey & { readonly status: string })[]>;
}

/**
 * Opens the worklist in a folder. With `isShared`, other processes keep performed steps, too: the status of each item is
 * looked up when the item is used. @throws UsageError if the folder cannot be read
 */
export async function openWorklist(
  folder: string,
  performed: PerformedSteps,
  logger: Logger,
  isShared = false,
): Promise<Worklist> {
  const worklist = new Worklist(performed, isShared);
  try {
    await worklist.open(folder, logger);
    return worklist;
  } catch (error) {
    throw new UsageError(`the worklist folder ${folder} cannot be read: ${(error as Error).message}`);
  }
}

export class Worklist implements AsyncDisposable {
  readonly #performed: PerformedSteps;
  readonly #isShared: boolean;
  #folder: WorklistFolder | undefined;
  #items: readonly FolderItem[] = [];
  #studies: ReadonlySet<string> = new Set();
  #statuses: ReadonlyMap<string, string> = new Map();
  #changing: Promise<void> = Promise.resolve();

  constructor(performed: PerformedSteps, isShared: boolean) {
    this.#performed = performed;
    this.#isShared = isShared;
  }

  async open(folder: string, logger: Logger): Promise<void> {
    this.#folder = await watchWorklistFolder(folder, {
      logger,
      changed: (items) =>
        this.#change(async () => {
          const studies = new Set(items.map(({ dataSet }) => text(dataSet.StudyInstanceUID)));
          if (!this.#isShared) this.#statuses = await this.#statusesOf(studies);
          this.#studies = studies;
          this.#items = items;
          logger.info({ event: 'worklist', items: items.length }, `${items.length} worklist items`);
        }),
    });
  }

  /** The number of items. */
  get size(): number {
    return this.#items.length;
  }

  /** Study Instance UIDs of the items. */
  get studies(): ReadonlySet<string> {
    return this.#studies;
  }

  /** The items for this called AE title, with the status of their steps. */
  itemsFor(calledAeTitle: string): Iterable<DataSet> | AsyncIterable<DataSet> {
    return this.#isShared
      ? this.#withCurrentStatus(this.#dataSetsFor(calledAeTitle))
      : withStatus(this.#dataSetsFor(calledAeTitle), this.#statuses);
  }

  *#dataSetsFor(calledAeTitle: string): Generator<DataSet> {
    for (const item of this.#items)
      if (item.calledAeTitle === undefined || item.calledAeTitle === calledAeTitle) yield item.dataSet;
  }

  async *#withCurrentStatus(dataSets: Iterable<DataSet>): AsyncGenerator<DataSet> {
    for (const some of inGroups(dataSets, ITEMS_AT_ONCE)) {
      const studies = new Set(some.map(({ StudyInstanceUID }) => text(StudyInstanceUID)));
      yield* withStatus(some, await this.#statusesOf(studies).catch(asOutOfResources));
    }
  }

  /** Applies the performed steps to the status of the items. */
  async update(steps: readonly ScheduledStepKey[]): Promise<void> {
    if (this.#isShared) return;
    await this.#change(async () => {
      const studies = steps.map(({ studyInstanceUid }) => studyInstanceUid);
      const changed = await this.#statusesOf(new Set(studies.filter((study) => this.#studies.has(study))));
      this.#statuses = new Map([...this.#statuses, ...changed]);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder?.[Symbol.asyncDispose]();
  }

  /** Updates run one after another, so that an earlier one cannot overwrite the result of a later one. */
  #change(work: () => Promise<void>): Promise<void> {
    const done = this.#changing.then(work);
    this.#changing = done.catch(() => {});
    return done;
  }

  async #statusesOf(studies: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
    const statuses = new Map<string, string>();
    const inProgress = new Set<string>();
    for (const { status, ...step } of await this.#performed.performedFor([...studies])) {
      const key = keyOf(step);
      if (status === 'IN PROGRESS') inProgress.add(key);
      // The latest change comes last.
      statuses.set(key, status);
    }
    for (const key of inProgress) statuses.set(key, 'STARTED');
    return statuses;
  }
}

function keyOf({ studyInstanceUid, scheduledProcedureStepId }: ScheduledStepKey): string {
  return `${studyInstanceUid}\\${scheduledProcedureStepId}`;
}

function* withStatus(dataSets: Iterable<DataSet>, statuses: ReadonlyMap<string, string>): Generator<DataSet> {
  for (const dataSet of dataSets) {
    const [step = {}] = dataSet.ScheduledProcedureStepSequence as readonly DataSet[];
    const key = keyOf({
      studyInstanceUid: text(dataSet.StudyInstanceUID),
      scheduledProcedureStepId: text(step.ScheduledProcedureStepID),
    });
    const status = statuses.get(key) ?? (text(step.ScheduledProcedureStepStatus) || 'SCHEDULED');
    yield { ...dataSet, ScheduledProcedureStepSequence: [{ ...step, ScheduledProcedureStepStatus: status }] };
  }
}

function* inGroups<Item>(items: Iterable<Item>, most: number): Generator<readonly Item[]> {
  let group: Item[] = [];
  for (const item of items) {
    group.push(item);
    if (group.length < most) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** C-FIND has its own status for what cannot be done now (PS3.4 Table C.4-1). */
function asOutOfResources(error: unknown): never {
  const isLacking = error instanceof DimseError && error.status === Status.ResourceLimitation;
  throw isLacking ? new DimseError(Status.OutOfResources, { cause: error }) : error;
}

/** Items whose status is looked up by one query. */
const ITEMS_AT_ONCE = 500;
