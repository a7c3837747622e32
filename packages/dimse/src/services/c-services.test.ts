import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sharedFolder } from '@x/testing/shared-files';
import { describe, expect, test } from 'vitest';
import type { DataSet } from '../data-set/dataset.ts';
import { category, describeStatus } from '../message/status.ts';
import type { RequestOf, ServiceClass } from '../session/service-class.ts';
import { sopClassOf } from '../session/service-lookup.ts';
import { verification } from '../session/verification.ts';
import { nonPatientObjectStorage } from './non-patient-object-storage.ts';
import * as nonPatient from './non-patient-query-retrieve.ts';
import * as queryRetrieve from './query-retrieve.ts';
import { relevantPatientInformation } from './relevant-patient-information.ts';
import { storage } from './storage.ts';
import { substanceAdministration } from './substance-administration.ts';
import { modalityWorklist } from './worklist.ts';

const SERVICES: readonly ServiceClass[] = [
  verification,
  storage,
  nonPatientObjectStorage,
  modalityWorklist,
  relevantPatientInformation,
  substanceAdministration,
  ...Object.values(queryRetrieve),
  ...Object.values(nonPatient),
];

const reference = resolve(sharedFolder ?? fileURLToPath(import.meta.url), '../reference');
const readReference = (name: string) => JSON.parse(readFileSync(resolve(reference, name), 'utf8'));

/** By their names in the reference: services that mainly use N-services, or only define media. */
const OTHER_SERVICES: ReadonlySet<string> = new Set([
  'Modality Performed Procedure Step',
  'Storage Commitment',
  'Print Management',
  'Unified Procedure Step',
  'Instance Availability Notification',
  'Media Creation Management',
  'Storage Management',
  'Application Event Logging',
  'RT Machine Verification',
  'Display System Management',
  'Media Storage',
]);

describe.runIf(sharedFolder)('every SOP class of the C-services', () => {
  const byService: Record<string, { uid: string; keyword: string }[]> = sharedFolder
    ? readReference('sop-classes-by-service.json')
    : {};
  const rows = Object.entries(byService)
    .filter(([service]) => !OTHER_SERVICES.has(service))
    .flatMap(([service, classes]) => classes.map(({ uid, keyword }) => ({ service, uid, keyword })));

  test('is listed in the reference', () => expect(rows.length).toBeGreaterThan(200));

  test.each(rows)('$service: $keyword', ({ uid, keyword }) => {
    const service = SERVICES.filter((serviceClass) => sopClassOf({ serviceClass }, uid));
    expect(service).toHaveLength(1);
    const operation = /(?:Find|Query)$/.test(keyword)
      ? ['find']
      : /Move$/.test(keyword)
        ? ['move']
        : /Get$/.test(keyword)
          ? ['get']
          : [keyword === 'Verification' ? 'echo' : 'store'];
    expect(sopClassOf({ serviceClass: service[0] as ServiceClass }, uid)?.operations).toEqual(operation);
  });
});

/** The tables of the reference, with the service classes that they describe. */
const STATUS_TABLES: readonly (readonly [table: string, services: readonly ServiceClass[]])[] = [
  ['STORAGE', [storage]],
  ['NON_PATIENT', [nonPatientObjectStorage]],
  ['MODALITY_WORKLIST', [modalityWorklist]],
  ['RELEVANT_PATIENT', [relevantPatientInformation]],
  ['SUBSTANCE_ADMINISTRATION', [substanceAdministration]],
  ['QR_FIND', [...Object.values(queryRetrieve), ...Object.values(nonPatient)]],
  ['QR_GET', [...Object.values(queryRetrieve), ...Object.values(nonPatient)]],
  ['QR_MOVE', [...Object.values(queryRetrieve), ...Object.values(nonPatient)]],
];

describe.runIf(sharedFolder)('every status of the C-services', () => {
  const tables = sharedFolder ? readReference('status-codes.json') : {};
  const general = new Set<string>((tables.GENERAL_STATUS ?? []).map(({ code }: { code: string }) => code));
  test.each(STATUS_TABLES)('%s', (table, services) => {
    const rows: { code: string; category: string }[] = tables[`${table}_SERVICE_CLASS_STATUS`];
    expect(rows.length).toBeGreaterThan(general.size);
    for (const { code, category: expected } of rows) {
      const [first = '', last = first] = code.split('-');
      for (const hex of [first, last]) {
        const status = Number.parseInt(hex, 16);
        expect([hex, category(status)]).toEqual([hex, expected.toLowerCase()]);
        if (general.has(code)) continue;
        for (const { name, statuses } of services) {
          const words = describeStatus(status, statuses);
          expect(`${name}: ${words}`).not.toMatch(/: (?:failure|warning) \(/);
          expect(statuses[status]?.[0] ?? expected.toLowerCase()).toBe(expected.toLowerCase());
        }
      }
    }
  });
});

test('sopClass may be omitted if only one SOP class has the operation', () => {
  const identifier: DataSet = {};
  const find: RequestOf<typeof queryRetrieve.studyRoot, 'find'> = { identifier };
  // @ts-expect-error three SOP classes have the operation
  const query: RequestOf<typeof relevantPatientInformation, 'find'> = { identifier };
  expect(query).toEqual(find);
});
