import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { associatedPair } from '@x/net';
import { sharedFolder } from '@x/testing/shared-files';
import { describe, expect, test } from 'vitest';
import { DimseError } from '../message/errors.ts';
import { category, describeStatus, Status } from '../message/status.ts';
import { SopClass, TransferSyntax } from '../registry/uids.generated.ts';
import { type Service, type ServiceClass, serve } from '../session/service-class.ts';
import { sopClassOf } from '../session/service-lookup.ts';
import { Session } from '../session/session.ts';
import { applicationEventLogging, EventLogInstance } from './application-event-logging.ts';
import { DISPLAY_SYSTEM_INSTANCE, displaySystemManagement } from './display-system.ts';
import { instanceAvailabilityNotification } from './instance-availability.ts';
import { machineVerification } from './machine-verification.ts';
import { mediaCreationManagement } from './media-creation.ts';
import { modalityPerformedProcedureStep } from './performed-procedure-step.ts';
import { PRINTER_CONFIGURATION_INSTANCE, PRINTER_INSTANCE, printManagement } from './print-management.ts';
import { STORAGE_COMMITMENT_INSTANCE, storageCommitment } from './storage-commitment.ts';
import { STORAGE_MANAGEMENT_INSTANCE, storageManagement } from './storage-management.ts';

/** By their names in the reference. */
const SERVICES: Readonly<Record<string, ServiceClass>> = {
  'Modality Performed Procedure Step': modalityPerformedProcedureStep,
  'Storage Commitment': storageCommitment,
  'Instance Availability Notification': instanceAvailabilityNotification,
  'Media Creation Management': mediaCreationManagement,
  'Storage Management': storageManagement,
  'Application Event Logging': applicationEventLogging,
  'RT Machine Verification': machineVerification,
  'Display System Management': displaySystemManagement,
  'Print Management': printManagement,
};

/** Services of the reference without N-services, those tested elsewhere, and one that only defines media. */
const OTHERS =
  /^(?:Verification|Storage|Query\/Retrieve|Basic Worklist|Media Storage|Non-Patient Object Storage|Unified Procedure Step|.* Query|.* Query\/Retrieve)$/;

const INSTANCES: Readonly<Record<string, string>> = {
  [SopClass.StorageCommitmentPushModel]: STORAGE_COMMITMENT_INSTANCE,
  [SopClass.ProceduralEventLogging]: EventLogInstance.ProceduralEvent,
  [SopClass.SubstanceAdministrationLogging]: EventLogInstance.SubstanceAdministration,
  [SopClass.Printer]: PRINTER_INSTANCE,
  [SopClass.PrinterConfigurationRetrieval]: PRINTER_CONFIGURATION_INSTANCE,
  [SopClass.DisplaySystem]: DISPLAY_SYSTEM_INSTANCE,
  [SopClass.InventoryCreation]: STORAGE_MANAGEMENT_INSTANCE,
};

const reference = resolve(sharedFolder ?? fileURLToPath(import.meta.url), '../reference');
const readReference = (name: string) => JSON.parse(readFileSync(resolve(reference, name), 'utf8'));

type Call = (request: object) => Promise<Record<string, unknown>>;

/** The properties of each request and response, in addition to SOP class and instance. */
const MESSAGES: Readonly<Record<string, { readonly request: object; readonly response: object }>> = {
  create: { request: { attributes: { PatientID: 'C' } }, response: { attributes: { PatientID: 'c' } } },
  set: { request: { attributes: { PatientID: 'S' } }, response: { attributes: { PatientID: 's' } } },
  get: { request: { attributeIdentifiers: [0x00100020] }, response: { attributes: { PatientID: 'g' } } },
  action: { request: { actionType: 7, information: { PatientID: 'A' } }, response: { reply: { PatientID: 'a' } } },
  delete: { request: {}, response: {} },
  eventReport: { request: { eventType: 9, information: { PatientID: 'E' } }, response: { reply: { PatientID: 'e' } } },
};

/** The properties that a response repeats from the request if it has a reply. */
const ECHOED: Readonly<Record<string, object>> = { action: { actionType: 7 }, eventReport: { eventType: 9 } };

async function sessions(uid: string, roles: { scu: boolean; scp: boolean }, service: Service, caller: 0 | 1) {
  const ends = await associatedPair({
    request: { contexts: [{ abstractSyntax: uid, transferSyntaxes: [TransferSyntax.ExplicitVRLittleEndian], roles }] },
  });
  const [requestor, acceptor] = ends.map((end, index) => new Session(end, index === caller ? [] : [service]));
  if (!requestor || !acceptor) throw new Error('an association has two ends');
  return caller === 0 ? [requestor, acceptor] : [acceptor, requestor];
}

const rows = Object.values(SERVICES).flatMap((serviceClass) =>
  Object.values(serviceClass.sopClasses).flatMap(({ uid, operations }) =>
    operations.flatMap((name) =>
      (['requestor', 'acceptor'] as const).map((by) => ({ serviceClass, service: serviceClass.name, uid, name, by })),
    ),
  ),
);

describe('every operation of every SOP class', () => {
  test.each(rows)('$service: $name of $uid, by the $by', async ({ serviceClass, uid, name, by }) => {
    const invokedByScu = serviceClass.operations[name]?.invokedBy === 'scu';
    // The invoker is the SCU, or the SCP for N-EVENT-REPORT. The role of the requestor follows from that.
    const requestorIsScu = invokedByScu === (by === 'requestor');
    const roles = { scu: requestorIsScu, scp: !requestorIsScu };
    const { request, response } = MESSAGES[name] ?? { request: {}, response: {} };
    const sopInstance = INSTANCES[uid] ?? '1.2.3.4';
    let fails = false;
    const received: object[] = [];
    const handlers = {
      [name]: (got: object) => {
        received.push(got);
        if (fails)
          throw new DimseError(Status.NoSuchSopInstance, {
            errorComment: 'gone',
            errorId: 3,
            offendingElements: [0x00001000],
            response: { attributeIdentifiers: [0x00100010, 0x00100020] },
          });
        return { status: Status.Success, ...response };
      },
    };
    const [caller, other] = await sessions(uid, roles, serve(serviceClass, handlers), by === 'requestor' ? 0 : 1);
    const call = caller?.use(serviceClass)[name] as unknown as Call;
    const answer = await call({ sopClass: uid, sopInstance, ...request });
    expect(received).toEqual([
      { sopClass: uid, sopInstance, transferSyntax: TransferSyntax.ExplicitVRLittleEndian, ...request },
    ]);
    expect(answer).toEqual({ status: 0, sopInstance, ...response, ...ECHOED[name] });
    fails = true;
    const failure = await call({ sopClass: uid, sopInstance, ...request }).catch((error) => error);
    expect(failure).toBeInstanceOf(DimseError);
    expect(failure).toMatchObject({ status: 0x0112, errorComment: 'gone', errorId: 3, offendingElements: [0x1000] });
    if (['create', 'set', 'get'].includes(name))
      expect(failure.response.attributeIdentifiers).toEqual([0x00100010, 0x00100020]);
    // A call in the wrong role is rejected before anything is sent.
    const backwards = other?.use(serviceClass)[name] as unknown as Call;
    await expect(backwards({ sopClass: uid, sopInstance, ...request })).rejects.toMatchObject({
      name: 'NoContextError',
    });
    await caller?.release();
  });
});

test.each([
  ['does not name one', {}],
  ['has one of zero length', { sopInstance: '' }],
])('a provider assigns the SOP instance if N-CREATE %s', async (_, named) => {
  const { uid } = modalityPerformedProcedureStep.sopClasses.Step;
  const received: (string | undefined)[] = [];
  const service = serve(modalityPerformedProcedureStep, {
    create: ({ sopInstance }) => {
      received.push(sopInstance);
      return { status: Status.Success, sopInstance: '1.2.99' };
    },
  });
  const [caller] = await sessions(uid, { scu: true, scp: false }, service, 0);
  const { create } = (caller as Session).use(modalityPerformedProcedureStep);
  expect(await create({ ...named, attributes: { PatientID: '1' } })).toMatchObject({ sopInstance: '1.2.99' });
  expect(received).toEqual([undefined]);
  await caller?.release();
});

describe('a refused attribute is named in the message', () => {
  const { Step } = modalityPerformedProcedureStep.sopClasses;
  const attributes = { Modality: 'XX', PatientID: '1' };

  test.each<[string, ConstructorParameters<typeof DimseError>[1], string]>([
    ['by its identifier', { response: { attributeIdentifiers: [0x00080060] } }, 'Modality'],
    ['by Offending Element', { offendingElements: [0x00080060, 0x00091001] }, 'Modality, (0009,1001)'],
    ['after the comment', { errorComment: 'odd', response: { attributeIdentifiers: [0x00080060] } }, 'odd: Modality'],
    ['once', { errorComment: 'odd Modality', response: { attributeIdentifiers: [0x00080060] } }, 'odd Modality'],
    ['as a comment alone', { errorComment: 'odd' }, 'odd'],
    ['as one of the request', {}, 'the response names none of the attributes of the request: Modality, PatientID'],
  ])('%s', async (_, details, words) => {
    const service = serve(modalityPerformedProcedureStep, {
      create: () => {
        throw new DimseError(Status.InvalidAttributeValue, details);
      },
    });
    const [caller] = await sessions(Step.uid, { scu: true, scp: false }, service, 0);
    const error = await (caller as Session)
      .use(modalityPerformedProcedureStep)
      .create({ attributes })
      .catch((failed) => failed);
    expect(error.message).toBe(`N-CREATE: invalid attribute value (0106H): ${words}`);
    await caller?.release();
  });

  test('and at most twelve are', () => {
    const attributeIdentifiers = Array.from({ length: 5000 }, (_, index) => 0x00090000 + index);
    const { attributes: named } = new DimseError(Status.NoSuchAttribute, { response: { attributeIdentifiers } });
    expect(named).toMatch(/^\(0009,0000\), .{120,200} and 4988 more$/);
  });
});

describe.runIf(sharedFolder)('the reference', () => {
  const byService: Record<string, { uid: string }[]> = sharedFolder ? readReference('sop-classes-by-service.json') : {};

  test('has no SOP class of the N-services that is missing here', () => {
    const missing = Object.entries(byService)
      .filter(([service]) => !OTHERS.test(service))
      .flatMap(([service, classes]) =>
        classes
          .filter(({ uid }) => {
            const serviceClass = SERVICES[service];
            return !serviceClass || !sopClassOf({ serviceClass }, uid);
          })
          .map(({ uid }) => `${service}: ${uid}`),
      );
    expect(missing).toEqual([]);
  });

  test('has no service that is not tested', () => {
    const unknown = Object.keys(byService).filter((service) => !OTHERS.test(service) && !SERVICES[service]);
    expect(unknown).toEqual([]);
  });

  test.each([
    ['APPLICATION_EVENT_LOGGING_SERVICE_CLASS_STATUS', applicationEventLogging],
    ['MEDIA_CREATION_MANAGEMENT_SERVICE_CLASS_STATUS', mediaCreationManagement],
    ['PROCEDURE_STEP_STATUS', modalityPerformedProcedureStep],
    ['RT_MACHINE_VERIFICATION_SERVICE_CLASS_STATUS', machineVerification],
    ['STORAGE_COMMITMENT_SERVICE_CLASS_STATUS', storageCommitment],
    ['STORAGE_MANAGEMENT_SERVICE_CLASS_STATUS', storageManagement],
  ])('has the statuses of %s', (table, { statuses }: ServiceClass) => {
    const tables = readReference('status-codes.json');
    const general = new Set(tables.GENERAL_STATUS.map(({ code }: { code: string }) => code));
    for (const { code, category: expected } of tables[table] as { code: string; category: string }[]) {
      const status = Number.parseInt(code, 16);
      expect([code, statuses[status]?.[0] ?? category(status)]).toEqual([code, expected.toLowerCase()]);
      if (!general.has(code)) expect(describeStatus(status, statuses)).not.toMatch(/^(?:failure|warning) \(/);
    }
  });
});

describe('a meta SOP class', () => {
  const { GrayscaleMeta, FilmSession, ColorImageBox, GrayscaleImageBox } = printManagement.sopClasses;

  async function pair() {
    const asked: string[] = [];
    const service = serve(printManagement, {
      create: ({ sopClass }) => {
        asked.push(sopClass);
        return { status: Status.Success, sopInstance: '1.2.3' };
      },
      set: ({ sopClass }) => {
        asked.push(sopClass);
        return Status.Success;
      },
    });
    const [user] = await sessions(GrayscaleMeta.uid, { scu: true, scp: false }, service, 0);
    return { asked, client: (user as Session).use(printManagement) as unknown as Record<string, Call> };
  }

  test('carries the requests of the SOP classes it includes and no others', async () => {
    const { asked, client } = await pair();
    expect(await client.create?.({ sopClass: FilmSession.uid })).toMatchObject({ status: 0, sopInstance: '1.2.3' });
    await client.set?.({ sopClass: GrayscaleImageBox.uid, sopInstance: '1.2.4', attributes: { ImageBoxPosition: 1 } });
    expect(asked).toEqual([FilmSession.uid, GrayscaleImageBox.uid]);
    const colour = client.set?.({ sopClass: ColorImageBox.uid, sopInstance: '1.2.5', attributes: {} });
    await expect(colour).rejects.toMatchObject({ name: 'NoContextError' });
  });
});
