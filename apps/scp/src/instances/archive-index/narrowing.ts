// Conditions that let the database leave out most of what cannot match. The rest is for attribute matching to tell.

import type { DataSet } from '@x/dimse';
import { type ExpressionBuilder, type ExpressionWrapper, type SqlBool, sql } from 'kysely';
import type { ArchiveQuery } from './archive-index.ts';
import type { Tables } from './schema.ts';

type Builder = ExpressionBuilder<Tables, keyof Tables>;
type Condition = ExpressionWrapper<Tables, keyof Tables, SqlBool>;

/** Conditions that hold for all rows that match; the tables of the levels down to the query's are there to be used. */
export function narrowing(builder: Builder, { level, identifier, fuzzy }: ArchiveQuery): Condition[] {
  const conditions: Condition[] = [];
  const restrict = (keyword: string, column: Column, isUid = false) => {
    const keys = texts(identifier[keyword]);
    if (keys.length === 0) return;
    if (isUid || !keys.some((key) => /[*?]/.test(key))) conditions.push(isOneOf(builder, column, keys));
    else if (keys.length <= MOST_PATTERNS && keys.every(isShort))
      conditions.push(builder.or(keys.map((key) => like(builder, column, pattern(key)))));
  };
  restrict('PatientID', 'patient.patient_id');
  const [name, ...otherNames] = texts(identifier.PatientName);
  if (name && otherNames.length === 0 && !fuzzy && !name.includes('=') && isShort(name))
    conditions.push(like(builder, 'patient.patient_name', `%${pattern(nameColumn(name).replace(/[\s^]+$/, ''))}%`));
  if (level === 'PATIENT') return conditions;
  restrict('StudyInstanceUID', 'study.study_instance_uid', true);
  restrict('AccessionNumber', 'study.accession_number');
  const [date, ...otherDates] = texts(identifier.StudyDate);
  // Combined with a time, a range of dates still bounds the dates.
  if (date && otherDates.length === 0) conditions.push(...dateConditions(builder, date));
  const modalities = texts(identifier.ModalitiesInStudy);
  if (modalities.length > 0 && !modalities.some((key) => /[*?]/.test(key)))
    conditions.push(
      builder.exists(
        builder
          .selectFrom('series as any_series')
          .select('any_series.id')
          .whereRef('any_series.study', '=', 'study.id')
          .where((series) => isOneOf(series as never, 'any_series.modality', modalities) as never),
      ),
    );
  if (level === 'STUDY') return conditions;
  restrict('SeriesInstanceUID', 'series.series_instance_uid', true);
  restrict('Modality', 'series.modality');
  if (level === 'SERIES') return conditions;
  restrict('SOPInstanceUID', 'instance.sop_instance_uid', true);
  restrict('SOPClassUID', 'instance.sop_class_uid', true);
  return conditions;
}

/** The keys that are not decided by `narrowing` alone: UIDs are, and there may be many thousands of them. */
export function withoutDecided(identifier: DataSet): DataSet {
  const { StudyInstanceUID: _, SeriesInstanceUID: __, SOPInstanceUID: ___, SOPClassUID: ____, ...rest } = identifier;
  return rest;
}

/** A name as its column has it. */
export function nameColumn(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/** A date as its column has it; dates of old have dots. */
export function dateColumn(date: string): string {
  return date.replace(/[^0-9]/g, '').slice(0, 8);
}

/** A key's values as texts, without the empty ones. */
export function texts(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value])
    .map((one) => (typeof one === 'object' && one !== null ? personNameText(one) : `${one ?? ''}`).trim())
    .filter((text) => text !== '');
}

function personNameText(name: DataSet): string {
  return [name.Alphabetic, name.Ideographic, name.Phonetic]
    .map((group) => group ?? '')
    .join('=')
    .replace(/=+$/, '');
}

type Column =
  | 'patient.patient_id'
  | 'patient.patient_name'
  | 'study.study_instance_uid'
  | 'study.accession_number'
  | 'series.series_instance_uid'
  | 'series.modality'
  | 'any_series.modality'
  | 'instance.sop_instance_uid'
  | 'instance.sop_class_uid';

/** However many there are: as one parameter, since the database limits their number. */
function isOneOf(builder: Builder, column: Column, values: readonly string[]): Condition {
  return builder.and([sql<SqlBool>`${sql.ref(column)} in (select value from json_each(${JSON.stringify(values)}))`]);
}

// What the database takes of patterns is limited; beyond that, they are matched without it.
const MOST_PATTERNS = 100;
const LONGEST_PATTERN = 1000;

function isShort(key: string): boolean {
  return key.length <= LONGEST_PATTERN;
}

function like(builder: Builder, column: Column, text: string): Condition {
  return builder.and([sql<SqlBool>`${sql.ref(column)} like ${text} escape '\\'`]);
}

function pattern(key: string): string {
  return key
    .replace(/[%_\\]/g, '\\$&')
    .replaceAll('*', '%')
    .replaceAll('?', '_');
}

function dateConditions(builder: Builder, date: string): Condition[] {
  const separator = date.indexOf('-');
  const from = dateColumn(separator < 0 ? date : date.slice(0, separator));
  const to = separator < 0 ? from : dateColumn(date.slice(separator + 1));
  return [
    ...(from ? [builder('study.study_date', '>=', from)] : []),
    ...(to ? [builder('study.study_date', '<=', `${to}9`)] : []),
  ];
}
