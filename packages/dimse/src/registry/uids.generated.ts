// Generated from the UID tables of PS3.6 and PS3.4 by scripts/generate-uids.ts. Not to be edited.

/** Transfer syntaxes by keyword (PS3.6 Annex A). */
export const TransferSyntax = {
  ImplicitVRLittleEndian: '1.2.840.10008.1.2',
  ExplicitVRLittleEndian: '1.2.840.10008.1.2.1',
  EncapsulatedUncompressedExplicitVRLittleEndian: '1.2.840.10008.1.2.1.98',
  DeflatedExplicitVRLittleEndian: '1.2.840.10008.1.2.1.99',
  ExplicitVRBigEndian: '1.2.840.10008.1.2.2',
  JPEGBaseline8Bit: '1.2.840.10008.1.2.4.50',
  JPEGExtended12Bit: '1.2.840.10008.1.2.4.51',
  JPEGExtended35: '1.2.840.10008.1.2.4.52',
  JPEGSpectralSelectionNonHierarchical68: '1.2.840.10008.1.2.4.53',
  JPEGSpectralSelectionNonHierarchical79: '1.2.840.10008.1.2.4.54',
  JPEGFullProgressionNonHierarchical1012: '1.2.840.10008.1.2.4.55',
  JPEGFullProgressionNonHierarchical1113: '1.2.840.10008.1.2.4.56',
  JPEGLossless: '1.2.840.10008.1.2.4.57',
  JPEGLosslessNonHierarchical15: '1.2.840.10008.1.2.4.58',
  JPEGExtendedHierarchical1618: '1.2.840.10008.1.2.4.59',
  JPEGExtendedHierarchical1719: '1.2.840.10008.1.2.4.60',
  JPEGSpectralSelectionHierarchical2022: '1.2.840.10008.1.2.4.61',
  JPEGSpectralSelectionHierarchical2123: '1.2.840.10008.1.2.4.62',
  JPEGFullProgressionHierarchical2426: '1.2.840.10008.1.2.4.63',
  JPEGFullProgressionHierarchical2527: '1.2.840.10008.1.2.4.64',
  JPEGLosslessHierarchical28: '1.2.840.10008.1.2.4.65',
  JPEGLosslessHierarchical29: '1.2.840.10008.1.2.4.66',
  JPEGLosslessSV1: '1.2.840.10008.1.2.4.70',
  JPEGLSLossless: '1.2.840.10008.1.2.4.80',
  JPEGLSNearLossless: '1.2.840.10008.1.2.4.81',
  JPEG2000Lossless: '1.2.840.10008.1.2.4.90',
  JPEG2000: '1.2.840.10008.1.2.4.91',
  JPEG2000MCLossless: '1.2.840.10008.1.2.4.92',
  JPEG2000MC: '1.2.840.10008.1.2.4.93',
  JPIPReferenced: '1.2.840.10008.1.2.4.94',
  JPIPReferencedDeflate: '1.2.840.10008.1.2.4.95',
  MPEG2MPML: '1.2.840.10008.1.2.4.100',
  MPEG2MPMLF: '1.2.840.10008.1.2.4.100.1',
  MPEG2MPHL: '1.2.840.10008.1.2.4.101',
  MPEG2MPHLF: '1.2.840.10008.1.2.4.101.1',
  MPEG4HP41: '1.2.840.10008.1.2.4.102',
  MPEG4HP41F: '1.2.840.10008.1.2.4.102.1',
  MPEG4HP41BD: '1.2.840.10008.1.2.4.103',
  MPEG4HP41BDF: '1.2.840.10008.1.2.4.103.1',
  MPEG4HP422D: '1.2.840.10008.1.2.4.104',
  MPEG4HP422DF: '1.2.840.10008.1.2.4.104.1',
  MPEG4HP423D: '1.2.840.10008.1.2.4.105',
  MPEG4HP423DF: '1.2.840.10008.1.2.4.105.1',
  MPEG4HP42STEREO: '1.2.840.10008.1.2.4.106',
  MPEG4HP42STEREOF: '1.2.840.10008.1.2.4.106.1',
  HEVCMP51: '1.2.840.10008.1.2.4.107',
  HEVCM10P51: '1.2.840.10008.1.2.4.108',
  JPEGXLLossless: '1.2.840.10008.1.2.4.110',
  JPEGXLJPEGRecompression: '1.2.840.10008.1.2.4.111',
  JPEGXL: '1.2.840.10008.1.2.4.112',
  HTJ2KLossless: '1.2.840.10008.1.2.4.201',
  HTJ2KLosslessRPCL: '1.2.840.10008.1.2.4.202',
  HTJ2K: '1.2.840.10008.1.2.4.203',
  JPIPHTJ2KReferenced: '1.2.840.10008.1.2.4.204',
  JPIPHTJ2KReferencedDeflate: '1.2.840.10008.1.2.4.205',
  RLELossless: '1.2.840.10008.1.2.5',
  RFC2557MIMEEncapsulation: '1.2.840.10008.1.2.6.1',
  XMLEncoding: '1.2.840.10008.1.2.6.2',
  SMPTEST211020UncompressedProgressiveActiveVideo: '1.2.840.10008.1.2.7.1',
  SMPTEST211020UncompressedInterlacedActiveVideo: '1.2.840.10008.1.2.7.2',
  SMPTEST211030PCMDigitalAudio: '1.2.840.10008.1.2.7.3',
  DeflatedImageFrameCompression: '1.2.840.10008.1.2.8.1',
  Papyrus3ImplicitVRLittleEndian: '1.2.840.10008.1.20',
} as const;

/** SOP classes by keyword (PS3.6 Annex A). */
export const SopClass = {
  Verification: '1.2.840.10008.1.1',
  StorageCommitmentPushModel: '1.2.840.10008.1.20.1',
  StorageCommitmentPullModel: '1.2.840.10008.1.20.2',
  MediaStorageDirectoryStorage: '1.2.840.10008.1.3.10',
  ProceduralEventLogging: '1.2.840.10008.1.40',
  SubstanceAdministrationLogging: '1.2.840.10008.1.42',
  BasicStudyContentNotification: '1.2.840.10008.1.9',
  VideoEndoscopicImageRealTimeCommunication: '1.2.840.10008.10.1',
  VideoPhotographicImageRealTimeCommunication: '1.2.840.10008.10.2',
  AudioWaveformRealTimeCommunication: '1.2.840.10008.10.3',
  RenditionSelectionDocumentRealTimeCommunication: '1.2.840.10008.10.4',
  DetachedPatientManagement: '1.2.840.10008.3.1.2.1.1',
  DetachedPatientManagementMeta: '1.2.840.10008.3.1.2.1.4',
  DetachedVisitManagement: '1.2.840.10008.3.1.2.2.1',
  DetachedStudyManagement: '1.2.840.10008.3.1.2.3.1',
  StudyComponentManagement: '1.2.840.10008.3.1.2.3.2',
  ModalityPerformedProcedureStep: '1.2.840.10008.3.1.2.3.3',
  ModalityPerformedProcedureStepRetrieve: '1.2.840.10008.3.1.2.3.4',
  ModalityPerformedProcedureStepNotification: '1.2.840.10008.3.1.2.3.5',
  DetachedResultsManagement: '1.2.840.10008.3.1.2.5.1',
  DetachedResultsManagementMeta: '1.2.840.10008.3.1.2.5.4',
  DetachedStudyManagementMeta: '1.2.840.10008.3.1.2.5.5',
  DetachedInterpretationManagement: '1.2.840.10008.3.1.2.6.1',
  BasicFilmSession: '1.2.840.10008.5.1.1.1',
  PrintJob: '1.2.840.10008.5.1.1.14',
  BasicAnnotationBox: '1.2.840.10008.5.1.1.15',
  Printer: '1.2.840.10008.5.1.1.16',
  PrinterConfigurationRetrieval: '1.2.840.10008.5.1.1.16.376',
  BasicColorPrintManagementMeta: '1.2.840.10008.5.1.1.18',
  ReferencedColorPrintManagementMeta: '1.2.840.10008.5.1.1.18.1',
  BasicFilmBox: '1.2.840.10008.5.1.1.2',
  VOILUTBox: '1.2.840.10008.5.1.1.22',
  PresentationLUT: '1.2.840.10008.5.1.1.23',
  ImageOverlayBox: '1.2.840.10008.5.1.1.24',
  BasicPrintImageOverlayBox: '1.2.840.10008.5.1.1.24.1',
  PrintQueueManagement: '1.2.840.10008.5.1.1.26',
  StoredPrintStorage: '1.2.840.10008.5.1.1.27',
  HardcopyGrayscaleImageStorage: '1.2.840.10008.5.1.1.29',
  HardcopyColorImageStorage: '1.2.840.10008.5.1.1.30',
  PullPrintRequest: '1.2.840.10008.5.1.1.31',
  PullStoredPrintManagementMeta: '1.2.840.10008.5.1.1.32',
  MediaCreationManagement: '1.2.840.10008.5.1.1.33',
  BasicGrayscaleImageBox: '1.2.840.10008.5.1.1.4',
  BasicColorImageBox: '1.2.840.10008.5.1.1.4.1',
  ReferencedImageBox: '1.2.840.10008.5.1.1.4.2',
  DisplaySystem: '1.2.840.10008.5.1.1.40',
  BasicGrayscalePrintManagementMeta: '1.2.840.10008.5.1.1.9',
  ReferencedGrayscalePrintManagementMeta: '1.2.840.10008.5.1.1.9.1',
  ComputedRadiographyImageStorage: '1.2.840.10008.5.1.4.1.1.1',
  DigitalXRayImageStorageForPresentation: '1.2.840.10008.5.1.4.1.1.1.1',
  DigitalXRayImageStorageForProcessing: '1.2.840.10008.5.1.4.1.1.1.1.1',
  DigitalMammographyXRayImageStorageForPresentation: '1.2.840.10008.5.1.4.1.1.1.2',
  DigitalMammographyXRayImageStorageForProcessing: '1.2.840.10008.5.1.4.1.1.1.2.1',
  DigitalIntraOralXRayImageStorageForPresentation: '1.2.840.10008.5.1.4.1.1.1.3',
  DigitalIntraOralXRayImageStorageForProcessing: '1.2.840.10008.5.1.4.1.1.1.3.1',
  StandaloneModalityLUTStorage: '1.2.840.10008.5.1.4.1.1.10',
  EncapsulatedPDFStorage: '1.2.840.10008.5.1.4.1.1.104.1',
  EncapsulatedCDAStorage: '1.2.840.10008.5.1.4.1.1.104.2',
  EncapsulatedSTLStorage: '1.2.840.10008.5.1.4.1.1.104.3',
  EncapsulatedOBJStorage: '1.2.840.10008.5.1.4.1.1.104.4',
  EncapsulatedMTLStorage: '1.2.840.10008.5.1.4.1.1.104.5',
  StandaloneVOILUTStorage: '1.2.840.10008.5.1.4.1.1.11',
  GrayscaleSoftcopyPresentationStateStorage: '1.2.840.10008.5.1.4.1.1.11.1',
  SegmentedVolumeRenderingVolumetricPresentationStateStorage: '1.2.840.10008.5.1.4.1.1.11.10',
  MultipleVolumeRenderingVolumetricPresentationStateStorage: '1.2.840.10008.5.1.4.1.1.11.11',
  VariableModalityLUTSoftcopyPresentationStateStorage: '1.2.840.10008.5.1.4.1.1.11.12',
  ColorSoftcopyPresentationStateStorage: '1.2.840.10008.5.1.4.1.1.11.2',
  PseudoColorSoftcopyPresentationStateStorage: '1.2.840.10008.5.1.4.1.1.11.3',
  BlendingSoftcopyPresentationStateStorage: '1.2.840.10008.5.1.4.1.1.11.4',
  XAXRFGrayscaleSoftcopyPresentationStateStorage: '1.2.840.10008.5.1.4.1.1.11.5',
  GrayscalePlanarMPRVolumetricPresentationStateStorage: '1.2.840.10008.5.1.4.1.1.11.6',
  CompositingPlanarMPRVolumetricPresentationStateStorage: '1.2.840.10008.5.1.4.1.1.11.7',
  AdvancedBlendingPresentationStateStorage: '1.2.840.10008.5.1.4.1.1.11.8',
  VolumeRenderingVolumetricPresentationStateStorage: '1.2.840.10008.5.1.4.1.1.11.9',
  XRayAngiographicImageStorage: '1.2.840.10008.5.1.4.1.1.12.1',
  EnhancedXAImageStorage: '1.2.840.10008.5.1.4.1.1.12.1.1',
  XRayRadiofluoroscopicImageStorage: '1.2.840.10008.5.1.4.1.1.12.2',
  EnhancedXRFImageStorage: '1.2.840.10008.5.1.4.1.1.12.2.1',
  XRayAngiographicBiPlaneImageStorage: '1.2.840.10008.5.1.4.1.1.12.3',
  PositronEmissionTomographyImageStorage: '1.2.840.10008.5.1.4.1.1.128',
  LegacyConvertedEnhancedPETImageStorage: '1.2.840.10008.5.1.4.1.1.128.1',
  StandalonePETCurveStorage: '1.2.840.10008.5.1.4.1.1.129',
  XRay3DAngiographicImageStorage: '1.2.840.10008.5.1.4.1.1.13.1.1',
  XRay3DCraniofacialImageStorage: '1.2.840.10008.5.1.4.1.1.13.1.2',
  BreastTomosynthesisImageStorage: '1.2.840.10008.5.1.4.1.1.13.1.3',
  BreastProjectionXRayImageStorageForPresentation: '1.2.840.10008.5.1.4.1.1.13.1.4',
  BreastProjectionXRayImageStorageForProcessing: '1.2.840.10008.5.1.4.1.1.13.1.5',
  EnhancedPETImageStorage: '1.2.840.10008.5.1.4.1.1.130',
  BasicStructuredDisplayStorage: '1.2.840.10008.5.1.4.1.1.131',
  IntravascularOpticalCoherenceTomographyImageStorageForPresentation: '1.2.840.10008.5.1.4.1.1.14.1',
  IntravascularOpticalCoherenceTomographyImageStorageForProcessing: '1.2.840.10008.5.1.4.1.1.14.2',
  CTImageStorage: '1.2.840.10008.5.1.4.1.1.2',
  EnhancedCTImageStorage: '1.2.840.10008.5.1.4.1.1.2.1',
  LegacyConvertedEnhancedCTImageStorage: '1.2.840.10008.5.1.4.1.1.2.2',
  NuclearMedicineImageStorage: '1.2.840.10008.5.1.4.1.1.20',
  CTDefinedProcedureProtocolStorage: '1.2.840.10008.5.1.4.1.1.200.1',
  CTPerformedProcedureProtocolStorage: '1.2.840.10008.5.1.4.1.1.200.2',
  ProtocolApprovalStorage: '1.2.840.10008.5.1.4.1.1.200.3',
  ProtocolApprovalInformationModelFind: '1.2.840.10008.5.1.4.1.1.200.4',
  ProtocolApprovalInformationModelMove: '1.2.840.10008.5.1.4.1.1.200.5',
  ProtocolApprovalInformationModelGet: '1.2.840.10008.5.1.4.1.1.200.6',
  XADefinedProcedureProtocolStorage: '1.2.840.10008.5.1.4.1.1.200.7',
  XAPerformedProcedureProtocolStorage: '1.2.840.10008.5.1.4.1.1.200.8',
  InventoryStorage: '1.2.840.10008.5.1.4.1.1.201.1',
  InventoryFind: '1.2.840.10008.5.1.4.1.1.201.2',
  InventoryMove: '1.2.840.10008.5.1.4.1.1.201.3',
  InventoryGet: '1.2.840.10008.5.1.4.1.1.201.4',
  InventoryCreation: '1.2.840.10008.5.1.4.1.1.201.5',
  RepositoryQuery: '1.2.840.10008.5.1.4.1.1.201.6',
  UltrasoundMultiFrameImageStorageRetired: '1.2.840.10008.5.1.4.1.1.3',
  UltrasoundMultiFrameImageStorage: '1.2.840.10008.5.1.4.1.1.3.1',
  ParametricMapStorage: '1.2.840.10008.5.1.4.1.1.30',
  MRImageStorage: '1.2.840.10008.5.1.4.1.1.4',
  EnhancedMRImageStorage: '1.2.840.10008.5.1.4.1.1.4.1',
  MRSpectroscopyStorage: '1.2.840.10008.5.1.4.1.1.4.2',
  EnhancedMRColorImageStorage: '1.2.840.10008.5.1.4.1.1.4.3',
  LegacyConvertedEnhancedMRImageStorage: '1.2.840.10008.5.1.4.1.1.4.4',
  RTImageStorage: '1.2.840.10008.5.1.4.1.1.481.1',
  RTPhysicianIntentStorage: '1.2.840.10008.5.1.4.1.1.481.10',
  RTSegmentAnnotationStorage: '1.2.840.10008.5.1.4.1.1.481.11',
  RTRadiationSetStorage: '1.2.840.10008.5.1.4.1.1.481.12',
  CArmPhotonElectronRadiationStorage: '1.2.840.10008.5.1.4.1.1.481.13',
  TomotherapeuticRadiationStorage: '1.2.840.10008.5.1.4.1.1.481.14',
  RoboticArmRadiationStorage: '1.2.840.10008.5.1.4.1.1.481.15',
  RTRadiationRecordSetStorage: '1.2.840.10008.5.1.4.1.1.481.16',
  RTRadiationSalvageRecordStorage: '1.2.840.10008.5.1.4.1.1.481.17',
  TomotherapeuticRadiationRecordStorage: '1.2.840.10008.5.1.4.1.1.481.18',
  CArmPhotonElectronRadiationRecordStorage: '1.2.840.10008.5.1.4.1.1.481.19',
  RTDoseStorage: '1.2.840.10008.5.1.4.1.1.481.2',
  RoboticRadiationRecordStorage: '1.2.840.10008.5.1.4.1.1.481.20',
  RTRadiationSetDeliveryInstructionStorage: '1.2.840.10008.5.1.4.1.1.481.21',
  RTTreatmentPreparationStorage: '1.2.840.10008.5.1.4.1.1.481.22',
  EnhancedRTImageStorage: '1.2.840.10008.5.1.4.1.1.481.23',
  EnhancedContinuousRTImageStorage: '1.2.840.10008.5.1.4.1.1.481.24',
  RTPatientPositionAcquisitionInstructionStorage: '1.2.840.10008.5.1.4.1.1.481.25',
  RTStructureSetStorage: '1.2.840.10008.5.1.4.1.1.481.3',
  RTBeamsTreatmentRecordStorage: '1.2.840.10008.5.1.4.1.1.481.4',
  RTPlanStorage: '1.2.840.10008.5.1.4.1.1.481.5',
  RTBrachyTreatmentRecordStorage: '1.2.840.10008.5.1.4.1.1.481.6',
  RTTreatmentSummaryRecordStorage: '1.2.840.10008.5.1.4.1.1.481.7',
  RTIonPlanStorage: '1.2.840.10008.5.1.4.1.1.481.8',
  RTIonBeamsTreatmentRecordStorage: '1.2.840.10008.5.1.4.1.1.481.9',
  NuclearMedicineImageStorageRetired: '1.2.840.10008.5.1.4.1.1.5',
  DICOSCTImageStorage: '1.2.840.10008.5.1.4.1.1.501.1',
  DICOSDigitalXRayImageStorageForPresentation: '1.2.840.10008.5.1.4.1.1.501.2.1',
  DICOSDigitalXRayImageStorageForProcessing: '1.2.840.10008.5.1.4.1.1.501.2.2',
  DICOSThreatDetectionReportStorage: '1.2.840.10008.5.1.4.1.1.501.3',
  DICOS2DAITStorage: '1.2.840.10008.5.1.4.1.1.501.4',
  DICOS3DAITStorage: '1.2.840.10008.5.1.4.1.1.501.5',
  DICOSQuadrupoleResonanceStorage: '1.2.840.10008.5.1.4.1.1.501.6',
  UltrasoundImageStorageRetired: '1.2.840.10008.5.1.4.1.1.6',
  UltrasoundImageStorage: '1.2.840.10008.5.1.4.1.1.6.1',
  EnhancedUSVolumeStorage: '1.2.840.10008.5.1.4.1.1.6.2',
  PhotoacousticImageStorage: '1.2.840.10008.5.1.4.1.1.6.3',
  EddyCurrentImageStorage: '1.2.840.10008.5.1.4.1.1.601.1',
  EddyCurrentMultiFrameImageStorage: '1.2.840.10008.5.1.4.1.1.601.2',
  ThermographyImageStorage: '1.2.840.10008.5.1.4.1.1.601.3',
  ThermographyMultiFrameImageStorage: '1.2.840.10008.5.1.4.1.1.601.4',
  RawDataStorage: '1.2.840.10008.5.1.4.1.1.66',
  SpatialRegistrationStorage: '1.2.840.10008.5.1.4.1.1.66.1',
  SpatialFiducialsStorage: '1.2.840.10008.5.1.4.1.1.66.2',
  DeformableSpatialRegistrationStorage: '1.2.840.10008.5.1.4.1.1.66.3',
  SegmentationStorage: '1.2.840.10008.5.1.4.1.1.66.4',
  SurfaceSegmentationStorage: '1.2.840.10008.5.1.4.1.1.66.5',
  TractographyResultsStorage: '1.2.840.10008.5.1.4.1.1.66.6',
  LabelMapSegmentationStorage: '1.2.840.10008.5.1.4.1.1.66.7',
  HeightMapSegmentationStorage: '1.2.840.10008.5.1.4.1.1.66.8',
  RealWorldValueMappingStorage: '1.2.840.10008.5.1.4.1.1.67',
  SurfaceScanMeshStorage: '1.2.840.10008.5.1.4.1.1.68.1',
  SurfaceScanPointCloudStorage: '1.2.840.10008.5.1.4.1.1.68.2',
  SecondaryCaptureImageStorage: '1.2.840.10008.5.1.4.1.1.7',
  MultiFrameSingleBitSecondaryCaptureImageStorage: '1.2.840.10008.5.1.4.1.1.7.1',
  MultiFrameGrayscaleByteSecondaryCaptureImageStorage: '1.2.840.10008.5.1.4.1.1.7.2',
  MultiFrameGrayscaleWordSecondaryCaptureImageStorage: '1.2.840.10008.5.1.4.1.1.7.3',
  MultiFrameTrueColorSecondaryCaptureImageStorage: '1.2.840.10008.5.1.4.1.1.7.4',
  VLImageStorageTrial: '1.2.840.10008.5.1.4.1.1.77.1',
  VLEndoscopicImageStorage: '1.2.840.10008.5.1.4.1.1.77.1.1',
  VideoEndoscopicImageStorage: '1.2.840.10008.5.1.4.1.1.77.1.1.1',
  VLMicroscopicImageStorage: '1.2.840.10008.5.1.4.1.1.77.1.2',
  VideoMicroscopicImageStorage: '1.2.840.10008.5.1.4.1.1.77.1.2.1',
  VLSlideCoordinatesMicroscopicImageStorage: '1.2.840.10008.5.1.4.1.1.77.1.3',
  VLPhotographicImageStorage: '1.2.840.10008.5.1.4.1.1.77.1.4',
  VideoPhotographicImageStorage: '1.2.840.10008.5.1.4.1.1.77.1.4.1',
  OphthalmicPhotography8BitImageStorage: '1.2.840.10008.5.1.4.1.1.77.1.5.1',
  OphthalmicPhotography16BitImageStorage: '1.2.840.10008.5.1.4.1.1.77.1.5.2',
  StereometricRelationshipStorage: '1.2.840.10008.5.1.4.1.1.77.1.5.3',
  OphthalmicTomographyImageStorage: '1.2.840.10008.5.1.4.1.1.77.1.5.4',
  WideFieldOphthalmicPhotographyStereographicProjectionImageStorage: '1.2.840.10008.5.1.4.1.1.77.1.5.5',
  WideFieldOphthalmicPhotography3DCoordinatesImageStorage: '1.2.840.10008.5.1.4.1.1.77.1.5.6',
  OphthalmicOpticalCoherenceTomographyEnFaceImageStorage: '1.2.840.10008.5.1.4.1.1.77.1.5.7',
  OphthalmicOpticalCoherenceTomographyBscanVolumeAnalysisStorage: '1.2.840.10008.5.1.4.1.1.77.1.5.8',
  VLWholeSlideMicroscopyImageStorage: '1.2.840.10008.5.1.4.1.1.77.1.6',
  DermoscopicPhotographyImageStorage: '1.2.840.10008.5.1.4.1.1.77.1.7',
  ConfocalMicroscopyImageStorage: '1.2.840.10008.5.1.4.1.1.77.1.8',
  ConfocalMicroscopyTiledPyramidalImageStorage: '1.2.840.10008.5.1.4.1.1.77.1.9',
  VLMultiFrameImageStorageTrial: '1.2.840.10008.5.1.4.1.1.77.2',
  LensometryMeasurementsStorage: '1.2.840.10008.5.1.4.1.1.78.1',
  AutorefractionMeasurementsStorage: '1.2.840.10008.5.1.4.1.1.78.2',
  KeratometryMeasurementsStorage: '1.2.840.10008.5.1.4.1.1.78.3',
  SubjectiveRefractionMeasurementsStorage: '1.2.840.10008.5.1.4.1.1.78.4',
  VisualAcuityMeasurementsStorage: '1.2.840.10008.5.1.4.1.1.78.5',
  SpectaclePrescriptionReportStorage: '1.2.840.10008.5.1.4.1.1.78.6',
  OphthalmicAxialMeasurementsStorage: '1.2.840.10008.5.1.4.1.1.78.7',
  IntraocularLensCalculationsStorage: '1.2.840.10008.5.1.4.1.1.78.8',
  MacularGridThicknessAndVolumeReportStorage: '1.2.840.10008.5.1.4.1.1.79.1',
  StandaloneOverlayStorage: '1.2.840.10008.5.1.4.1.1.8',
  OphthalmicVisualFieldStaticPerimetryMeasurementsStorage: '1.2.840.10008.5.1.4.1.1.80.1',
  OphthalmicThicknessMapStorage: '1.2.840.10008.5.1.4.1.1.81.1',
  CornealTopographyMapStorage: '1.2.840.10008.5.1.4.1.1.82.1',
  TextSRStorageTrial: '1.2.840.10008.5.1.4.1.1.88.1',
  BasicTextSRStorage: '1.2.840.10008.5.1.4.1.1.88.11',
  AudioSRStorageTrial: '1.2.840.10008.5.1.4.1.1.88.2',
  EnhancedSRStorage: '1.2.840.10008.5.1.4.1.1.88.22',
  DetailSRStorageTrial: '1.2.840.10008.5.1.4.1.1.88.3',
  ComprehensiveSRStorage: '1.2.840.10008.5.1.4.1.1.88.33',
  Comprehensive3DSRStorage: '1.2.840.10008.5.1.4.1.1.88.34',
  ExtensibleSRStorage: '1.2.840.10008.5.1.4.1.1.88.35',
  ComprehensiveSRStorageTrial: '1.2.840.10008.5.1.4.1.1.88.4',
  ProcedureLogStorage: '1.2.840.10008.5.1.4.1.1.88.40',
  MammographyCADSRStorage: '1.2.840.10008.5.1.4.1.1.88.50',
  KeyObjectSelectionDocumentStorage: '1.2.840.10008.5.1.4.1.1.88.59',
  ChestCADSRStorage: '1.2.840.10008.5.1.4.1.1.88.65',
  XRayRadiationDoseSRStorage: '1.2.840.10008.5.1.4.1.1.88.67',
  RadiopharmaceuticalRadiationDoseSRStorage: '1.2.840.10008.5.1.4.1.1.88.68',
  ColonCADSRStorage: '1.2.840.10008.5.1.4.1.1.88.69',
  ImplantationPlanSRStorage: '1.2.840.10008.5.1.4.1.1.88.70',
  AcquisitionContextSRStorage: '1.2.840.10008.5.1.4.1.1.88.71',
  SimplifiedAdultEchoSRStorage: '1.2.840.10008.5.1.4.1.1.88.72',
  PatientRadiationDoseSRStorage: '1.2.840.10008.5.1.4.1.1.88.73',
  PlannedImagingAgentAdministrationSRStorage: '1.2.840.10008.5.1.4.1.1.88.74',
  PerformedImagingAgentAdministrationSRStorage: '1.2.840.10008.5.1.4.1.1.88.75',
  EnhancedXRayRadiationDoseSRStorage: '1.2.840.10008.5.1.4.1.1.88.76',
  WaveformAnnotationSRStorage: '1.2.840.10008.5.1.4.1.1.88.77',
  StandaloneCurveStorage: '1.2.840.10008.5.1.4.1.1.9',
  WaveformStorageTrial: '1.2.840.10008.5.1.4.1.1.9.1',
  TwelveLeadECGWaveformStorage: '1.2.840.10008.5.1.4.1.1.9.1.1',
  GeneralECGWaveformStorage: '1.2.840.10008.5.1.4.1.1.9.1.2',
  AmbulatoryECGWaveformStorage: '1.2.840.10008.5.1.4.1.1.9.1.3',
  General32bitECGWaveformStorage: '1.2.840.10008.5.1.4.1.1.9.1.4',
  HemodynamicWaveformStorage: '1.2.840.10008.5.1.4.1.1.9.2.1',
  CardiacElectrophysiologyWaveformStorage: '1.2.840.10008.5.1.4.1.1.9.3.1',
  BasicVoiceAudioWaveformStorage: '1.2.840.10008.5.1.4.1.1.9.4.1',
  GeneralAudioWaveformStorage: '1.2.840.10008.5.1.4.1.1.9.4.2',
  ArterialPulseWaveformStorage: '1.2.840.10008.5.1.4.1.1.9.5.1',
  RespiratoryWaveformStorage: '1.2.840.10008.5.1.4.1.1.9.6.1',
  MultichannelRespiratoryWaveformStorage: '1.2.840.10008.5.1.4.1.1.9.6.2',
  RoutineScalpElectroencephalogramWaveformStorage: '1.2.840.10008.5.1.4.1.1.9.7.1',
  ElectromyogramWaveformStorage: '1.2.840.10008.5.1.4.1.1.9.7.2',
  ElectrooculogramWaveformStorage: '1.2.840.10008.5.1.4.1.1.9.7.3',
  SleepElectroencephalogramWaveformStorage: '1.2.840.10008.5.1.4.1.1.9.7.4',
  BodyPositionWaveformStorage: '1.2.840.10008.5.1.4.1.1.9.8.1',
  ContentAssessmentResultsStorage: '1.2.840.10008.5.1.4.1.1.90.1',
  MicroscopyBulkSimpleAnnotationsStorage: '1.2.840.10008.5.1.4.1.1.91.1',
  PatientRootQueryRetrieveInformationModelFind: '1.2.840.10008.5.1.4.1.2.1.1',
  PatientRootQueryRetrieveInformationModelMove: '1.2.840.10008.5.1.4.1.2.1.2',
  PatientRootQueryRetrieveInformationModelGet: '1.2.840.10008.5.1.4.1.2.1.3',
  StudyRootQueryRetrieveInformationModelFind: '1.2.840.10008.5.1.4.1.2.2.1',
  StudyRootQueryRetrieveInformationModelMove: '1.2.840.10008.5.1.4.1.2.2.2',
  StudyRootQueryRetrieveInformationModelGet: '1.2.840.10008.5.1.4.1.2.2.3',
  PatientStudyOnlyQueryRetrieveInformationModelFind: '1.2.840.10008.5.1.4.1.2.3.1',
  PatientStudyOnlyQueryRetrieveInformationModelMove: '1.2.840.10008.5.1.4.1.2.3.2',
  PatientStudyOnlyQueryRetrieveInformationModelGet: '1.2.840.10008.5.1.4.1.2.3.3',
  CompositeInstanceRootRetrieveMove: '1.2.840.10008.5.1.4.1.2.4.2',
  CompositeInstanceRootRetrieveGet: '1.2.840.10008.5.1.4.1.2.4.3',
  CompositeInstanceRetrieveWithoutBulkDataGet: '1.2.840.10008.5.1.4.1.2.5.3',
  DefinedProcedureProtocolInformationModelFind: '1.2.840.10008.5.1.4.20.1',
  DefinedProcedureProtocolInformationModelMove: '1.2.840.10008.5.1.4.20.2',
  DefinedProcedureProtocolInformationModelGet: '1.2.840.10008.5.1.4.20.3',
  ModalityWorklistInformationModelFind: '1.2.840.10008.5.1.4.31',
  GeneralPurposeWorklistManagementMeta: '1.2.840.10008.5.1.4.32',
  GeneralPurposeWorklistInformationModelFind: '1.2.840.10008.5.1.4.32.1',
  GeneralPurposeScheduledProcedureStep: '1.2.840.10008.5.1.4.32.2',
  GeneralPurposePerformedProcedureStep: '1.2.840.10008.5.1.4.32.3',
  InstanceAvailabilityNotification: '1.2.840.10008.5.1.4.33',
  RTBeamsDeliveryInstructionStorageTrial: '1.2.840.10008.5.1.4.34.1',
  RTBrachyApplicationSetupDeliveryInstructionStorage: '1.2.840.10008.5.1.4.34.10',
  RTConventionalMachineVerificationTrial: '1.2.840.10008.5.1.4.34.2',
  RTIonMachineVerificationTrial: '1.2.840.10008.5.1.4.34.3',
  UnifiedProcedureStepPushTrial: '1.2.840.10008.5.1.4.34.4.1',
  UnifiedProcedureStepWatchTrial: '1.2.840.10008.5.1.4.34.4.2',
  UnifiedProcedureStepPullTrial: '1.2.840.10008.5.1.4.34.4.3',
  UnifiedProcedureStepEventTrial: '1.2.840.10008.5.1.4.34.4.4',
  UnifiedProcedureStepPush: '1.2.840.10008.5.1.4.34.6.1',
  UnifiedProcedureStepWatch: '1.2.840.10008.5.1.4.34.6.2',
  UnifiedProcedureStepPull: '1.2.840.10008.5.1.4.34.6.3',
  UnifiedProcedureStepEvent: '1.2.840.10008.5.1.4.34.6.4',
  UnifiedProcedureStepQuery: '1.2.840.10008.5.1.4.34.6.5',
  RTBeamsDeliveryInstructionStorage: '1.2.840.10008.5.1.4.34.7',
  RTConventionalMachineVerification: '1.2.840.10008.5.1.4.34.8',
  RTIonMachineVerification: '1.2.840.10008.5.1.4.34.9',
  GeneralRelevantPatientInformationQuery: '1.2.840.10008.5.1.4.37.1',
  BreastImagingRelevantPatientInformationQuery: '1.2.840.10008.5.1.4.37.2',
  CardiacRelevantPatientInformationQuery: '1.2.840.10008.5.1.4.37.3',
  HangingProtocolStorage: '1.2.840.10008.5.1.4.38.1',
  HangingProtocolInformationModelFind: '1.2.840.10008.5.1.4.38.2',
  HangingProtocolInformationModelMove: '1.2.840.10008.5.1.4.38.3',
  HangingProtocolInformationModelGet: '1.2.840.10008.5.1.4.38.4',
  ColorPaletteStorage: '1.2.840.10008.5.1.4.39.1',
  ColorPaletteQueryRetrieveInformationModelFind: '1.2.840.10008.5.1.4.39.2',
  ColorPaletteQueryRetrieveInformationModelMove: '1.2.840.10008.5.1.4.39.3',
  ColorPaletteQueryRetrieveInformationModelGet: '1.2.840.10008.5.1.4.39.4',
  ProductCharacteristicsQuery: '1.2.840.10008.5.1.4.41',
  SubstanceApprovalQuery: '1.2.840.10008.5.1.4.42',
  GenericImplantTemplateStorage: '1.2.840.10008.5.1.4.43.1',
  GenericImplantTemplateInformationModelFind: '1.2.840.10008.5.1.4.43.2',
  GenericImplantTemplateInformationModelMove: '1.2.840.10008.5.1.4.43.3',
  GenericImplantTemplateInformationModelGet: '1.2.840.10008.5.1.4.43.4',
  ImplantAssemblyTemplateStorage: '1.2.840.10008.5.1.4.44.1',
  ImplantAssemblyTemplateInformationModelFind: '1.2.840.10008.5.1.4.44.2',
  ImplantAssemblyTemplateInformationModelMove: '1.2.840.10008.5.1.4.44.3',
  ImplantAssemblyTemplateInformationModelGet: '1.2.840.10008.5.1.4.44.4',
  ImplantTemplateGroupStorage: '1.2.840.10008.5.1.4.45.1',
  ImplantTemplateGroupInformationModelFind: '1.2.840.10008.5.1.4.45.2',
  ImplantTemplateGroupInformationModelMove: '1.2.840.10008.5.1.4.45.3',
  ImplantTemplateGroupInformationModelGet: '1.2.840.10008.5.1.4.45.4',
} as const;

/** The SOP classes of the Storage service (PS3.4 Annex B). */
export const STORAGE_SOP_CLASSES = [
  '1.2.840.10008.5.1.4.1.1.1',
  '1.2.840.10008.5.1.4.1.1.1.1',
  '1.2.840.10008.5.1.4.1.1.1.1.1',
  '1.2.840.10008.5.1.4.1.1.1.2',
  '1.2.840.10008.5.1.4.1.1.1.2.1',
  '1.2.840.10008.5.1.4.1.1.1.3',
  '1.2.840.10008.5.1.4.1.1.1.3.1',
  '1.2.840.10008.5.1.4.1.1.104.1',
  '1.2.840.10008.5.1.4.1.1.104.2',
  '1.2.840.10008.5.1.4.1.1.104.3',
  '1.2.840.10008.5.1.4.1.1.104.4',
  '1.2.840.10008.5.1.4.1.1.104.5',
  '1.2.840.10008.5.1.4.1.1.11.1',
  '1.2.840.10008.5.1.4.1.1.11.10',
  '1.2.840.10008.5.1.4.1.1.11.11',
  '1.2.840.10008.5.1.4.1.1.11.12',
  '1.2.840.10008.5.1.4.1.1.11.2',
  '1.2.840.10008.5.1.4.1.1.11.3',
  '1.2.840.10008.5.1.4.1.1.11.4',
  '1.2.840.10008.5.1.4.1.1.11.5',
  '1.2.840.10008.5.1.4.1.1.11.6',
  '1.2.840.10008.5.1.4.1.1.11.7',
  '1.2.840.10008.5.1.4.1.1.11.8',
  '1.2.840.10008.5.1.4.1.1.11.9',
  '1.2.840.10008.5.1.4.1.1.12.1',
  '1.2.840.10008.5.1.4.1.1.12.1.1',
  '1.2.840.10008.5.1.4.1.1.12.2',
  '1.2.840.10008.5.1.4.1.1.12.2.1',
  '1.2.840.10008.5.1.4.1.1.128',
  '1.2.840.10008.5.1.4.1.1.128.1',
  '1.2.840.10008.5.1.4.1.1.13.1.1',
  '1.2.840.10008.5.1.4.1.1.13.1.2',
  '1.2.840.10008.5.1.4.1.1.13.1.3',
  '1.2.840.10008.5.1.4.1.1.13.1.4',
  '1.2.840.10008.5.1.4.1.1.13.1.5',
  '1.2.840.10008.5.1.4.1.1.130',
  '1.2.840.10008.5.1.4.1.1.131',
  '1.2.840.10008.5.1.4.1.1.14.1',
  '1.2.840.10008.5.1.4.1.1.14.2',
  '1.2.840.10008.5.1.4.1.1.2',
  '1.2.840.10008.5.1.4.1.1.2.1',
  '1.2.840.10008.5.1.4.1.1.2.2',
  '1.2.840.10008.5.1.4.1.1.20',
  '1.2.840.10008.5.1.4.1.1.200.2',
  '1.2.840.10008.5.1.4.1.1.200.8',
  '1.2.840.10008.5.1.4.1.1.3.1',
  '1.2.840.10008.5.1.4.1.1.30',
  '1.2.840.10008.5.1.4.1.1.4',
  '1.2.840.10008.5.1.4.1.1.4.1',
  '1.2.840.10008.5.1.4.1.1.4.2',
  '1.2.840.10008.5.1.4.1.1.4.3',
  '1.2.840.10008.5.1.4.1.1.4.4',
  '1.2.840.10008.5.1.4.1.1.481.1',
  '1.2.840.10008.5.1.4.1.1.481.10',
  '1.2.840.10008.5.1.4.1.1.481.11',
  '1.2.840.10008.5.1.4.1.1.481.12',
  '1.2.840.10008.5.1.4.1.1.481.13',
  '1.2.840.10008.5.1.4.1.1.481.14',
  '1.2.840.10008.5.1.4.1.1.481.15',
  '1.2.840.10008.5.1.4.1.1.481.16',
  '1.2.840.10008.5.1.4.1.1.481.17',
  '1.2.840.10008.5.1.4.1.1.481.18',
  '1.2.840.10008.5.1.4.1.1.481.19',
  '1.2.840.10008.5.1.4.1.1.481.2',
  '1.2.840.10008.5.1.4.1.1.481.20',
  '1.2.840.10008.5.1.4.1.1.481.21',
  '1.2.840.10008.5.1.4.1.1.481.22',
  '1.2.840.10008.5.1.4.1.1.481.23',
  '1.2.840.10008.5.1.4.1.1.481.24',
  '1.2.840.10008.5.1.4.1.1.481.25',
  '1.2.840.10008.5.1.4.1.1.481.3',
  '1.2.840.10008.5.1.4.1.1.481.4',
  '1.2.840.10008.5.1.4.1.1.481.5',
  '1.2.840.10008.5.1.4.1.1.481.6',
  '1.2.840.10008.5.1.4.1.1.481.7',
  '1.2.840.10008.5.1.4.1.1.481.8',
  '1.2.840.10008.5.1.4.1.1.481.9',
  '1.2.840.10008.5.1.4.1.1.6.1',
  '1.2.840.10008.5.1.4.1.1.6.2',
  '1.2.840.10008.5.1.4.1.1.6.3',
  '1.2.840.10008.5.1.4.1.1.66',
  '1.2.840.10008.5.1.4.1.1.66.1',
  '1.2.840.10008.5.1.4.1.1.66.2',
  '1.2.840.10008.5.1.4.1.1.66.3',
  '1.2.840.10008.5.1.4.1.1.66.4',
  '1.2.840.10008.5.1.4.1.1.66.5',
  '1.2.840.10008.5.1.4.1.1.66.6',
  '1.2.840.10008.5.1.4.1.1.66.7',
  '1.2.840.10008.5.1.4.1.1.66.8',
  '1.2.840.10008.5.1.4.1.1.67',
  '1.2.840.10008.5.1.4.1.1.68.1',
  '1.2.840.10008.5.1.4.1.1.68.2',
  '1.2.840.10008.5.1.4.1.1.7',
  '1.2.840.10008.5.1.4.1.1.7.1',
  '1.2.840.10008.5.1.4.1.1.7.2',
  '1.2.840.10008.5.1.4.1.1.7.3',
  '1.2.840.10008.5.1.4.1.1.7.4',
  '1.2.840.10008.5.1.4.1.1.77.1.1',
  '1.2.840.10008.5.1.4.1.1.77.1.1.1',
  '1.2.840.10008.5.1.4.1.1.77.1.2',
  '1.2.840.10008.5.1.4.1.1.77.1.2.1',
  '1.2.840.10008.5.1.4.1.1.77.1.3',
  '1.2.840.10008.5.1.4.1.1.77.1.4',
  '1.2.840.10008.5.1.4.1.1.77.1.4.1',
  '1.2.840.10008.5.1.4.1.1.77.1.5.1',
  '1.2.840.10008.5.1.4.1.1.77.1.5.2',
  '1.2.840.10008.5.1.4.1.1.77.1.5.3',
  '1.2.840.10008.5.1.4.1.1.77.1.5.4',
  '1.2.840.10008.5.1.4.1.1.77.1.5.5',
  '1.2.840.10008.5.1.4.1.1.77.1.5.6',
  '1.2.840.10008.5.1.4.1.1.77.1.5.7',
  '1.2.840.10008.5.1.4.1.1.77.1.5.8',
  '1.2.840.10008.5.1.4.1.1.77.1.6',
  '1.2.840.10008.5.1.4.1.1.77.1.7',
  '1.2.840.10008.5.1.4.1.1.77.1.8',
  '1.2.840.10008.5.1.4.1.1.77.1.9',
  '1.2.840.10008.5.1.4.1.1.78.1',
  '1.2.840.10008.5.1.4.1.1.78.2',
  '1.2.840.10008.5.1.4.1.1.78.3',
  '1.2.840.10008.5.1.4.1.1.78.4',
  '1.2.840.10008.5.1.4.1.1.78.5',
  '1.2.840.10008.5.1.4.1.1.78.6',
  '1.2.840.10008.5.1.4.1.1.78.7',
  '1.2.840.10008.5.1.4.1.1.78.8',
  '1.2.840.10008.5.1.4.1.1.79.1',
  '1.2.840.10008.5.1.4.1.1.80.1',
  '1.2.840.10008.5.1.4.1.1.81.1',
  '1.2.840.10008.5.1.4.1.1.82.1',
  '1.2.840.10008.5.1.4.1.1.88.11',
  '1.2.840.10008.5.1.4.1.1.88.22',
  '1.2.840.10008.5.1.4.1.1.88.33',
  '1.2.840.10008.5.1.4.1.1.88.34',
  '1.2.840.10008.5.1.4.1.1.88.35',
  '1.2.840.10008.5.1.4.1.1.88.40',
  '1.2.840.10008.5.1.4.1.1.88.50',
  '1.2.840.10008.5.1.4.1.1.88.59',
  '1.2.840.10008.5.1.4.1.1.88.65',
  '1.2.840.10008.5.1.4.1.1.88.67',
  '1.2.840.10008.5.1.4.1.1.88.68',
  '1.2.840.10008.5.1.4.1.1.88.69',
  '1.2.840.10008.5.1.4.1.1.88.70',
  '1.2.840.10008.5.1.4.1.1.88.71',
  '1.2.840.10008.5.1.4.1.1.88.72',
  '1.2.840.10008.5.1.4.1.1.88.73',
  '1.2.840.10008.5.1.4.1.1.88.74',
  '1.2.840.10008.5.1.4.1.1.88.75',
  '1.2.840.10008.5.1.4.1.1.88.76',
  '1.2.840.10008.5.1.4.1.1.88.77',
  '1.2.840.10008.5.1.4.1.1.9.1.1',
  '1.2.840.10008.5.1.4.1.1.9.1.2',
  '1.2.840.10008.5.1.4.1.1.9.1.3',
  '1.2.840.10008.5.1.4.1.1.9.1.4',
  '1.2.840.10008.5.1.4.1.1.9.100.1',
  '1.2.840.10008.5.1.4.1.1.9.100.2',
  '1.2.840.10008.5.1.4.1.1.9.2.1',
  '1.2.840.10008.5.1.4.1.1.9.3.1',
  '1.2.840.10008.5.1.4.1.1.9.4.1',
  '1.2.840.10008.5.1.4.1.1.9.4.2',
  '1.2.840.10008.5.1.4.1.1.9.5.1',
  '1.2.840.10008.5.1.4.1.1.9.6.1',
  '1.2.840.10008.5.1.4.1.1.9.6.2',
  '1.2.840.10008.5.1.4.1.1.9.7.1',
  '1.2.840.10008.5.1.4.1.1.9.7.2',
  '1.2.840.10008.5.1.4.1.1.9.7.3',
  '1.2.840.10008.5.1.4.1.1.9.7.4',
  '1.2.840.10008.5.1.4.1.1.9.8.1',
  '1.2.840.10008.5.1.4.1.1.90.1',
  '1.2.840.10008.5.1.4.1.1.91.1',
  '1.2.840.10008.5.1.4.34.10',
  '1.2.840.10008.5.1.4.34.7',
] as const;

/** The other SOP classes of stored instances (PS3.6 Table A-1): retired ones, and those of other services and standards. */
export const FURTHER_STORAGE_SOP_CLASSES = [
  '1.2.840.10008.5.1.1.27',
  '1.2.840.10008.5.1.1.29',
  '1.2.840.10008.5.1.1.30',
  '1.2.840.10008.5.1.4.1.1.3',
  '1.2.840.10008.5.1.4.1.1.5',
  '1.2.840.10008.5.1.4.1.1.6',
  '1.2.840.10008.5.1.4.1.1.8',
  '1.2.840.10008.5.1.4.1.1.9',
  '1.2.840.10008.5.1.4.1.1.9.1',
  '1.2.840.10008.5.1.4.1.1.10',
  '1.2.840.10008.5.1.4.1.1.11',
  '1.2.840.10008.5.1.4.1.1.12.3',
  '1.2.840.10008.5.1.4.1.1.77.1',
  '1.2.840.10008.5.1.4.1.1.77.2',
  '1.2.840.10008.5.1.4.1.1.88.1',
  '1.2.840.10008.5.1.4.1.1.88.2',
  '1.2.840.10008.5.1.4.1.1.88.3',
  '1.2.840.10008.5.1.4.1.1.88.4',
  '1.2.840.10008.5.1.4.1.1.129',
  '1.2.840.10008.5.1.4.1.1.200.1',
  '1.2.840.10008.5.1.4.1.1.200.3',
  '1.2.840.10008.5.1.4.1.1.200.7',
  '1.2.840.10008.5.1.4.1.1.201.1',
  '1.2.840.10008.5.1.4.1.1.501.1',
  '1.2.840.10008.5.1.4.1.1.501.2.1',
  '1.2.840.10008.5.1.4.1.1.501.2.2',
  '1.2.840.10008.5.1.4.1.1.501.3',
  '1.2.840.10008.5.1.4.1.1.501.4',
  '1.2.840.10008.5.1.4.1.1.501.5',
  '1.2.840.10008.5.1.4.1.1.501.6',
  '1.2.840.10008.5.1.4.1.1.601.1',
  '1.2.840.10008.5.1.4.1.1.601.2',
  '1.2.840.10008.5.1.4.1.1.601.3',
  '1.2.840.10008.5.1.4.1.1.601.4',
  '1.2.840.10008.5.1.4.34.1',
  '1.2.840.10008.5.1.4.38.1',
  '1.2.840.10008.5.1.4.39.1',
  '1.2.840.10008.5.1.4.43.1',
  '1.2.840.10008.5.1.4.44.1',
  '1.2.840.10008.5.1.4.45.1',
] as const;

/** Names of SOP classes and transfer syntaxes, a line each: UID, name. */
export const NAMES: string = `
1.2.840.10008.1.1 Verification SOP Class
1.2.840.10008.1.2 Implicit VR Little Endian
1.2.840.10008.1.2.1 Explicit VR Little Endian
1.2.840.10008.1.2.1.98 Encapsulated Uncompressed Explicit VR Little Endian
1.2.840.10008.1.2.1.99 Deflated Explicit VR Little Endian
1.2.840.10008.1.2.2 Explicit VR Big Endian
1.2.840.10008.1.2.4.100 MPEG2 Main Profile / Main Level
1.2.840.10008.1.2.4.100.1 Fragmentable MPEG2 Main Profile / Main Level
1.2.840.10008.1.2.4.101 MPEG2 Main Profile / High Level
1.2.840.10008.1.2.4.101.1 Fragmentable MPEG2 Main Profile / High Level
1.2.840.10008.1.2.4.102 MPEG-4 AVC/H.264 High Profile / Level 4.1
1.2.840.10008.1.2.4.102.1 Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.1
1.2.840.10008.1.2.4.103 MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1
1.2.840.10008.1.2.4.103.1 Fragmentable MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1
1.2.840.10008.1.2.4.104 MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video
1.2.840.10008.1.2.4.104.1 Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video
1.2.840.10008.1.2.4.105 MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video
1.2.840.10008.1.2.4.105.1 Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video
1.2.840.10008.1.2.4.106 MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2
1.2.840.10008.1.2.4.106.1 Fragmentable MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2
1.2.840.10008.1.2.4.107 HEVC/H.265 Main Profile / Level 5.1
1.2.840.10008.1.2.4.108 HEVC/H.265 Main 10 Profile / Level 5.1
1.2.840.10008.1.2.4.110 JPEG XL Lossless
1.2.840.10008.1.2.4.111 JPEG XL JPEG Recompression
1.2.840.10008.1.2.4.112 JPEG XL
1.2.840.10008.1.2.4.201 High-Throughput JPEG 2000 Image Compression (Lossless Only)
1.2.840.10008.1.2.4.202 High-Throughput JPEG 2000 with RPCL Options Image Compression (Lossless Only)
1.2.840.10008.1.2.4.203 High-Throughput JPEG 2000 Image Compression
1.2.840.10008.1.2.4.204 JPIP HTJ2K Referenced
1.2.840.10008.1.2.4.205 JPIP HTJ2K Referenced Deflate
1.2.840.10008.1.2.4.50 JPEG Baseline (Process 1)
1.2.840.10008.1.2.4.51 JPEG Extended (Process 2 and 4)
1.2.840.10008.1.2.4.52 JPEG Extended (Process 3 and 5)
1.2.840.10008.1.2.4.53 JPEG Spectral Selection, Non-Hierarchical (Process 6 and 8)
1.2.840.10008.1.2.4.54 JPEG Spectral Selection, Non-Hierarchical (Process 7 and 9)
1.2.840.10008.1.2.4.55 JPEG Full Progression, Non-Hierarchical (Process 10 and 12)
1.2.840.10008.1.2.4.56 JPEG Full Progression, Non-Hierarchical (Process 11 and 13)
1.2.840.10008.1.2.4.57 JPEG Lossless, Non-Hierarchical (Process 14)
1.2.840.10008.1.2.4.58 JPEG Lossless, Non-Hierarchical (Process 15)
1.2.840.10008.1.2.4.59 JPEG Extended, Hierarchical (Process 16 and 18)
1.2.840.10008.1.2.4.60 JPEG Extended, Hierarchical (Process 17 and 19)
1.2.840.10008.1.2.4.61 JPEG Spectral Selection, Hierarchical (Process 20 and 22)
1.2.840.10008.1.2.4.62 JPEG Spectral Selection, Hierarchical (Process 21 and 23)
1.2.840.10008.1.2.4.63 JPEG Full Progression, Hierarchical (Process 24 and 26)
1.2.840.10008.1.2.4.64 JPEG Full Progression, Hierarchical (Process 25 and 27)
1.2.840.10008.1.2.4.65 JPEG Lossless, Hierarchical (Process 28)
1.2.840.10008.1.2.4.66 JPEG Lossless, Hierarchical (Process 29)
1.2.840.10008.1.2.4.70 JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 [Selection Value 1])
1.2.840.10008.1.2.4.80 JPEG-LS Lossless Image Compression
1.2.840.10008.1.2.4.81 JPEG-LS Lossy (Near-Lossless) Image Compression
1.2.840.10008.1.2.4.90 JPEG 2000 Image Compression (Lossless Only)
1.2.840.10008.1.2.4.91 JPEG 2000 Image Compression
1.2.840.10008.1.2.4.92 JPEG 2000 Part 2 Multi-component Image Compression (Lossless Only)
1.2.840.10008.1.2.4.93 JPEG 2000 Part 2 Multi-component Image Compression
1.2.840.10008.1.2.4.94 JPIP Referenced
1.2.840.10008.1.2.4.95 JPIP Referenced Deflate
1.2.840.10008.1.2.5 RLE Lossless
1.2.840.10008.1.2.6.1 RFC 2557 MIME encapsulation
1.2.840.10008.1.2.6.2 XML Encoding
1.2.840.10008.1.2.7.1 SMPTE ST 2110-20 Uncompressed Progressive Active Video
1.2.840.10008.1.2.7.2 SMPTE ST 2110-20 Uncompressed Interlaced Active Video
1.2.840.10008.1.2.7.3 SMPTE ST 2110-30 PCM Digital Audio
1.2.840.10008.1.2.8.1 Deflated Image Frame Compression
1.2.840.10008.1.20 Papyrus 3 Implicit VR Little Endian
1.2.840.10008.1.20.1 Storage Commitment Push Model SOP Class
1.2.840.10008.1.20.2 Storage Commitment Pull Model SOP Class
1.2.840.10008.1.3.10 Media Storage Directory Storage
1.2.840.10008.1.40 Procedural Event Logging SOP Class
1.2.840.10008.1.42 Substance Administration Logging SOP Class
1.2.840.10008.1.9 Basic Study Content Notification SOP Class
1.2.840.10008.10.1 Video Endoscopic Image Real-Time Communication
1.2.840.10008.10.2 Video Photographic Image Real-Time Communication
1.2.840.10008.10.3 Audio Waveform Real-Time Communication
1.2.840.10008.10.4 Rendition Selection Document Real-Time Communication
1.2.840.10008.3.1.2.1.1 Detached Patient Management SOP Class
1.2.840.10008.3.1.2.1.4 Detached Patient Management Meta SOP Class
1.2.840.10008.3.1.2.2.1 Detached Visit Management SOP Class
1.2.840.10008.3.1.2.3.1 Detached Study Management SOP Class
1.2.840.10008.3.1.2.3.2 Study Component Management SOP Class
1.2.840.10008.3.1.2.3.3 Modality Performed Procedure Step SOP Class
1.2.840.10008.3.1.2.3.4 Modality Performed Procedure Step Retrieve SOP Class
1.2.840.10008.3.1.2.3.5 Modality Performed Procedure Step Notification SOP Class
1.2.840.10008.3.1.2.5.1 Detached Results Management SOP Class
1.2.840.10008.3.1.2.5.4 Detached Results Management Meta SOP Class
1.2.840.10008.3.1.2.5.5 Detached Study Management Meta SOP Class
1.2.840.10008.3.1.2.6.1 Detached Interpretation Management SOP Class
1.2.840.10008.5.1.1.1 Basic Film Session SOP Class
1.2.840.10008.5.1.1.14 Print Job SOP Class
1.2.840.10008.5.1.1.15 Basic Annotation Box SOP Class
1.2.840.10008.5.1.1.16 Printer SOP Class
1.2.840.10008.5.1.1.16.376 Printer Configuration Retrieval SOP Class
1.2.840.10008.5.1.1.18 Basic Color Print Management Meta SOP Class
1.2.840.10008.5.1.1.18.1 Referenced Color Print Management Meta SOP Class
1.2.840.10008.5.1.1.2 Basic Film Box SOP Class
1.2.840.10008.5.1.1.22 VOI LUT Box SOP Class
1.2.840.10008.5.1.1.23 Presentation LUT SOP Class
1.2.840.10008.5.1.1.24 Image Overlay Box SOP Class
1.2.840.10008.5.1.1.24.1 Basic Print Image Overlay Box SOP Class
1.2.840.10008.5.1.1.26 Print Queue Management SOP Class
1.2.840.10008.5.1.1.27 Stored Print Storage SOP Class
1.2.840.10008.5.1.1.29 Hardcopy Grayscale Image Storage SOP Class
1.2.840.10008.5.1.1.30 Hardcopy Color Image Storage SOP Class
1.2.840.10008.5.1.1.31 Pull Print Request SOP Class
1.2.840.10008.5.1.1.32 Pull Stored Print Management Meta SOP Class
1.2.840.10008.5.1.1.33 Media Creation Management SOP Class UID
1.2.840.10008.5.1.1.4 Basic Grayscale Image Box SOP Class
1.2.840.10008.5.1.1.4.1 Basic Color Image Box SOP Class
1.2.840.10008.5.1.1.4.2 Referenced Image Box SOP Class
1.2.840.10008.5.1.1.40 Display System SOP Class
1.2.840.10008.5.1.1.9 Basic Grayscale Print Management Meta SOP Class
1.2.840.10008.5.1.1.9.1 Referenced Grayscale Print Management Meta SOP Class
1.2.840.10008.5.1.4.1.1.1 Computed Radiography Image Storage
1.2.840.10008.5.1.4.1.1.1.1 Digital X-Ray Image Storage - For Presentation
1.2.840.10008.5.1.4.1.1.1.1.1 Digital X-Ray Image Storage - For Processing
1.2.840.10008.5.1.4.1.1.1.2 Digital Mammography X-Ray Image Storage - For Presentation
1.2.840.10008.5.1.4.1.1.1.2.1 Digital Mammography X-Ray Image Storage - For Processing
1.2.840.10008.5.1.4.1.1.1.3 Digital Intra-Oral X-Ray Image Storage - For Presentation
1.2.840.10008.5.1.4.1.1.1.3.1 Digital Intra-Oral X-Ray Image Storage - For Processing
1.2.840.10008.5.1.4.1.1.10 Standalone Modality LUT Storage
1.2.840.10008.5.1.4.1.1.104.1 Encapsulated PDF Storage
1.2.840.10008.5.1.4.1.1.104.2 Encapsulated CDA Storage
1.2.840.10008.5.1.4.1.1.104.3 Encapsulated STL Storage
1.2.840.10008.5.1.4.1.1.104.4 Encapsulated OBJ Storage
1.2.840.10008.5.1.4.1.1.104.5 Encapsulated MTL Storage
1.2.840.10008.5.1.4.1.1.11 Standalone VOI LUT Storage
1.2.840.10008.5.1.4.1.1.11.1 Grayscale Softcopy Presentation State Storage
1.2.840.10008.5.1.4.1.1.11.10 Segmented Volume Rendering Volumetric Presentation State Storage
1.2.840.10008.5.1.4.1.1.11.11 Multiple Volume Rendering Volumetric Presentation State Storage
1.2.840.10008.5.1.4.1.1.11.12 Variable Modality LUT Softcopy Presentation State Storage
1.2.840.10008.5.1.4.1.1.11.2 Color Softcopy Presentation State Storage
1.2.840.10008.5.1.4.1.1.11.3 Pseudo-Color Softcopy Presentation State Storage
1.2.840.10008.5.1.4.1.1.11.4 Blending Softcopy Presentation State Storage
1.2.840.10008.5.1.4.1.1.11.5 XA/XRF Grayscale Softcopy Presentation State Storage
1.2.840.10008.5.1.4.1.1.11.6 Grayscale Planar MPR Volumetric Presentation State Storage
1.2.840.10008.5.1.4.1.1.11.7 Compositing Planar MPR Volumetric Presentation State Storage
1.2.840.10008.5.1.4.1.1.11.8 Advanced Blending Presentation State Storage
1.2.840.10008.5.1.4.1.1.11.9 Volume Rendering Volumetric Presentation State Storage
1.2.840.10008.5.1.4.1.1.12.1 X-Ray Angiographic Image Storage
1.2.840.10008.5.1.4.1.1.12.1.1 Enhanced XA Image Storage
1.2.840.10008.5.1.4.1.1.12.2 X-Ray Radiofluoroscopic Image Storage
1.2.840.10008.5.1.4.1.1.12.2.1 Enhanced XRF Image Storage
1.2.840.10008.5.1.4.1.1.12.3 X-Ray Angiographic Bi-Plane Image Storage
1.2.840.10008.5.1.4.1.1.128 Positron Emission Tomography Image Storage
1.2.840.10008.5.1.4.1.1.128.1 Legacy Converted Enhanced PET Image Storage
1.2.840.10008.5.1.4.1.1.129 Standalone PET Curve Storage
1.2.840.10008.5.1.4.1.1.13.1.1 X-Ray 3D Angiographic Image Storage
1.2.840.10008.5.1.4.1.1.13.1.2 X-Ray 3D Craniofacial Image Storage
1.2.840.10008.5.1.4.1.1.13.1.3 Breast Tomosynthesis Image Storage
1.2.840.10008.5.1.4.1.1.13.1.4 Breast Projection X-Ray Image Storage - For Presentation
1.2.840.10008.5.1.4.1.1.13.1.5 Breast Projection X-Ray Image Storage - For Processing
1.2.840.10008.5.1.4.1.1.130 Enhanced PET Image Storage
1.2.840.10008.5.1.4.1.1.131 Basic Structured Display Storage
1.2.840.10008.5.1.4.1.1.14.1 Intravascular Optical Coherence Tomography Image Storage - For Presentation
1.2.840.10008.5.1.4.1.1.14.2 Intravascular Optical Coherence Tomography Image Storage - For Processing
1.2.840.10008.5.1.4.1.1.2 CT Image Storage
1.2.840.10008.5.1.4.1.1.2.1 Enhanced CT Image Storage
1.2.840.10008.5.1.4.1.1.2.2 Legacy Converted Enhanced CT Image Storage
1.2.840.10008.5.1.4.1.1.20 Nuclear Medicine Image Storage
1.2.840.10008.5.1.4.1.1.200.1 CT Defined Procedure Protocol Storage
1.2.840.10008.5.1.4.1.1.200.2 CT Performed Procedure Protocol Storage
1.2.840.10008.5.1.4.1.1.200.3 Protocol Approval Storage
1.2.840.10008.5.1.4.1.1.200.4 Protocol Approval Information Model - FIND
1.2.840.10008.5.1.4.1.1.200.5 Protocol Approval Information Model - MOVE
1.2.840.10008.5.1.4.1.1.200.6 Protocol Approval Information Model - GET
1.2.840.10008.5.1.4.1.1.200.7 XA Defined Procedure Protocol Storage
1.2.840.10008.5.1.4.1.1.200.8 XA Performed Procedure Protocol Storage
1.2.840.10008.5.1.4.1.1.201.1 Inventory Storage
1.2.840.10008.5.1.4.1.1.201.2 Inventory - FIND
1.2.840.10008.5.1.4.1.1.201.3 Inventory - MOVE
1.2.840.10008.5.1.4.1.1.201.4 Inventory - GET
1.2.840.10008.5.1.4.1.1.201.5 Inventory Creation
1.2.840.10008.5.1.4.1.1.201.6 Repository Query
1.2.840.10008.5.1.4.1.1.3 Ultrasound Multi-frame Image Storage
1.2.840.10008.5.1.4.1.1.3.1 Ultrasound Multi-frame Image Storage
1.2.840.10008.5.1.4.1.1.30 Parametric Map Storage
1.2.840.10008.5.1.4.1.1.4 MR Image Storage
1.2.840.10008.5.1.4.1.1.4.1 Enhanced MR Image Storage
1.2.840.10008.5.1.4.1.1.4.2 MR Spectroscopy Storage
1.2.840.10008.5.1.4.1.1.4.3 Enhanced MR Color Image Storage
1.2.840.10008.5.1.4.1.1.4.4 Legacy Converted Enhanced MR Image Storage
1.2.840.10008.5.1.4.1.1.481.1 RT Image Storage
1.2.840.10008.5.1.4.1.1.481.10 RT Physician Intent Storage
1.2.840.10008.5.1.4.1.1.481.11 RT Segment Annotation Storage
1.2.840.10008.5.1.4.1.1.481.12 RT Radiation Set Storage
1.2.840.10008.5.1.4.1.1.481.13 C-Arm Photon-Electron Radiation Storage
1.2.840.10008.5.1.4.1.1.481.14 Tomotherapeutic Radiation Storage
1.2.840.10008.5.1.4.1.1.481.15 Robotic-Arm Radiation Storage
1.2.840.10008.5.1.4.1.1.481.16 RT Radiation Record Set Storage
1.2.840.10008.5.1.4.1.1.481.17 RT Radiation Salvage Record Storage
1.2.840.10008.5.1.4.1.1.481.18 Tomotherapeutic Radiation Record Storage
1.2.840.10008.5.1.4.1.1.481.19 C-Arm Photon-Electron Radiation Record Storage
1.2.840.10008.5.1.4.1.1.481.2 RT Dose Storage
1.2.840.10008.5.1.4.1.1.481.20 Robotic Radiation Record Storage
1.2.840.10008.5.1.4.1.1.481.21 RT Radiation Set Delivery Instruction Storage
1.2.840.10008.5.1.4.1.1.481.22 RT Treatment Preparation Storage
1.2.840.10008.5.1.4.1.1.481.23 Enhanced RT Image Storage
1.2.840.10008.5.1.4.1.1.481.24 Enhanced Continuous RT Image Storage
1.2.840.10008.5.1.4.1.1.481.25 RT Patient Position Acquisition Instruction Storage
1.2.840.10008.5.1.4.1.1.481.3 RT Structure Set Storage
1.2.840.10008.5.1.4.1.1.481.4 RT Beams Treatment Record Storage
1.2.840.10008.5.1.4.1.1.481.5 RT Plan Storage
1.2.840.10008.5.1.4.1.1.481.6 RT Brachy Treatment Record Storage
1.2.840.10008.5.1.4.1.1.481.7 RT Treatment Summary Record Storage
1.2.840.10008.5.1.4.1.1.481.8 RT Ion Plan Storage
1.2.840.10008.5.1.4.1.1.481.9 RT Ion Beams Treatment Record Storage
1.2.840.10008.5.1.4.1.1.5 Nuclear Medicine Image Storage
1.2.840.10008.5.1.4.1.1.501.1 DICOS CT Image Storage
1.2.840.10008.5.1.4.1.1.501.2.1 DICOS Digital X-Ray Image Storage - For Presentation
1.2.840.10008.5.1.4.1.1.501.2.2 DICOS Digital X-Ray Image Storage - For Processing
1.2.840.10008.5.1.4.1.1.501.3 DICOS Threat Detection Report Storage
1.2.840.10008.5.1.4.1.1.501.4 DICOS 2D AIT Storage
1.2.840.10008.5.1.4.1.1.501.5 DICOS 3D AIT Storage
1.2.840.10008.5.1.4.1.1.501.6 DICOS Quadrupole Resonance (QR) Storage
1.2.840.10008.5.1.4.1.1.6 Ultrasound Image Storage
1.2.840.10008.5.1.4.1.1.6.1 Ultrasound Image Storage
1.2.840.10008.5.1.4.1.1.6.2 Enhanced US Volume Storage
1.2.840.10008.5.1.4.1.1.6.3 Photoacoustic Image Storage
1.2.840.10008.5.1.4.1.1.601.1 Eddy Current Image Storage
1.2.840.10008.5.1.4.1.1.601.2 Eddy Current Multi-frame Image Storage
1.2.840.10008.5.1.4.1.1.601.3 Thermography Image Storage
1.2.840.10008.5.1.4.1.1.601.4 Thermography Multi-frame Image Storage
1.2.840.10008.5.1.4.1.1.66 Raw Data Storage
1.2.840.10008.5.1.4.1.1.66.1 Spatial Registration Storage
1.2.840.10008.5.1.4.1.1.66.2 Spatial Fiducials Storage
1.2.840.10008.5.1.4.1.1.66.3 Deformable Spatial Registration Storage
1.2.840.10008.5.1.4.1.1.66.4 Segmentation Storage
1.2.840.10008.5.1.4.1.1.66.5 Surface Segmentation Storage
1.2.840.10008.5.1.4.1.1.66.6 Tractography Results Storage
1.2.840.10008.5.1.4.1.1.66.7 Label Map Segmentation Storage
1.2.840.10008.5.1.4.1.1.66.8 Height Map Segmentation Storage
1.2.840.10008.5.1.4.1.1.67 Real World Value Mapping Storage
1.2.840.10008.5.1.4.1.1.68.1 Surface Scan Mesh Storage
1.2.840.10008.5.1.4.1.1.68.2 Surface Scan Point Cloud Storage
1.2.840.10008.5.1.4.1.1.7 Secondary Capture Image Storage
1.2.840.10008.5.1.4.1.1.7.1 Multi-frame Single Bit Secondary Capture Image Storage
1.2.840.10008.5.1.4.1.1.7.2 Multi-frame Grayscale Byte Secondary Capture Image Storage
1.2.840.10008.5.1.4.1.1.7.3 Multi-frame Grayscale Word Secondary Capture Image Storage
1.2.840.10008.5.1.4.1.1.7.4 Multi-frame True Color Secondary Capture Image Storage
1.2.840.10008.5.1.4.1.1.77.1 VL Image Storage - Trial
1.2.840.10008.5.1.4.1.1.77.1.1 VL Endoscopic Image Storage
1.2.840.10008.5.1.4.1.1.77.1.1.1 Video Endoscopic Image Storage
1.2.840.10008.5.1.4.1.1.77.1.2 VL Microscopic Image Storage
1.2.840.10008.5.1.4.1.1.77.1.2.1 Video Microscopic Image Storage
1.2.840.10008.5.1.4.1.1.77.1.3 VL Slide-Coordinates Microscopic Image Storage
1.2.840.10008.5.1.4.1.1.77.1.4 VL Photographic Image Storage
1.2.840.10008.5.1.4.1.1.77.1.4.1 Video Photographic Image Storage
1.2.840.10008.5.1.4.1.1.77.1.5.1 Ophthalmic Photography 8 Bit Image Storage
1.2.840.10008.5.1.4.1.1.77.1.5.2 Ophthalmic Photography 16 Bit Image Storage
1.2.840.10008.5.1.4.1.1.77.1.5.3 Stereometric Relationship Storage
1.2.840.10008.5.1.4.1.1.77.1.5.4 Ophthalmic Tomography Image Storage
1.2.840.10008.5.1.4.1.1.77.1.5.5 Wide Field Ophthalmic Photography Stereographic Projection Image Storage
1.2.840.10008.5.1.4.1.1.77.1.5.6 Wide Field Ophthalmic Photography 3D Coordinates Image Storage
1.2.840.10008.5.1.4.1.1.77.1.5.7 Ophthalmic Optical Coherence Tomography En Face Image Storage
1.2.840.10008.5.1.4.1.1.77.1.5.8 Ophthalmic Optical Coherence Tomography B-scan Volume Analysis Storage
1.2.840.10008.5.1.4.1.1.77.1.6 VL Whole Slide Microscopy Image Storage
1.2.840.10008.5.1.4.1.1.77.1.7 Dermoscopic Photography Image Storage
1.2.840.10008.5.1.4.1.1.77.1.8 Confocal Microscopy Image Storage
1.2.840.10008.5.1.4.1.1.77.1.9 Confocal Microscopy Tiled Pyramidal Image Storage
1.2.840.10008.5.1.4.1.1.77.2 VL Multi-frame Image Storage - Trial
1.2.840.10008.5.1.4.1.1.78.1 Lensometry Measurements Storage
1.2.840.10008.5.1.4.1.1.78.2 Autorefraction Measurements Storage
1.2.840.10008.5.1.4.1.1.78.3 Keratometry Measurements Storage
1.2.840.10008.5.1.4.1.1.78.4 Subjective Refraction Measurements Storage
1.2.840.10008.5.1.4.1.1.78.5 Visual Acuity Measurements Storage
1.2.840.10008.5.1.4.1.1.78.6 Spectacle Prescription Report Storage
1.2.840.10008.5.1.4.1.1.78.7 Ophthalmic Axial Measurements Storage
1.2.840.10008.5.1.4.1.1.78.8 Intraocular Lens Calculations Storage
1.2.840.10008.5.1.4.1.1.79.1 Macular Grid Thickness and Volume Report Storage
1.2.840.10008.5.1.4.1.1.8 Standalone Overlay Storage
1.2.840.10008.5.1.4.1.1.80.1 Ophthalmic Visual Field Static Perimetry Measurements Storage
1.2.840.10008.5.1.4.1.1.81.1 Ophthalmic Thickness Map Storage
1.2.840.10008.5.1.4.1.1.82.1 Corneal Topography Map Storage
1.2.840.10008.5.1.4.1.1.88.1 Text SR Storage - Trial
1.2.840.10008.5.1.4.1.1.88.11 Basic Text SR Storage
1.2.840.10008.5.1.4.1.1.88.2 Audio SR Storage - Trial
1.2.840.10008.5.1.4.1.1.88.22 Enhanced SR Storage
1.2.840.10008.5.1.4.1.1.88.3 Detail SR Storage - Trial
1.2.840.10008.5.1.4.1.1.88.33 Comprehensive SR Storage
1.2.840.10008.5.1.4.1.1.88.34 Comprehensive 3D SR Storage
1.2.840.10008.5.1.4.1.1.88.35 Extensible SR Storage
1.2.840.10008.5.1.4.1.1.88.4 Comprehensive SR Storage - Trial
1.2.840.10008.5.1.4.1.1.88.40 Procedure Log Storage
1.2.840.10008.5.1.4.1.1.88.50 Mammography CAD SR Storage
1.2.840.10008.5.1.4.1.1.88.59 Key Object Selection Document Storage
1.2.840.10008.5.1.4.1.1.88.65 Chest CAD SR Storage
1.2.840.10008.5.1.4.1.1.88.67 X-Ray Radiation Dose SR Storage
1.2.840.10008.5.1.4.1.1.88.68 Radiopharmaceutical Radiation Dose SR Storage
1.2.840.10008.5.1.4.1.1.88.69 Colon CAD SR Storage
1.2.840.10008.5.1.4.1.1.88.70 Implantation Plan SR Storage
1.2.840.10008.5.1.4.1.1.88.71 Acquisition Context SR Storage
1.2.840.10008.5.1.4.1.1.88.72 Simplified Adult Echo SR Storage
1.2.840.10008.5.1.4.1.1.88.73 Patient Radiation Dose SR Storage
1.2.840.10008.5.1.4.1.1.88.74 Planned Imaging Agent Administration SR Storage
1.2.840.10008.5.1.4.1.1.88.75 Performed Imaging Agent Administration SR Storage
1.2.840.10008.5.1.4.1.1.88.76 Enhanced X-Ray Radiation Dose SR Storage
1.2.840.10008.5.1.4.1.1.88.77 Waveform Annotation SR Storage
1.2.840.10008.5.1.4.1.1.9 Standalone Curve Storage
1.2.840.10008.5.1.4.1.1.9.1 Waveform Storage - Trial
1.2.840.10008.5.1.4.1.1.9.1.1 12-lead ECG Waveform Storage
1.2.840.10008.5.1.4.1.1.9.1.2 General ECG Waveform Storage
1.2.840.10008.5.1.4.1.1.9.1.3 Ambulatory ECG Waveform Storage
1.2.840.10008.5.1.4.1.1.9.1.4 General 32-bit ECG Waveform Storage
1.2.840.10008.5.1.4.1.1.9.2.1 Hemodynamic Waveform Storage
1.2.840.10008.5.1.4.1.1.9.3.1 Cardiac Electrophysiology Waveform Storage
1.2.840.10008.5.1.4.1.1.9.4.1 Basic Voice Audio Waveform Storage
1.2.840.10008.5.1.4.1.1.9.4.2 General Audio Waveform Storage
1.2.840.10008.5.1.4.1.1.9.5.1 Arterial Pulse Waveform Storage
1.2.840.10008.5.1.4.1.1.9.6.1 Respiratory Waveform Storage
1.2.840.10008.5.1.4.1.1.9.6.2 Multi-channel Respiratory Waveform Storage
1.2.840.10008.5.1.4.1.1.9.7.1 Routine Scalp Electroencephalogram Waveform Storage
1.2.840.10008.5.1.4.1.1.9.7.2 Electromyogram Waveform Storage
1.2.840.10008.5.1.4.1.1.9.7.3 Electrooculogram Waveform Storage
1.2.840.10008.5.1.4.1.1.9.7.4 Sleep Electroencephalogram Waveform Storage
1.2.840.10008.5.1.4.1.1.9.8.1 Body Position Waveform Storage
1.2.840.10008.5.1.4.1.1.90.1 Content Assessment Results Storage
1.2.840.10008.5.1.4.1.1.91.1 Microscopy Bulk Simple Annotations Storage
1.2.840.10008.5.1.4.1.2.1.1 Patient Root Query/Retrieve Information Model - FIND
1.2.840.10008.5.1.4.1.2.1.2 Patient Root Query/Retrieve Information Model - MOVE
1.2.840.10008.5.1.4.1.2.1.3 Patient Root Query/Retrieve Information Model - GET
1.2.840.10008.5.1.4.1.2.2.1 Study Root Query/Retrieve Information Model - FIND
1.2.840.10008.5.1.4.1.2.2.2 Study Root Query/Retrieve Information Model - MOVE
1.2.840.10008.5.1.4.1.2.2.3 Study Root Query/Retrieve Information Model - GET
1.2.840.10008.5.1.4.1.2.3.1 Patient/Study Only Query/Retrieve Information Model - FIND
1.2.840.10008.5.1.4.1.2.3.2 Patient/Study Only Query/Retrieve Information Model - MOVE
1.2.840.10008.5.1.4.1.2.3.3 Patient/Study Only Query/Retrieve Information Model - GET
1.2.840.10008.5.1.4.1.2.4.2 Composite Instance Root Retrieve - MOVE
1.2.840.10008.5.1.4.1.2.4.3 Composite Instance Root Retrieve - GET
1.2.840.10008.5.1.4.1.2.5.3 Composite Instance Retrieve Without Bulk Data - GET
1.2.840.10008.5.1.4.20.1 Defined Procedure Protocol Information Model - FIND
1.2.840.10008.5.1.4.20.2 Defined Procedure Protocol Information Model - MOVE
1.2.840.10008.5.1.4.20.3 Defined Procedure Protocol Information Model - GET
1.2.840.10008.5.1.4.31 Modality Worklist Information Model - FIND
1.2.840.10008.5.1.4.32 General Purpose Worklist Management Meta SOP Class
1.2.840.10008.5.1.4.32.1 General Purpose Worklist Information Model - FIND
1.2.840.10008.5.1.4.32.2 General Purpose Scheduled Procedure Step SOP Class
1.2.840.10008.5.1.4.32.3 General Purpose Performed Procedure Step SOP Class
1.2.840.10008.5.1.4.33 Instance Availability Notification SOP Class
1.2.840.10008.5.1.4.34.1 RT Beams Delivery Instruction Storage - Trial
1.2.840.10008.5.1.4.34.10 RT Brachy Application Setup Delivery Instruction Storage
1.2.840.10008.5.1.4.34.2 RT Conventional Machine Verification - Trial
1.2.840.10008.5.1.4.34.3 RT Ion Machine Verification - Trial
1.2.840.10008.5.1.4.34.4.1 Unified Procedure Step - Push SOP Class - Trial
1.2.840.10008.5.1.4.34.4.2 Unified Procedure Step - Watch SOP Class - Trial
1.2.840.10008.5.1.4.34.4.3 Unified Procedure Step - Pull SOP Class - Trial
1.2.840.10008.5.1.4.34.4.4 Unified Procedure Step - Event SOP Class - Trial
1.2.840.10008.5.1.4.34.6.1 Unified Procedure Step - Push SOP Class
1.2.840.10008.5.1.4.34.6.2 Unified Procedure Step - Watch SOP Class
1.2.840.10008.5.1.4.34.6.3 Unified Procedure Step - Pull SOP Class
1.2.840.10008.5.1.4.34.6.4 Unified Procedure Step - Event SOP Class
1.2.840.10008.5.1.4.34.6.5 Unified Procedure Step - Query SOP Class
1.2.840.10008.5.1.4.34.7 RT Beams Delivery Instruction Storage
1.2.840.10008.5.1.4.34.8 RT Conventional Machine Verification
1.2.840.10008.5.1.4.34.9 RT Ion Machine Verification
1.2.840.10008.5.1.4.37.1 General Relevant Patient Information Query
1.2.840.10008.5.1.4.37.2 Breast Imaging Relevant Patient Information Query
1.2.840.10008.5.1.4.37.3 Cardiac Relevant Patient Information Query
1.2.840.10008.5.1.4.38.1 Hanging Protocol Storage
1.2.840.10008.5.1.4.38.2 Hanging Protocol Information Model - FIND
1.2.840.10008.5.1.4.38.3 Hanging Protocol Information Model - MOVE
1.2.840.10008.5.1.4.38.4 Hanging Protocol Information Model - GET
1.2.840.10008.5.1.4.39.1 Color Palette Storage
1.2.840.10008.5.1.4.39.2 Color Palette Query/Retrieve Information Model - FIND
1.2.840.10008.5.1.4.39.3 Color Palette Query/Retrieve Information Model - MOVE
1.2.840.10008.5.1.4.39.4 Color Palette Query/Retrieve Information Model - GET
1.2.840.10008.5.1.4.41 Product Characteristics Query SOP Class
1.2.840.10008.5.1.4.42 Substance Approval Query SOP Class
1.2.840.10008.5.1.4.43.1 Generic Implant Template Storage
1.2.840.10008.5.1.4.43.2 Generic Implant Template Information Model - FIND
1.2.840.10008.5.1.4.43.3 Generic Implant Template Information Model - MOVE
1.2.840.10008.5.1.4.43.4 Generic Implant Template Information Model - GET
1.2.840.10008.5.1.4.44.1 Implant Assembly Template Storage
1.2.840.10008.5.1.4.44.2 Implant Assembly Template Information Model - FIND
1.2.840.10008.5.1.4.44.3 Implant Assembly Template Information Model - MOVE
1.2.840.10008.5.1.4.44.4 Implant Assembly Template Information Model - GET
1.2.840.10008.5.1.4.45.1 Implant Template Group Storage
1.2.840.10008.5.1.4.45.2 Implant Template Group Information Model - FIND
1.2.840.10008.5.1.4.45.3 Implant Template Group Information Model - MOVE
1.2.840.10008.5.1.4.45.4 Implant Template Group Information Model - GET
`;
