// The types of data sets, checked by the compiler.

import { expectTypeOf, test } from 'vitest';
import { studyRoot } from '../services/query-retrieve.ts';
import type { modalityWorklist } from '../services/worklist.ts';
import type { Client } from '../session/service-class.ts';
import { serve } from '../session/service-class.ts';
import type { Keyword } from './data-dictionary.ts';
import { elementOf } from './misfits.ts';
import type { PersonName } from './person-name.ts';
import type { DataSet, DataSetInput, Identifier, UntypedDataSet } from './typed-data-set.ts';

const compiles = (_: () => unknown): void => {};

test('keywords are those of the dictionary', () => {
  expectTypeOf<'PatientName'>().toExtend<Keyword>();
  expectTypeOf<'PatientNam'>().not.toExtend<Keyword>();
});

test('values are read by VR and VM', () => {
  expectTypeOf<DataSet['StudyInstanceUID']>().toEqualTypeOf<string | undefined>();
  expectTypeOf<DataSet['ImageType']>().toEqualTypeOf<readonly string[] | undefined>();
  expectTypeOf<DataSet['PatientName']>().toEqualTypeOf<PersonName | null | undefined>();
  expectTypeOf<DataSet['OtherPatientNames']>().toEqualTypeOf<readonly (PersonName | null)[] | undefined>();
  expectTypeOf<DataSet['InstanceNumber']>().toEqualTypeOf<number | null | undefined>();
  expectTypeOf<DataSet['PixelSpacing']>().toEqualTypeOf<readonly (number | null)[] | undefined>();
  expectTypeOf<DataSet['Rows']>().toEqualTypeOf<number | null | undefined>();
  expectTypeOf<DataSet['SelectorUVValue']>().toEqualTypeOf<readonly bigint[] | undefined>();
  expectTypeOf<DataSet['EncapsulatedDocument']>().toEqualTypeOf<Uint8Array | null | undefined>();
  expectTypeOf<DataSet['PixelData']>().toEqualTypeOf<Uint8Array | readonly Uint8Array[] | null | undefined>();
  expectTypeOf<DataSet['RequestAttributesSequence']>().toEqualTypeOf<readonly DataSet[] | undefined>();
});

test('a data set can be written, and used as a dictionary', () => {
  expectTypeOf<DataSet>().toExtend<DataSetInput>();
  expectTypeOf<Identifier>().toExtend<DataSetInput>();
  expectTypeOf<DataSetInput>().toExtend<UntypedDataSet>();
  expectTypeOf<UntypedDataSet>().toExtend<DataSetInput>();
});

test('misspelt keywords and values of another kind do not compile in requests, at every depth', () => {
  compiles(() => (client: Client<typeof studyRoot>) => [
    client.find({ identifier: { QueryRetrieveLevel: 'STUDY', PatientName: 'A*', StudyInstanceUID: ['1.2', '1.3'] } }),
    client.find({ identifier: { NumberOfStudyRelatedInstances: '', ModalitiesInStudy: 'CT', PatientID: undefined } }),
    // @ts-expect-error misspelt
    client.find({ identifier: { QueryRetrieveLevl: 'STUDY' } }),
    // @ts-expect-error not text
    client.find({ identifier: { PatientID: { Alphabetic: 'A' } } }),
    // @ts-expect-error misspelt in an item
    client.find({ identifier: { ScheduledProcedureStepSequence: [{ Modalty: 'CT' }] } }),
  ]);
});

test('results have the types of their keys', () => {
  compiles(() => async (client: Client<typeof modalityWorklist>) => {
    const keys = { PatientName: '', ScheduledProcedureStepSequence: [{ Modality: 'CT' }] };
    for await (const { identifier = {} } of client.find({ identifier: keys })) {
      expectTypeOf(identifier.PatientName?.Alphabetic).toEqualTypeOf<string | undefined>();
      expectTypeOf(identifier.ScheduledProcedureStepSequence?.[0]?.Modality).toEqualTypeOf<string | undefined>();
      expectTypeOf(elementOf(identifier, 0x00091001)?.value).toBeUnknown();
      expectTypeOf(identifier.StudyInstanceUID).toEqualTypeOf<string | undefined>();
      // @ts-expect-error misspelt
      identifier.StudyInstanceUDI;
      // @ts-expect-error not requested
      identifier.PatientSex;
      // @ts-expect-error misspelt in an item
      identifier.ScheduledProcedureStepSequence?.[0]?.Modalty;
    }
  });
});

test('handlers read identifiers whose keys may have several values, and answer data sets', () => {
  compiles(() =>
    serve(studyRoot, {
      async *find({ identifier }) {
        expectTypeOf(identifier).toEqualTypeOf<Identifier>();
        expectTypeOf(identifier.StudyInstanceUID).toEqualTypeOf<string | readonly string[] | undefined>();
        yield { ...identifier, PatientName: 'Doe^Jane' };
      },
    }),
  );
  compiles(() =>
    serve(studyRoot, {
      // @ts-expect-error misspelt
      async *find() {
        yield { PatientNam: 'Doe^Jane' };
      },
    }),
  );
});
