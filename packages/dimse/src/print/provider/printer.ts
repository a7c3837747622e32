// The attributes of the printer and their response to N-GET (PS3.4 §H.4.6 and §H.4.11). No I/O.

import type { UntypedDataSet } from '../../data-set/data-set-values.ts';
import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';
import {
  PRINTER_CONFIGURATION_INSTANCE,
  PRINTER_INSTANCE,
  PrinterEvent,
  printManagement,
} from '../../services/print-management.ts';
import { requestedAttributes } from '../../workflow/requested-attributes.ts';

/** The status of the printer: PS3.3 §C.13.9. */
export interface PrinterStatus {
  /** (2110,0010) Printer Status. */
  readonly status: 'NORMAL' | 'WARNING' | 'FAILURE';
  /** (2110,0020) Printer Status Info, a defined term: `SUPPLY LOW`, `COVER OPEN`, `CHECK PRINTER` … Default NORMAL. */
  readonly info?: string;
}

/** Event Type ID by status. */
export const PRINTER_EVENTS = {
  NORMAL: PrinterEvent.Normal,
  WARNING: PrinterEvent.Warning,
  FAILURE: PrinterEvent.Failure,
} as const;

/** All attributes of the printer. */
export function printerAttributes({ status, info = 'NORMAL' }: PrinterStatus, more: UntypedDataSet): UntypedDataSet {
  return { ...UNKNOWN, ...more, PrinterStatus: status, PrinterStatusInfo: info };
}

/**
 * The response to an N-GET of the printer or its configuration, with a warning if attributes are absent.
 * @throws DimseError 0112H or 0119H for any other instance.
 */
export function describePrinter(
  { sopClass, sopInstance }: { readonly sopClass: string; readonly sopInstance: string },
  printer: UntypedDataSet,
  identifiers: readonly number[],
): { readonly status: number; readonly attributes: UntypedDataSet; readonly attributeIdentifiers?: readonly number[] } {
  const classOf: Readonly<Record<string, string>> = {
    [PRINTER_INSTANCE]: printManagement.sopClasses.Printer.uid,
    [PRINTER_CONFIGURATION_INSTANCE]: printManagement.sopClasses.PrinterConfiguration.uid,
  };
  const found = classOf[sopInstance];
  if (found === undefined) throw new DimseError(Status.NoSuchSopInstance);
  if (found !== sopClass) throw new DimseError(Status.ClassInstanceConflict);
  // The configuration has no attributes.
  return answered(sopInstance === PRINTER_INSTANCE ? printer : {}, identifiers);
}

/** The requested attributes, with the warning 0107H and the tags of those that are absent. */
export function answered(all: UntypedDataSet, identifiers: readonly number[]) {
  const { attributes, absent } = requestedAttributes(all, identifiers);
  if (absent.length === 0) return { status: Status.Success, attributes };
  return { status: Status.AttributeListError, attributes, attributeIdentifiers: absent };
}

/** Table H.4-18: attributes that users may request and that are unknown by default. */
const UNKNOWN: UntypedDataSet = {
  Manufacturer: '',
  ManufacturerModelName: '',
  DeviceSerialNumber: '',
  SoftwareVersions: '',
  DateOfLastCalibration: '',
  TimeOfLastCalibration: '',
  PrinterName: '',
};
