// PDUs as text, for logs.

import type { AssociateAccept, AssociateRequest } from './associate.ts';
import { aValueOf, checkOptions, type OptionTable } from './check-options.ts';
import { hex, type Item } from './items.ts';
import type { PresentationDataValue } from './p-data.ts';
import type { Pdu } from './pdu.ts';
import { describeAbort, describeContextResult, describeReject, PresentationContextResult } from './reasons.ts';
import { renderUserInformation } from './user-information-codec.ts';
import { bytesText } from './wire-text.ts';

/** How `renderPdu` shows a PDU. */
export interface RenderOptions {
  /** Returns the name of a UID, if it has one. */
  readonly nameOf?: (uid: string) => string | undefined;
}

/** A summary of the PDU in one line. */
export function summarizePdu(pdu: Pdu): string {
  switch (pdu.type) {
    case 'A-ASSOCIATE-RQ': {
      const count = pdu.presentationContexts.length;
      return `A-ASSOCIATE-RQ ${pdu.callingAeTitle} → ${pdu.calledAeTitle}, ${count} ${count === 1 ? 'context' : 'contexts'}`;
    }
    case 'A-ASSOCIATE-AC': {
      const accepted = pdu.presentationContexts.filter(isAccepted).length;
      return `A-ASSOCIATE-AC ${accepted} of ${pdu.presentationContexts.length} contexts accepted`;
    }
    case 'A-ASSOCIATE-RJ':
      return `A-ASSOCIATE-RJ ${describeReject(pdu)}`;
    case 'A-ABORT':
      return `A-ABORT ${describeAbort(pdu)}`;
    case 'P-DATA-TF':
      return `P-DATA-TF ${pdu.values.map(describeValue).join(', ')}`;
    default:
      return pdu.type;
  }
}

/**
 * The PDU in full, one field on each line. Only the lengths of message fragments: they may contain patient data.
 * @throws OptionError.
 */
export function renderPdu(pdu: Pdu, options?: RenderOptions): string {
  const { nameOf } = checkOptions(RENDER_OPTIONS, options);
  const named = (uid: string) => {
    const name = nameOf?.(uid);
    return name ? `${uid} ${name}` : uid || '(none)';
  };
  if (pdu.type !== 'A-ASSOCIATE-RQ' && pdu.type !== 'A-ASSOCIATE-AC') return summarizePdu(pdu);
  return [
    summarizePdu(pdu),
    `  protocol version     ${pdu.protocolVersion}`,
    `  called AE title      ${pdu.calledAeTitle}`,
    `  calling AE title     ${pdu.callingAeTitle}`,
    `  application context  ${named(pdu.applicationContextName ?? '')}`,
    ...renderContexts(pdu, named),
    ...renderUserInformation(pdu.userInformation, named),
    ...renderUnknown(pdu.userInformation.unknownItems, '  '),
    ...renderUnknown(pdu.unknownItems, '  '),
  ].join('\n');
}

type Named = (uid: string) => string;

function isAccepted({ result }: { readonly result: number }): boolean {
  return result === PresentationContextResult.Acceptance;
}

function describeValue({ contextId, kind, last, fragments }: PresentationDataValue): string {
  const length = fragments.reduce((sum, fragment) => sum + fragment.length, 0);
  return `context ${contextId} ${kind}${last ? ' (last)' : ''} ${length} bytes`;
}

function renderContexts(pdu: AssociateRequest | AssociateAccept, named: Named): string[] {
  const lines: string[] = [];
  if (pdu.type === 'A-ASSOCIATE-RQ')
    for (const context of pdu.presentationContexts) {
      lines.push(`  context ${context.id}: ${named(context.abstractSyntax)}`);
      for (const uid of context.transferSyntaxes) lines.push(`    in ${named(uid)}`);
      lines.push(...renderUnknown(context.unknownItems, '    '));
    }
  else
    for (const context of pdu.presentationContexts) {
      const syntax = isAccepted(context) ? ` in ${named(context.transferSyntax ?? '')}` : '';
      lines.push(`  context ${context.id}: ${describeContextResult(context.result)}${syntax}`);
      lines.push(...renderUnknown(context.unknownItems, '    '));
    }
  return lines;
}

function renderUnknown(items: readonly Item[] | undefined, indent: string): string[] {
  return (items ?? []).map(({ type, data }) => `${indent}unknown item ${hex(type)}    ${bytesText(data)}`);
}

const RENDER_OPTIONS: OptionTable<RenderOptions> = { of: 'renderPdu', rules: { nameOf: aValueOf('function') } };
