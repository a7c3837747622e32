// Audit messages (PS3.15 §A.5): their codes, and their form as JSON with the names of the schema of §A.5.1.

/** Events of PS3.15 §A.5.3 (context group 400) and their kinds (context group 401). */
export const AUDIT_CODES = {
  applicationActivity: ['110100', 'Application Activity'],
  applicationStart: ['110120', 'Application Start'],
  applicationStop: ['110121', 'Application Stop'],
  auditRecordingStarted: ['110134', 'Audit Recording Started'],
  userAuthentication: ['110114', 'User Authentication'],
  login: ['110122', 'Login'],
  logout: ['110123', 'Logout'],
  securityAlert: ['110113', 'Security Alert'],
  nodeAuthentication: ['110126', 'Node Authentication'],
  instancesAccessed: ['110103', 'DICOM Instances Accessed'],
  studyDeleted: ['110105', 'DICOM Study Deleted'],
  instancesTransferred: ['110104', 'DICOM Instances Transferred'],
  query: ['110112', 'Query'],
  dataExport: ['110106', 'Export'],
  procedureRecord: ['110111', 'Procedure Record'],
  // Roles of active participants (context group 402).
  application: ['110150', 'Application'],
  destination: ['110152', 'Destination Role ID'],
  source: ['110153', 'Source Role ID'],
  // Kinds of objects (context group 404).
  studyInstanceUid: ['110180', 'Study Instance UID'],
  sopClassUid: ['110181', 'SOP Class UID'],
} as const;

export type AuditCode = keyof typeof AUDIT_CODES;

/** Create, read, update, delete, execute. */
export type AuditAction = 'C' | 'R' | 'U' | 'D' | 'E';

/** Success, minor failure (refused), serious failure (not done although it was allowed), major failure. */
export const AuditOutcome = { Success: 0, MinorFailure: 4, SeriousFailure: 8, MajorFailure: 12 } as const;

export interface AuditParticipant {
  /** The name of a user, or the AE title of a system. */
  readonly userId: string;
  readonly aeTitle?: string;
  readonly address?: string;
  readonly isRequestor: boolean;
  readonly role: AuditCode;
}

export interface AuditEvent {
  readonly event: AuditCode;
  readonly kind?: AuditCode;
  readonly action: AuditAction;
  readonly outcome: number;
  /** The status of the operation, the reason of a rejection. */
  readonly description?: string;
  /** The id of the association in the log. */
  readonly association?: string;
  readonly participants: readonly AuditParticipant[];
  readonly studies?: Iterable<string>;
  readonly patients?: Iterable<{ readonly id: string; readonly name: string }>;
  readonly sopClass?: string;
  readonly sopInstance?: string;
}

/** The message as an object for JSON. @param source The AE title of the archive. */
export function auditMessage(event: AuditEvent, source: string, time = new Date()): object {
  const { kind, description, association, sopClass, sopInstance } = event;
  return {
    EventIdentification: {
      EventID: code(event.event),
      ...(kind && { EventTypeCode: code(kind) }),
      EventActionCode: event.action,
      EventDateTime: time.toISOString(),
      EventOutcomeIndicator: event.outcome,
      ...(description !== undefined && { EventOutcomeDescription: clipped(description) }),
    },
    ActiveParticipant: event.participants.map(participant),
    AuditSourceIdentification: { AuditSourceID: source },
    ParticipantObjectIdentification: [
      ...Array.from(event.studies ?? [], (study) => ({
        ...{ ParticipantObjectTypeCode: 2, ParticipantObjectTypeCodeRole: 3 },
        ...{ ParticipantObjectIDTypeCode: code('studyInstanceUid'), ParticipantObjectID: clipped(study) },
      })),
      ...Array.from(event.patients ?? [], ({ id, name }) => ({
        ...{ ParticipantObjectTypeCode: 1, ParticipantObjectTypeCodeRole: 1 },
        ParticipantObjectIDTypeCode: { 'csd-code': '2', codeSystemName: 'RFC-3881', originalText: 'Patient Number' },
        ...{ ParticipantObjectID: clipped(id), ParticipantObjectName: clipped(name) },
      })),
      ...(sopClass === undefined
        ? []
        : [
            {
              ...{ ParticipantObjectTypeCode: 2, ParticipantObjectTypeCodeRole: 3 },
              ...{ ParticipantObjectIDTypeCode: code('sopClassUid'), ParticipantObjectID: clipped(sopClass) },
              ...(sopInstance !== undefined && { SOPInstanceUID: clipped(sopInstance) }),
            },
          ]),
    ],
    ...(association !== undefined && { Association: association }),
  };
}

function participant({ userId, aeTitle, address, isRequestor, role }: AuditParticipant): object {
  return {
    UserID: clipped(userId),
    ...(aeTitle !== undefined && { AlternativeUserID: `AETITLES=${clipped(aeTitle)}` }),
    UserIsRequestor: isRequestor,
    RoleIDCode: code(role),
    // 2: the address is an IP address.
    ...(address !== undefined && { NetworkAccessPointTypeCode: 2, NetworkAccessPointID: address }),
  };
}

function code(name: AuditCode): object {
  const [value, meaning] = AUDIT_CODES[name];
  return { 'csd-code': value, codeSystemName: 'DCM', originalText: meaning };
}

/** Texts of peers may have 64 KiB. */
function clipped(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}

const MOST_CHARACTERS = 256;
