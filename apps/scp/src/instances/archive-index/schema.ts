// The tables of the index and their migrations.

import { type Generated, type Kysely, type Migration, sql } from 'kysely';
import type { Level } from './archive-index.ts';

/** The columns that every database has. Those of attributes with a column are made by attribute-list.ts. */
export interface Tables {
  readonly patient: {
    id: Generated<number>;
    /** What identifies a patient: identifier and issuer, or else name and date of birth. */
    patient_key: string;
    /** The attributes of the level as JSON. */
    attributes: string;
    /** The instance that they come from: `sourceOf`. */
    source: string;
  };
  readonly study: {
    id: Generated<number>;
    patient: number;
    study_instance_uid: string;
    attributes: string;
    source: string;
  };
  readonly series: {
    id: Generated<number>;
    study: number;
    series_instance_uid: string;
    attributes: string;
    source: string;
  };
  readonly instance: {
    id: Generated<number>;
    series: number;
    sop_instance_uid: string;
    sop_class_uid: string;
    transfer_syntax_uid: string;
    /** Bytes of the data set; null for instances that were entered before this column existed. */
    length: number | null;
    attributes: string;
    /** The name of its file, if a template gave it one; null in the default layout. */
    file: string | null;
    /** 0 if an earlier version made the entry, which may have read its file incompletely. */
    is_current: number;
  };
  /** Files without an entry that are to be removed. */
  readonly file_removal: {
    study_instance_uid: string;
    series_instance_uid: string;
    sop_instance_uid: string;
    /** The name that a template gave it; empty in the default layout. */
    file: string;
  };
  /** The attributes and columns that the database has, in the order in which they were added. */
  readonly indexed_attribute: {
    number: Generated<number>;
    name: string;
  };
  /** Whether there is an entry of every acknowledged instance: see completeness.ts. One row at most. */
  readonly completeness: {
    id: number;
    value: string;
  };
  /** By table, the rows that lack attributes: their ids are at least `next` and at most `last`. */
  readonly completion: {
    table_name: string;
    /** The number of the last attribute that these rows have. */
    known: number;
    next: number;
    last: number;
  };
}

export const TABLES = {
  PATIENT: 'patient',
  STUDY: 'study',
  SERIES: 'series',
  IMAGE: 'instance',
} as const satisfies Readonly<Record<Level, keyof Tables>>;

/** The `source` of attributes that those of any instance may replace: it follows all others. */
export const ANY_SOURCE = '~';

/** The column of an attribute: `SOPInstanceUID` has `sop_instance_uid`. */
export function columnOf(keyword: string): string {
  return keyword
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();
}

export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '001-instances': {
    async up(database: Kysely<unknown>) {
      const id = sql`integer primary key`;
      const text = (name: string) => sql`${sql.ref(name)} text not null`;
      const create = (table: string, columns: readonly unknown[]) =>
        sql`create table ${sql.table(table)} (id ${id}, ${sql.join(columns)})`.execute(database);
      await create('patient', [
        sql`patient_key text not null unique`,
        text('patient_id'),
        text('patient_name'),
        text('attributes'),
      ]);
      await create('study', [
        sql`patient integer not null references patient (id)`,
        sql`study_instance_uid text not null unique`,
        text('study_date'),
        text('accession_number'),
        text('attributes'),
      ]);
      await create('series', [
        sql`study integer not null references study (id)`,
        text('series_instance_uid'),
        text('modality'),
        text('attributes'),
        sql`unique (study, series_instance_uid)`,
      ]);
      await create('instance', [
        sql`series integer not null references series (id)`,
        text('sop_instance_uid'),
        text('sop_class_uid'),
        text('transfer_syntax_uid'),
        text('attributes'),
        sql`unique (series, sop_instance_uid)`,
      ]);
      const indexes: readonly (readonly [table: string, column: string])[] = [
        ['patient', 'patient_id'],
        ['study', 'patient'],
        ['study', 'study_date'],
        ['study', 'accession_number'],
        ['series', 'series_instance_uid'],
        ['instance', 'sop_instance_uid'],
      ];
      for (const [table, column] of indexes)
        await sql`create index ${sql.ref(`${table}_${column}`)} on ${sql.table(table)} (${sql.ref(column)})`.execute(
          database,
        );
    },
  },
  '002-lengths': {
    async up(database: Kysely<unknown>) {
      await sql`alter table instance add column length integer`.execute(database);
    },
  },
  '003-attribute-list': {
    async up(database: Kysely<unknown>) {
      await sql`create table indexed_attribute (number integer primary key, name text not null unique)`.execute(
        database,
      );
      await sql`create table completion (table_name text primary key, known integer not null, next integer not null,
        last integer not null)`.execute(database);
      await sql`insert into indexed_attribute (name) select value from json_each(${JSON.stringify(FIRST_NAMES)})`.execute(
        database,
      );
    },
  },
  '004-patients-of-studies': {
    async up(database: Kysely<unknown>) {
      const source = sql`source text not null default '~'`;
      await sql`alter table patient add column ${source}`.execute(database);
      await sql`alter table series add column ${source}`.execute(database);
      await sql`alter table instance add column is_current integer not null default 0`.execute(database);
      await sql`create index instance_outdated on instance (id) where is_current = 0`.execute(database);
      // A constraint cannot be dropped, so the table is made again.
      const found = await sql<{ name: string }>`select name from pragma_table_info('study')`.execute(database);
      const old = found.rows.map(({ name }) => name);
      const own = old.filter((name) => !['id', 'patient', 'study_instance_uid'].includes(name));
      const indexes = await sql<{ text: string }>`select sql as text from sqlite_master
        where type = 'index' and tbl_name = 'study' and sql is not null`.execute(database);
      await sql`create table new_study (id integer primary key, patient integer not null references patient (id),
        study_instance_uid text not null, ${sql.join(own.map((name) => sql`${sql.ref(name)} text`))}, ${source},
        unique (patient, study_instance_uid))`.execute(database);
      const names = sql.join(old.map((name) => sql.ref(name)));
      await sql`insert into new_study (${names}) select ${names} from study`.execute(database);
      await sql`drop table study`.execute(database);
      await sql`alter table new_study rename to study`.execute(database);
      await sql`create index study_study_instance_uid on study (study_instance_uid)`.execute(database);
      for (const { text } of indexes.rows) await sql.raw(text).execute(database);
    },
  },
  '005-completeness': {
    async up(database: Kysely<unknown>) {
      await sql`create table completeness (id integer primary key, value text not null)`.execute(database);
    },
  },
  '006-file-removals': {
    async up(database: Kysely<unknown>) {
      await sql`create table file_removal (study_instance_uid text not null, series_instance_uid text not null,
        sop_instance_uid text not null, primary key (study_instance_uid, series_instance_uid, sop_instance_uid))`.execute(
        database,
      );
    },
  },
  '007-arrival-order': {
    async up(database: Kysely<unknown>) {
      await sql`create table arrival_order (generation text not null, highest_removed integer not null)`.execute(
        database,
      );
      await sql`insert into arrival_order values (${sql.raw(NEW_GENERATION)}, 0)`.execute(database);
      // An id is never used again, so that a reader that has read up to an id has read all before it. The condition of the
      // trigger on insertion reads one row, and is true only if the latest instance was removed.
      await sql`create trigger instance_removed after delete on instance
        when old.id > (select coalesce(max(id), 0) from instance)
        begin update arrival_order set highest_removed = max(highest_removed, old.id); end`.execute(database);
      await sql`create trigger instance_entered after insert on instance
        when new.id <= (select highest_removed from arrival_order)
        begin update instance set id = (select highest_removed + 1 from arrival_order) where id = new.id; end`.execute(
        database,
      );
    },
  },
  '008-file-names': {
    async up(database: Kysely<unknown>) {
      await sql`alter table instance add column file text`.execute(database);
      await sql`create unique index instance_file on instance (file) where file is not null`.execute(database);
      await sql`create index instance_named on instance (series) where file is not null`.execute(database);
      // The key has the name too: an instance that arrives again, and is deleted again, may have another one.
      await sql`create table new_file_removal (study_instance_uid text not null, series_instance_uid text not null,
        sop_instance_uid text not null, file text not null default '',
        primary key (study_instance_uid, series_instance_uid, sop_instance_uid, file))`.execute(database);
      await sql`insert into new_file_removal select *, '' from file_removal`.execute(database);
      await sql`drop table file_removal`.execute(database);
      await sql`alter table new_file_removal rename to file_removal`.execute(database);
    },
  },
};

/** Names this content of the index, in contrast to one that is made again. */
export const NEW_GENERATION = 'lower(hex(randomblob(16)))';

/** The attributes of databases that did not record them yet. Like every migration, this list never changes. */
const FIRST_ATTRIBUTES = {
  PATIENT: `
    PatientID PatientName IssuerOfPatientID IssuerOfPatientIDQualifiersSequence PatientBirthDate
    PatientBirthTime PatientSex OtherPatientIDs OtherPatientIDsSequence OtherPatientNames EthnicGroup
    PatientComments PatientSpeciesDescription PatientSpeciesCodeSequence PatientBreedDescription
    ResponsiblePerson ResponsibleOrganization`,
  STUDY: `
    StudyInstanceUID StudyDate StudyTime AccessionNumber IssuerOfAccessionNumberSequence StudyID
    ReferringPhysicianName StudyDescription ProcedureCodeSequence NameOfPhysiciansReadingStudy
    PhysiciansOfRecord AdmittingDiagnosesDescription PatientAge PatientSize PatientWeight Occupation
    AdditionalPatientHistory AdmissionID TimezoneOffsetFromUTC`,
  SERIES: `
    SeriesInstanceUID Modality SeriesNumber SeriesDescription SeriesDate SeriesTime BodyPartExamined Laterality
    ProtocolName PatientPosition PerformedProcedureStepID PerformedProcedureStepStartDate
    PerformedProcedureStepStartTime PerformedProcedureStepDescription RequestAttributesSequence
    PerformingPhysicianName OperatorsName Manufacturer ManufacturerModelName DeviceSerialNumber
    SoftwareVersions StationName InstitutionName InstitutionalDepartmentName FrameOfReferenceUID`,
  IMAGE: `
    SOPInstanceUID SOPClassUID InstanceNumber ImageType ContentDate ContentTime AcquisitionDate AcquisitionTime
    AcquisitionDateTime AcquisitionNumber InstanceCreationDate InstanceCreationTime NumberOfFrames Rows Columns
    BitsAllocated BitsStored SamplesPerPixel PhotometricInterpretation PixelSpacing ImagePositionPatient
    ImageOrientationPatient SliceLocation SliceThickness WindowCenter WindowWidth ImageComments ImageLaterality
    ViewPosition EchoNumbers EchoTime RepetitionTime LossyImageCompression ContentLabel ContentDescription
    ContentCreatorName PresentationCreationDate PresentationCreationTime ConceptNameCodeSequence CompletionFlag
    VerificationFlag DocumentTitle MIMETypeOfEncapsulatedDocument RTPlanLabel StructureSetLabel`,
};

const FIRST_COLUMNS = [
  'patient.patient_id text',
  'patient.patient_name name',
  'study.study_instance_uid uid',
  'study.study_date date',
  'study.accession_number text',
  'series.series_instance_uid uid',
  'series.modality text',
  'instance.sop_instance_uid uid',
  'instance.sop_class_uid uid',
];

const FIRST_NAMES: readonly string[] = [
  ...Object.entries(FIRST_ATTRIBUTES).flatMap(([level, text]) =>
    text
      .trim()
      .split(/\s+/)
      .map((keyword) => `${level} ${keyword}`),
  ),
  ...FIRST_COLUMNS,
];
