// Storage: PS3.4 Annex B.

import type { ProposedContext } from '@x/net';
import { MAXIMUM_PRESENTATION_CONTEXTS } from '@x/net/internal';
import { proposedBeside } from '../data-set/reencode.ts';
import { cStore } from '../message/operations.ts';
import { Status } from '../message/status.ts';
import { SopClass, STORAGE_SOP_CLASSES } from '../registry/uids.generated.ts';
import { defineServiceClass } from '../session/service-class.ts';

/** The SOP classes that most instances have. They come first, because an association does not have contexts for all. */
const COMMON_SOP_CLASSES: readonly string[] = [
  SopClass.CTImageStorage,
  SopClass.EnhancedCTImageStorage,
  SopClass.MRImageStorage,
  SopClass.EnhancedMRImageStorage,
  SopClass.ComputedRadiographyImageStorage,
  SopClass.DigitalXRayImageStorageForPresentation,
  SopClass.DigitalXRayImageStorageForProcessing,
  SopClass.DigitalMammographyXRayImageStorageForPresentation,
  SopClass.DigitalMammographyXRayImageStorageForProcessing,
  SopClass.BreastTomosynthesisImageStorage,
  SopClass.DigitalIntraOralXRayImageStorageForPresentation,
  SopClass.UltrasoundImageStorage,
  SopClass.UltrasoundMultiFrameImageStorage,
  SopClass.XRayAngiographicImageStorage,
  SopClass.EnhancedXAImageStorage,
  SopClass.XRayRadiofluoroscopicImageStorage,
  SopClass.EnhancedXRFImageStorage,
  SopClass.XRay3DAngiographicImageStorage,
  SopClass.NuclearMedicineImageStorage,
  SopClass.PositronEmissionTomographyImageStorage,
  SopClass.EnhancedPETImageStorage,
  SopClass.SecondaryCaptureImageStorage,
  SopClass.MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
  SopClass.MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
  SopClass.MultiFrameTrueColorSecondaryCaptureImageStorage,
  SopClass.GrayscaleSoftcopyPresentationStateStorage,
  SopClass.ColorSoftcopyPresentationStateStorage,
  SopClass.KeyObjectSelectionDocumentStorage,
  SopClass.BasicTextSRStorage,
  SopClass.EnhancedSRStorage,
  SopClass.ComprehensiveSRStorage,
  SopClass.XRayRadiationDoseSRStorage,
  SopClass.RadiopharmaceuticalRadiationDoseSRStorage,
  SopClass.EncapsulatedPDFStorage,
  SopClass.EncapsulatedCDAStorage,
  SopClass.RTImageStorage,
  SopClass.RTDoseStorage,
  SopClass.RTStructureSetStorage,
  SopClass.RTPlanStorage,
  SopClass.RTBeamsTreatmentRecordStorage,
  SopClass.RTIonPlanStorage,
  SopClass.SegmentationStorage,
  SopClass.SpatialRegistrationStorage,
  SopClass.RawDataStorage,
  SopClass.VLEndoscopicImageStorage,
  SopClass.VideoEndoscopicImageStorage,
  SopClass.VLPhotographicImageStorage,
  SopClass.VideoPhotographicImageStorage,
  SopClass.VLWholeSlideMicroscopyImageStorage,
  SopClass.OphthalmicPhotography8BitImageStorage,
  SopClass.OphthalmicTomographyImageStorage,
  SopClass.TwelveLeadECGWaveformStorage,
  SopClass.GeneralECGWaveformStorage,
];

/**
 * Storage (PS3.4 Annex B) with the SOP classes of Table B.5-1 and the statuses of Table B.2-1. A provider accepts other
 * SOP classes, such as private ones, if `otherSopClasses` allows them.
 */
export const storage = defineServiceClass({
  name: 'Storage',
  operations: { store: cStore },
  sopClasses: Object.fromEntries(
    [...new Set<string>([...COMMON_SOP_CLASSES, ...STORAGE_SOP_CLASSES])].map(
      (uid): [string, { uid: string; operations: ['store'] }] => [uid, { uid, operations: ['store'] }],
    ),
  ),
  // Private SOP classes, and those added to the standard after this table was made.
  otherSopClasses: ['store'],
  statuses: {
    0xb000: ['warning', 'coercion of data elements'],
    0xb006: ['warning', 'elements discarded'],
    0xb007: ['warning', 'the data set does not match the SOP class'],
    [Status.OutOfResources]: ['failure', 'out of resources'],
    [Status.DataSetDoesNotMatchSopClass]: ['failure', 'the data set does not match the SOP class'],
    [Status.CannotUnderstand]: ['failure', 'cannot understand'],
  },
});

/** The properties of an instance that decide which presentation context can carry it. */
export interface InstanceKind {
  /** SOP Class UID. */
  readonly sopClass: string;
  /** UID of the transfer syntax. */
  readonly transferSyntax: string;
}

/**
 * The presentation contexts to propose for sending instances: one for each pair of SOP class and transfer syntax, because
 * instances are sent as they are encoded if the peer accepts it, and for uncompressed ones also those of Implicit and
 * Explicit VR Little Endian (PS3.5 §10.1), in which they are re-encoded otherwise. Returns groups of at most `limit`
 * contexts, each for one association; the contexts of an instance are in one group.
 */
export function storageContexts(
  instances: Iterable<InstanceKind>,
  limit = MAXIMUM_PRESENTATION_CONTEXTS,
): ProposedContext[][] {
  const groups: Map<string, ProposedContext>[] = [];
  const kinds = new Set<string>();
  for (const { sopClass, transferSyntax } of instances) {
    const kind = `${sopClass} ${transferSyntax}`;
    if (kinds.has(kind)) continue;
    kinds.add(kind);
    const proposed = [transferSyntax, ...proposedBeside(transferSyntax)].slice(0, limit);
    const needed = proposed.map((uid): [string, ProposedContext] => [
      `${sopClass} ${uid}`,
      { abstractSyntax: sopClass, transferSyntaxes: [uid] },
    ]);
    let group = groups.at(-1);
    const further = needed.filter(([key]) => !group?.has(key)).length;
    if (!group || group.size + further > limit) {
      group = new Map();
      groups.push(group);
    }
    for (const [key, context] of needed) group.set(key, context);
  }
  return groups.map((group) => [...group.values()]);
}
