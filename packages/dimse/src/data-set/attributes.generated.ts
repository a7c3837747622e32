// Generated from the data dictionary of PS3.6 by scripts/generate-attributes.ts. Not to be edited.

/**
 * The attributes of the standard, a line each: tag, VR, VM if it is not 1, keyword, and R if it is retired. Four digits of a
 * tag are those of the element, in the group of the line before. `x` stands for any digit in the tag of a repeating group,
 * and a slash for "or" between VRs. Attributes without a meaning have no keyword.
 */
export const ATTRIBUTES: string = `
00000000 UL CommandGroupLength
0001 UL CommandLengthToEnd R
0002 UI AffectedSOPClassUID
0003 UI RequestedSOPClassUID
0010 SH CommandRecognitionCode R
0100 US CommandField
0110 US MessageID
0120 US MessageIDBeingRespondedTo
0200 AE Initiator R
0300 AE Receiver R
0400 AE FindLocation R
0600 AE MoveDestination
0700 US Priority
0800 US CommandDataSetType
0850 US NumberOfMatches R
0860 US ResponseSequenceNumber R
0900 US Status
0901 AT 1-n OffendingElement
0902 LO ErrorComment
0903 US ErrorID
1000 UI AffectedSOPInstanceUID
1001 UI RequestedSOPInstanceUID
1002 US EventTypeID
1005 AT 1-n AttributeIdentifierList
1008 US ActionTypeID
1020 US NumberOfRemainingSuboperations
1021 US NumberOfCompletedSuboperations
1022 US NumberOfFailedSuboperations
1023 US NumberOfWarningSuboperations
1030 AE MoveOriginatorApplicationEntityTitle
1031 US MoveOriginatorMessageID
4000 LT DialogReceiver R
4010 LT TerminalType R
5010 SH MessageSetID R
5020 SH EndMessageID R
5110 LT DisplayFormat R
5120 LT PagePositionID R
5130 CS TextFormatID R
5140 CS NormalReverse R
5150 CS AddGrayScale R
5160 CS Borders R
5170 IS Copies R
5180 CS CommandMagnificationType R
5190 CS Erase R
51A0 CS Print R
51B0 US 1-n Overlays R
00020000 UL FileMetaInformationGroupLength
0001 OB FileMetaInformationVersion
0002 UI MediaStorageSOPClassUID
0003 UI MediaStorageSOPInstanceUID
0010 UI TransferSyntaxUID
0012 UI ImplementationClassUID
0013 SH ImplementationVersionName
0016 AE SourceApplicationEntityTitle
0017 AE SendingApplicationEntityTitle
0018 AE ReceivingApplicationEntityTitle
0026 UR SourcePresentationAddress
0027 UR SendingPresentationAddress
0028 UR ReceivingPresentationAddress
0031 OB RTVMetaInformationVersion
0032 UI RTVCommunicationSOPClassUID
0033 UI RTVCommunicationSOPInstanceUID
0035 OB RTVSourceIdentifier
0036 OB RTVFlowIdentifier
0037 UL RTVFlowRTPSamplingRate
0038 FD RTVFlowActualFrameDuration
0100 UI PrivateInformationCreatorUID
0102 OB PrivateInformation
00041130 CS FileSetID
1141 CS 1-8 FileSetDescriptorFileID
1142 CS SpecificCharacterSetOfFileSetDescriptorFile
1200 UL OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity
1202 UL OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity
1212 US FileSetConsistencyFlag
1220 SQ DirectoryRecordSequence
1400 UL OffsetOfTheNextDirectoryRecord
1410 US RecordInUseFlag
1420 UL OffsetOfReferencedLowerLevelDirectoryEntity
1430 CS DirectoryRecordType
1432 UI PrivateRecordUID
1500 CS 1-8 ReferencedFileID
1504 UL MRDRDirectoryRecordOffset R
1510 UI ReferencedSOPClassUIDInFile
1511 UI ReferencedSOPInstanceUIDInFile
1512 UI ReferencedTransferSyntaxUIDInFile
151A UI 1-n ReferencedRelatedGeneralSOPClassUIDInFile
1600 UL NumberOfReferences R
00080001 UL LengthToEnd R
0005 CS 1-n SpecificCharacterSet
0006 SQ LanguageCodeSequence
0008 CS 2-n ImageType
0010 SH RecognitionCode R
0012 DA InstanceCreationDate
0013 TM InstanceCreationTime
0014 UI InstanceCreatorUID
0015 DT InstanceCoercionDateTime
0016 UI SOPClassUID
0017 UI AcquisitionUID
0018 UI SOPInstanceUID
0019 UI PyramidUID
001A UI 1-n RelatedGeneralSOPClassUID
001B UI OriginalSpecializedSOPClassUID
001C CS SyntheticData
0020 DA StudyDate
0021 DA SeriesDate
0022 DA AcquisitionDate
0023 DA ContentDate
0024 DA OverlayDate R
0025 DA CurveDate R
002A DT AcquisitionDateTime
0030 TM StudyTime
0031 TM SeriesTime
0032 TM AcquisitionTime
0033 TM ContentTime
0034 TM OverlayTime R
0035 TM CurveTime R
0040 US DataSetType R
0041 LO DataSetSubtype R
0042 CS NuclearMedicineSeriesType R
0050 SH AccessionNumber
0051 SQ IssuerOfAccessionNumberSequence
0052 CS QueryRetrieveLevel
0053 CS QueryRetrieveView
0054 AE 1-n RetrieveAETitle
0055 AE StationAETitle
0056 CS InstanceAvailability
0058 UI 1-n FailedSOPInstanceUIDList
0060 CS Modality
0061 CS 1-n ModalitiesInStudy
0062 UI 1-n SOPClassesInStudy
0063 SQ AnatomicRegionsInStudyCodeSequence
0064 CS ConversionType
0068 CS PresentationIntentType
0070 LO Manufacturer
0080 LO InstitutionName
0081 ST InstitutionAddress
0082 SQ InstitutionCodeSequence
0090 PN ReferringPhysicianName
0092 ST ReferringPhysicianAddress
0094 SH 1-n ReferringPhysicianTelephoneNumbers
0096 SQ ReferringPhysicianIdentificationSequence
009C PN 1-n ConsultingPhysicianName
009D SQ ConsultingPhysicianIdentificationSequence
0100 SH CodeValue
0101 LO ExtendedCodeValue
0102 SH CodingSchemeDesignator
0103 SH CodingSchemeVersion
0104 LO CodeMeaning
0105 CS MappingResource
0106 DT ContextGroupVersion
0107 DT ContextGroupLocalVersion
0108 LT ExtendedCodeMeaning
0109 SQ CodingSchemeResourcesSequence
010A CS CodingSchemeURLType
010B CS ContextGroupExtensionFlag
010C UI CodingSchemeUID
010D UI ContextGroupExtensionCreatorUID
010E UR CodingSchemeURL
010F CS ContextIdentifier
0110 SQ CodingSchemeIdentificationSequence
0112 LO CodingSchemeRegistry
0114 ST CodingSchemeExternalID
0115 ST CodingSchemeName
0116 ST CodingSchemeResponsibleOrganization
0117 UI ContextUID
0118 UI MappingResourceUID
0119 UC LongCodeValue
0120 UR URNCodeValue
0121 SQ EquivalentCodeSequence
0122 LO MappingResourceName
0123 SQ ContextGroupIdentificationSequence
0124 SQ MappingResourceIdentificationSequence
0201 SH TimezoneOffsetFromUTC
0202 OB  R
0220 SQ ResponsibleGroupCodeSequence
0221 CS EquipmentModality
0222 LO ManufacturerRelatedModelGroup
0300 SQ PrivateDataElementCharacteristicsSequence
0301 US PrivateGroupReference
0302 LO PrivateCreatorReference
0303 CS BlockIdentifyingInformationStatus
0304 US 1-n NonidentifyingPrivateElements
0305 SQ DeidentificationActionSequence
0306 US 1-n IdentifyingPrivateElements
0307 CS DeidentificationAction
0308 US PrivateDataElement
0309 UL 1-3 PrivateDataElementValueMultiplicity
030A CS PrivateDataElementValueRepresentation
030B UL 1-2 PrivateDataElementNumberOfItems
030C UC PrivateDataElementName
030D UC PrivateDataElementKeyword
030E UT PrivateDataElementDescription
030F UT PrivateDataElementEncoding
0310 SQ PrivateDataElementDefinitionSequence
0400 SQ ScopeOfInventorySequence
0401 LT InventoryPurpose
0402 LT InventoryInstanceDescription
0403 CS InventoryLevel
0404 DT ItemInventoryDateTime
0405 CS RemovedFromOperationalUse
0406 SQ ReasonForRemovalCodeSequence
0407 UR StoredInstanceBaseURI
0408 UR FolderAccessURI
0409 UR FileAccessURI
040A CS ContainerFileType
040B UR FilenameInContainer
040C UV FileOffsetInContainer
040D UV FileLengthInContainer
040E UI StoredInstanceTransferSyntaxUID
040F CS 1-n ExtendedMatchingMechanisms
0410 SQ RangeMatchingSequence
0411 SQ ListOfUIDMatchingSequence
0412 SQ EmptyValueMatchingSequence
0413 SQ GeneralMatchingSequence
0414 US RequestedStatusInterval
0415 CS RetainInstances
0416 DT ExpirationDateTime
0417 CS TransactionStatus
0418 LT TransactionStatusComment
0419 SQ FileSetAccessSequence
041A SQ FileAccessSequence
041B OB RecordKey
041C OB PriorRecordKey
041D SQ MetadataSequence
041E SQ UpdatedMetadataSequence
041F DT StudyUpdateDateTime
0420 SQ InventoryAccessEndPointsSequence
0421 SQ StudyAccessEndPointsSequence
0422 SQ IncorporatedInventoryInstanceSequence
0423 SQ InventoriedStudiesSequence
0424 SQ InventoriedSeriesSequence
0425 SQ InventoriedInstancesSequence
0426 CS InventoryCompletionStatus
0427 UL NumberOfStudyRecordsInInstance
0428 UV TotalNumberOfStudyRecords
0429 UV MaximumNumberOfRecords
1000 AE NetworkID R
1010 SH StationName
1030 LO StudyDescription
1032 SQ ProcedureCodeSequence
103E LO SeriesDescription
103F SQ SeriesDescriptionCodeSequence
1040 LO InstitutionalDepartmentName
1041 SQ InstitutionalDepartmentTypeCodeSequence
1048 PN 1-n PhysiciansOfRecord
1049 SQ PhysiciansOfRecordIdentificationSequence
1050 PN 1-n PerformingPhysicianName
1052 SQ PerformingPhysicianIdentificationSequence
1060 PN 1-n NameOfPhysiciansReadingStudy
1062 SQ PhysiciansReadingStudyIdentificationSequence
1070 PN 1-n OperatorsName
1072 SQ OperatorIdentificationSequence
1080 LO 1-n AdmittingDiagnosesDescription
1084 SQ AdmittingDiagnosesCodeSequence
1088 LO PyramidDescription
1090 LO ManufacturerModelName
1100 SQ ReferencedResultsSequence R
1110 SQ ReferencedStudySequence
1111 SQ ReferencedPerformedProcedureStepSequence
1112 SQ ReferencedInstancesBySOPClassSequence
1115 SQ ReferencedSeriesSequence
1120 SQ ReferencedPatientSequence
1125 SQ ReferencedVisitSequence
1130 SQ ReferencedOverlaySequence R
1134 SQ ReferencedStereometricInstanceSequence
113A SQ ReferencedWaveformSequence
1140 SQ ReferencedImageSequence
1145 SQ ReferencedCurveSequence R
114A SQ ReferencedInstanceSequence
114B SQ ReferencedRealWorldValueMappingInstanceSequence
114C SQ ReferencedSegmentationSequence
1150 UI ReferencedSOPClassUID
1155 UI ReferencedSOPInstanceUID
1156 SQ DefinitionSourceSequence
115A UI 1-n SOPClassesSupported
1160 IS 1-n ReferencedFrameNumber
1161 UL 1-n SimpleFrameList
1162 UL 3-3n CalculatedFrameList
1163 FD 2 TimeRange
1164 SQ FrameExtractionSequence
1167 UI MultiFrameSourceSOPInstanceUID
1190 UR RetrieveURL
1195 UI TransactionUID
1196 US WarningReason
1197 US FailureReason
1198 SQ FailedSOPSequence
1199 SQ ReferencedSOPSequence
119A SQ OtherFailuresSequence
119B SQ FailedStudySequence
1200 SQ StudiesContainingOtherReferencedInstancesSequence
1250 SQ RelatedSeriesSequence
2110 CS LossyImageCompressionRetired R
2111 ST DerivationDescription
2112 SQ SourceImageSequence
2120 SH StageName
2122 IS StageNumber
2124 IS NumberOfStages
2127 SH ViewName
2128 IS ViewNumber
2129 IS NumberOfEventTimers
212A IS NumberOfViewsInStage
2130 DS 1-n EventElapsedTimes
2132 LO 1-n EventTimerNames
2133 SQ EventTimerSequence
2134 FD EventTimeOffset
2135 SQ EventCodeSequence
2142 IS StartTrim
2143 IS StopTrim
2144 IS RecommendedDisplayFrameRate
2200 CS TransducerPosition R
2204 CS TransducerOrientation R
2208 CS AnatomicStructure R
2218 SQ AnatomicRegionSequence
2220 SQ AnatomicRegionModifierSequence
2228 SQ PrimaryAnatomicStructureSequence
2229 SQ AnatomicStructureSpaceOrRegionSequence R
2230 SQ PrimaryAnatomicStructureModifierSequence
2240 SQ TransducerPositionSequence R
2242 SQ TransducerPositionModifierSequence R
2244 SQ TransducerOrientationSequence R
2246 SQ TransducerOrientationModifierSequence R
2251 SQ AnatomicStructureSpaceOrRegionCodeSequenceTrial R
2253 SQ AnatomicPortalOfEntranceCodeSequenceTrial R
2255 SQ AnatomicApproachDirectionCodeSequenceTrial R
2256 ST AnatomicPerspectiveDescriptionTrial R
2257 SQ AnatomicPerspectiveCodeSequenceTrial R
2258 ST AnatomicLocationOfExaminingInstrumentDescriptionTrial R
2259 SQ AnatomicLocationOfExaminingInstrumentCodeSequenceTrial R
225A SQ AnatomicStructureSpaceOrRegionModifierCodeSequenceTrial R
225C SQ OnAxisBackgroundAnatomicStructureCodeSequenceTrial R
3001 SQ AlternateRepresentationSequence
3002 UI 1-n AvailableTransferSyntaxUID
3010 UI 1-n IrradiationEventUID
3011 SQ SourceIrradiationEventSequence
3012 UI RadiopharmaceuticalAdministrationEventUID
4000 LT IdentifyingComments R
9007 CS 4-5 FrameType
9092 SQ ReferencedImageEvidenceSequence
9121 SQ ReferencedRawDataSequence
9123 UI CreatorVersionUID
9124 SQ DerivationImageSequence
9154 SQ SourceImageEvidenceSequence
9205 CS PixelPresentation
9206 CS VolumetricProperties
9207 CS VolumeBasedCalculationTechnique
9208 CS ComplexImageComponent
9209 CS AcquisitionContrast
9215 SQ DerivationCodeSequence
9237 SQ ReferencedPresentationStateSequence
9410 SQ ReferencedOtherPlaneSequence
9458 SQ FrameDisplaySequence
9459 FL RecommendedDisplayFrameRateInFloat
9460 CS SkipFrameRangeFlag
00100010 PN PatientName
0020 LO PatientID
0021 LO IssuerOfPatientID
0022 CS TypeOfPatientID
0024 SQ IssuerOfPatientIDQualifiersSequence
0026 SQ SourcePatientGroupIdentificationSequence
0027 SQ GroupOfPatientsIdentificationSequence
0028 US 3 SubjectRelativePositionInImage
0030 DA PatientBirthDate
0032 TM PatientBirthTime
0033 LO PatientBirthDateInAlternativeCalendar
0034 LO PatientDeathDateInAlternativeCalendar
0035 CS PatientAlternativeCalendar
0040 CS PatientSex
0050 SQ PatientInsurancePlanCodeSequence
0101 SQ PatientPrimaryLanguageCodeSequence
0102 SQ PatientPrimaryLanguageModifierCodeSequence
0200 CS QualityControlSubject
0201 SQ QualityControlSubjectTypeCodeSequence
0212 UC StrainDescription
0213 LO StrainNomenclature
0214 LO StrainStockNumber
0215 SQ StrainSourceRegistryCodeSequence
0216 SQ StrainStockSequence
0217 LO StrainSource
0218 UT StrainAdditionalInformation
0219 SQ StrainCodeSequence
0221 SQ GeneticModificationsSequence
0222 UC GeneticModificationsDescription
0223 LO GeneticModificationsNomenclature
0229 SQ GeneticModificationsCodeSequence
1000 LO 1-n OtherPatientIDs R
1001 PN 1-n OtherPatientNames
1002 SQ OtherPatientIDsSequence
1005 PN PatientBirthName
1010 AS PatientAge
1020 DS PatientSize
1021 SQ PatientSizeCodeSequence
1022 DS PatientBodyMassIndex
1023 DS MeasuredAPDimension
1024 DS MeasuredLateralDimension
1030 DS PatientWeight
1040 LO PatientAddress
1050 LO 1-n InsurancePlanIdentification R
1060 PN PatientMotherBirthName
1080 LO MilitaryRank
1081 LO BranchOfService
1090 LO MedicalRecordLocator R
1100 SQ ReferencedPatientPhotoSequence
2000 LO 1-n MedicalAlerts
2110 LO 1-n Allergies
2150 LO CountryOfResidence
2152 LO RegionOfResidence
2154 SH 1-n PatientTelephoneNumbers
2155 LT PatientTelecomInformation
2160 SH EthnicGroup
2161 SQ EthnicGroupCodeSequence
2180 SH Occupation
21A0 CS SmokingStatus
21B0 LT AdditionalPatientHistory
21C0 US PregnancyStatus
21D0 DA LastMenstrualDate
21F0 LO PatientReligiousPreference
2201 LO PatientSpeciesDescription
2202 SQ PatientSpeciesCodeSequence
2203 CS PatientSexNeutered
2210 CS AnatomicalOrientationType
2292 LO PatientBreedDescription
2293 SQ PatientBreedCodeSequence
2294 SQ BreedRegistrationSequence
2295 LO BreedRegistrationNumber
2296 SQ BreedRegistryCodeSequence
2297 PN ResponsiblePerson
2298 CS ResponsiblePersonRole
2299 LO ResponsibleOrganization
4000 LT PatientComments
9431 FL ExaminedBodyThickness
00120010 LO ClinicalTrialSponsorName
0020 LO ClinicalTrialProtocolID
0021 LO ClinicalTrialProtocolName
0022 LO IssuerOfClinicalTrialProtocolID
0023 SQ OtherClinicalTrialProtocolIDsSequence
0030 LO ClinicalTrialSiteID
0031 LO ClinicalTrialSiteName
0032 LO IssuerOfClinicalTrialSiteID
0040 LO ClinicalTrialSubjectID
0041 LO IssuerOfClinicalTrialSubjectID
0042 LO ClinicalTrialSubjectReadingID
0043 LO IssuerOfClinicalTrialSubjectReadingID
0050 LO ClinicalTrialTimePointID
0051 ST ClinicalTrialTimePointDescription
0052 FD LongitudinalTemporalOffsetFromEvent
0053 CS LongitudinalTemporalEventType
0054 SQ ClinicalTrialTimePointTypeCodeSequence
0055 LO IssuerOfClinicalTrialTimePointID
0060 LO ClinicalTrialCoordinatingCenterName
0062 CS PatientIdentityRemoved
0063 LO 1-n DeidentificationMethod
0064 SQ DeidentificationMethodCodeSequence
0071 LO ClinicalTrialSeriesID
0072 LO ClinicalTrialSeriesDescription
0073 LO IssuerOfClinicalTrialSeriesID
0081 LO ClinicalTrialProtocolEthicsCommitteeName
0082 LO ClinicalTrialProtocolEthicsCommitteeApprovalNumber
0083 SQ ConsentForClinicalTrialUseSequence
0084 CS DistributionType
0085 CS ConsentForDistributionFlag
0086 DA EthicsCommitteeApprovalEffectivenessStartDate
0087 DA EthicsCommitteeApprovalEffectivenessEndDate
00140023 ST CADFileFormat R
0024 ST ComponentReferenceSystem R
0025 ST ComponentManufacturingProcedure
0028 ST ComponentManufacturer
0030 DS 1-n MaterialThickness
0032 DS 1-n MaterialPipeDiameter
0034 DS 1-n MaterialIsolationDiameter
0042 ST MaterialGrade
0044 ST MaterialPropertiesDescription
0045 ST MaterialPropertiesFileFormatRetired R
0046 LT MaterialNotes
0050 CS ComponentShape
0052 CS CurvatureType
0054 DS OuterDiameter
0056 DS InnerDiameter
0100 LO 1-n ComponentWelderIDs
0101 CS SecondaryApprovalStatus
0102 DA SecondaryReviewDate
0103 TM SecondaryReviewTime
0104 PN SecondaryReviewerName
0105 ST RepairID
0106 SQ MultipleComponentApprovalSequence
0107 CS 1-n OtherApprovalStatus
0108 CS 1-n OtherSecondaryApprovalStatus
0200 SQ DataElementLabelSequence
0201 SQ DataElementLabelItemSequence
0202 AT DataElement
0203 LO DataElementName
0204 LO DataElementDescription
0205 CS DataElementConditionality
0206 IS DataElementMinimumCharacters
0207 IS DataElementMaximumCharacters
1010 ST ActualEnvironmentalConditions
1020 DA ExpiryDate
1040 ST EnvironmentalConditions
2002 SQ EvaluatorSequence
2004 IS EvaluatorNumber
2006 PN EvaluatorName
2008 IS EvaluationAttempt
2012 SQ IndicationSequence
2014 IS IndicationNumber
2016 SH IndicationLabel
2018 ST IndicationDescription
201A CS 1-n IndicationType
201C CS IndicationDisposition
201E SQ IndicationROISequence
2030 SQ IndicationPhysicalPropertySequence
2032 SH PropertyLabel
2202 IS CoordinateSystemNumberOfAxes
2204 SQ CoordinateSystemAxesSequence
2206 ST CoordinateSystemAxisDescription
2208 CS CoordinateSystemDataSetMapping
220A IS CoordinateSystemAxisNumber
220C CS CoordinateSystemAxisType
220E CS CoordinateSystemAxisUnits
2210 OB CoordinateSystemAxisValues
2220 SQ CoordinateSystemTransformSequence
2222 ST TransformDescription
2224 IS TransformNumberOfAxes
2226 IS 1-n TransformOrderOfAxes
2228 CS TransformedAxisUnits
222A DS 1-n CoordinateSystemTransformRotationAndScaleMatrix
222C DS 1-n CoordinateSystemTransformTranslationMatrix
3011 DS InternalDetectorFrameTime
3012 DS NumberOfFramesIntegrated
3020 SQ DetectorTemperatureSequence
3022 ST SensorName
3024 DS HorizontalOffsetOfSensor
3026 DS VerticalOffsetOfSensor
3028 DS SensorTemperature
3040 SQ DarkCurrentSequence
3050 OB/OW DarkCurrentCounts
3060 SQ GainCorrectionReferenceSequence
3070 OB/OW AirCounts
3071 DS KVUsedInGainCalibration
3072 DS MAUsedInGainCalibration
3073 DS NumberOfFramesUsedForIntegration
3074 LO FilterMaterialUsedInGainCalibration
3075 DS FilterThicknessUsedInGainCalibration
3076 DA DateOfGainCalibration
3077 TM TimeOfGainCalibration
3080 OB BadPixelImage
3099 LT CalibrationNotes
3100 LT LinearityCorrectionTechnique
3101 LT BeamHardeningCorrectionTechnique
4002 SQ PulserEquipmentSequence
4004 CS PulserType
4006 LT PulserNotes
4008 SQ ReceiverEquipmentSequence
400A CS AmplifierType
400C LT ReceiverNotes
400E SQ PreAmplifierEquipmentSequence
400F LT PreAmplifierNotes
4010 SQ TransmitTransducerSequence
4011 SQ ReceiveTransducerSequence
4012 US NumberOfElements
4013 CS ElementShape
4014 DS ElementDimensionA
4015 DS ElementDimensionB
4016 DS ElementPitchA
4017 DS MeasuredBeamDimensionA
4018 DS MeasuredBeamDimensionB
4019 DS LocationOfMeasuredBeamDiameter
401A DS NominalFrequency
401B DS MeasuredCenterFrequency
401C DS MeasuredBandwidth
401D DS ElementPitchB
4020 SQ PulserSettingsSequence
4022 DS PulseWidth
4024 DS ExcitationFrequency
4026 CS ModulationType
4028 DS Damping
4030 SQ ReceiverSettingsSequence
4031 DS AcquiredSoundpathLength
4032 CS AcquisitionCompressionType
4033 IS AcquisitionSampleSize
4034 DS RectifierSmoothing
4035 SQ DACSequence
4036 CS DACType
4038 DS 1-n DACGainPoints
403A DS 1-n DACTimePoints
403C DS 1-n DACAmplitude
4040 SQ PreAmplifierSettingsSequence
4050 SQ TransmitTransducerSettingsSequence
4051 SQ ReceiveTransducerSettingsSequence
4052 DS IncidentAngle
4054 ST CouplingTechnique
4056 ST CouplingMedium
4057 DS CouplingVelocity
4058 DS ProbeCenterLocationX
4059 DS ProbeCenterLocationZ
405A DS SoundPathLength
405C ST DelayLawIdentifier
4060 SQ GateSettingsSequence
4062 DS GateThreshold
4064 DS VelocityOfSound
4070 SQ CalibrationSettingsSequence
4072 ST CalibrationProcedure
4074 SH ProcedureVersion
4076 DA ProcedureCreationDate
4078 DA ProcedureExpirationDate
407A DA ProcedureLastModifiedDate
407C TM 1-n CalibrationTime
407E DA 1-n CalibrationDate
4080 SQ ProbeDriveEquipmentSequence
4081 CS DriveType
4082 LT ProbeDriveNotes
4083 SQ DriveProbeSequence
4084 DS ProbeInductance
4085 DS ProbeResistance
4086 SQ ReceiveProbeSequence
4087 SQ ProbeDriveSettingsSequence
4088 DS BridgeResistors
4089 DS ProbeOrientationAngle
408B DS UserSelectedGainY
408C DS UserSelectedPhase
408D DS UserSelectedOffsetX
408E DS UserSelectedOffsetY
4091 SQ ChannelSettingsSequence
4092 DS ChannelThreshold
409A SQ ScannerSettingsSequence
409B ST ScanProcedure
409C DS TranslationRateX
409D DS TranslationRateY
409F DS ChannelOverlap
40A0 LO 1-n ImageQualityIndicatorType
40A1 LO 1-n ImageQualityIndicatorMaterial
40A2 LO 1-n ImageQualityIndicatorSize
5002 IS LINACEnergy
5004 IS LINACOutput
5100 US ActiveAperture
5101 DS TotalAperture
5102 DS ApertureElevation
5103 DS MainLobeAngle
5104 DS MainRoofAngle
5105 CS ConnectorType
5106 SH WedgeModelNumber
5107 DS WedgeAngleFloat
5108 DS WedgeRoofAngle
5109 CS WedgeElement1Position
510A DS WedgeMaterialVelocity
510B SH WedgeMaterial
510C DS WedgeOffsetZ
510D DS WedgeOriginOffsetX
510E DS WedgeTimeDelay
510F SH WedgeName
5110 SH WedgeManufacturerName
5111 LO WedgeDescription
5112 DS NominalBeamAngle
5113 DS WedgeOffsetX
5114 DS WedgeOffsetY
5115 DS WedgeTotalLength
5116 DS WedgeInContactLength
5117 DS WedgeFrontGap
5118 DS WedgeTotalHeight
5119 DS WedgeFrontHeight
511A DS WedgeRearHeight
511B DS WedgeTotalWidth
511C DS WedgeInContactWidth
511D DS WedgeChamferHeight
511E CS WedgeCurve
511F DS RadiusAlongWedge
6001 SQ ThermalCameraSettingsSequence
6002 DS AcquisitionFrameRate
6003 DS IntegrationTime
6004 DS NumberOfCalibrationFrames
6005 DS NumberOfRowsInFullAcquisitionImage
6006 DS NumberOfColumnsInFullAcquisitionImage
6007 SQ ThermalSourceSettingsSequence
6008 DS SourceHorizontalPitch
6009 DS SourceVerticalPitch
600A DS SourceHorizontalScanSpeed
600B DS ThermalSourceModulationFrequency
600C SQ InductionSourceSettingSequence
600D DS CoilFrequency
600E DS CurrentAmplitudeAcrossCoil
600F SQ FlashSourceSettingSequence
6010 DS FlashDuration
6011 DS 1-n FlashFrameNumber
6012 SQ LaserSourceSettingSequence
6013 DS HorizontalLaserSpotDimension
6014 DS VerticalLaserSpotDimension
6015 DS LaserWavelength
6016 DS LaserPower
6017 SQ ForcedGasSettingSequence
6018 SQ VibrationSourceSettingSequence
6019 DS VibrationExcitationFrequency
601A DS VibrationExcitationVoltage
601B CS ThermographyDataCaptureMethod
601C CS ThermalTechnique
601D SQ ThermalCameraCoreSequence
601E CS DetectorWavelengthRange
601F CS ThermalCameraCalibrationType
6020 UV AcquisitionImageCounter
6021 DS FrontPanelTemperature
6022 DS AirGapTemperature
6023 DS VerticalPixelSize
6024 DS HorizontalPixelSize
6025 ST 1-n DataStreamingProtocol
6026 SQ LensSequence
6027 DS FieldOfView
6028 LO LensFilterManufacturer
6029 CS CutoffFilterType
602A DS 1-n LensFilterCutOffWavelength
602B SQ ThermalSourceSequence
602C CS ThermalSourceMotionState
602D CS ThermalSourceMotionType
602E SQ InductionHeatingSequence
602F ST CoilConfigurationID
6030 DS NumberOfTurnsInCoil
6031 CS ShapeOfIndividualTurn
6032 DS 1-n SizeOfIndividualTurn
6033 DS 1-n DistanceBetweenTurns
6034 SQ FlashHeatingSequence
6035 DS NumberOfLamps
6036 ST FlashSynchronizationProtocol
6037 CS FlashModificationStatus
6038 SQ LaserHeatingSequence
6039 LO LaserManufacturer
603A LO LaserModelNumber
603B ST LaserTypeDescription
603C SQ ForcedGasHeatingSequence
603D LO GasUsedForHeatingCoolingPart
603E SQ VibrationSonicHeatingSequence
603F LO ProbeManufacturer
6040 LO ProbeModelNumber
6041 DS ApertureSize
6042 DS ProbeResonantFrequency
6043 UT HeatSourceDescription
6044 CS SurfacePreparationWithOpticalCoating
6045 ST OpticalCoatingType
6046 DS ThermalConductivityOfExposedSurface
6047 DS MaterialDensity
6048 DS SpecificHeatOfInspectionSurface
6049 DS EmissivityOfInspectionSurface
604A CS 1-n ElectromagneticClassificationOfInspectionSurface
604C DS MovingWindowSize
604D CS MovingWindowType
604E DS 1-n MovingWindowWeights
604F DS MovingWindowPitch
6050 CS MovingWindowPaddingScheme
6051 DS MovingWindowPaddingLength
6052 SQ SpatialFilteringParametersSequence
6053 CS SpatialFilteringScheme
6056 DS HorizontalMovingWindowSize
6057 DS VerticalMovingWindowSize
6059 SQ PolynomialFittingSequence
605A CS 1-n FittingDataType
605B CS OperationOnTimeAxisBeforeFitting
605C CS OperationOnPixelIntensityBeforeFitting
605D DS OrderOfPolynomial
605E CS IndependentVariableForPolynomialFit
605F DS 1-n PolynomialCoefficients
6060 CS ThermographyPixelDataUnit
00160001 DS WhitePoint
0002 DS 3 PrimaryChromaticities
0003 UT BatteryLevel
0004 DS ExposureTimeInSeconds
0005 DS FNumber
0006 IS OECFRows
0007 IS OECFColumns
0008 UC 1-n OECFColumnNames
0009 DS 1-n OECFValues
000A IS SpatialFrequencyResponseRows
000B IS SpatialFrequencyResponseColumns
000C UC 1-n SpatialFrequencyResponseColumnNames
000D DS 1-n SpatialFrequencyResponseValues
000E IS ColorFilterArrayPatternRows
000F IS ColorFilterArrayPatternColumns
0010 DS 1-n ColorFilterArrayPatternValues
0011 US FlashFiringStatus
0012 US FlashReturnStatus
0013 US FlashMode
0014 US FlashFunctionPresent
0015 US FlashRedEyeMode
0016 US ExposureProgram
0017 UT SpectralSensitivity
0018 IS PhotographicSensitivity
0019 IS SelfTimerMode
001A US SensitivityType
001B IS StandardOutputSensitivity
001C IS RecommendedExposureIndex
001D IS ISOSpeed
001E IS ISOSpeedLatitudeyyy
001F IS ISOSpeedLatitudezzz
0020 UT EXIFVersion
0021 DS ShutterSpeedValue
0022 DS ApertureValue
0023 DS BrightnessValue
0024 DS ExposureBiasValue
0025 DS MaxApertureValue
0026 DS SubjectDistance
0027 US MeteringMode
0028 US LightSource
0029 DS FocalLength
002A IS 2-4 SubjectArea
002B OB MakerNote
0030 DS Temperature
0031 DS Humidity
0032 DS Pressure
0033 DS WaterDepth
0034 DS Acceleration
0035 DS CameraElevationAngle
0036 DS 1-2 FlashEnergy
0037 IS 2 SubjectLocation
0038 DS PhotographicExposureIndex
0039 US SensingMethod
003A US FileSource
003B US SceneType
0041 US CustomRendered
0042 US ExposureMode
0043 US WhiteBalance
0044 DS DigitalZoomRatio
0045 IS FocalLengthIn35mmFilm
0046 US SceneCaptureType
0047 US GainControl
0048 US Contrast
0049 US Saturation
004A US Sharpness
004B OB DeviceSettingDescription
004C US SubjectDistanceRange
004D UT CameraOwnerName
004E DS 4 LensSpecification
004F UT LensMake
0050 UT LensModel
0051 UT LensSerialNumber
0061 CS InteroperabilityIndex
0062 OB InteroperabilityVersion
0070 OB GPSVersionID
0071 CS GPSLatitudeRef
0072 DS 3 GPSLatitude
0073 CS GPSLongitudeRef
0074 DS 3 GPSLongitude
0075 US GPSAltitudeRef
0076 DS GPSAltitude
0077 DT GPSTimeStamp
0078 UT GPSSatellites
0079 CS GPSStatus
007A CS GPSMeasureMode
007B DS GPSDOP
007C CS GPSSpeedRef
007D DS GPSSpeed
007E CS GPSTrackRef
007F DS GPSTrack
0080 CS GPSImgDirectionRef
0081 DS GPSImgDirection
0082 UT GPSMapDatum
0083 CS GPSDestLatitudeRef
0084 DS 3 GPSDestLatitude
0085 CS GPSDestLongitudeRef
0086 DS 3 GPSDestLongitude
0087 CS GPSDestBearingRef
0088 DS GPSDestBearing
0089 CS GPSDestDistanceRef
008A DS GPSDestDistance
008B OB GPSProcessingMethod
008C OB GPSAreaInformation
008D DT GPSDateStamp
008E IS GPSDifferential
1001 CS LightSourcePolarization
1002 DS EmitterColorTemperature
1003 CS ContactMethod
1004 CS 1-n ImmersionMedia
1005 DS OpticalMagnificationFactor
00180010 LO ContrastBolusAgent
0012 SQ ContrastBolusAgentSequence
0013 FL ContrastBolusT1Relaxivity
0014 SQ ContrastBolusAdministrationRouteSequence
0015 CS BodyPartExamined
0020 CS 1-n ScanningSequence
0021 CS 1-n SequenceVariant
0022 CS 1-n ScanOptions
0023 CS MRAcquisitionType
0024 SH SequenceName
0025 CS AngioFlag
0026 SQ InterventionDrugInformationSequence
0027 TM InterventionDrugStopTime
0028 DS InterventionDrugDose
0029 SQ InterventionDrugCodeSequence
002A SQ AdditionalDrugSequence
0030 LO 1-n Radionuclide R
0031 LO Radiopharmaceutical
0032 DS EnergyWindowCenterline R
0033 DS 1-n EnergyWindowTotalWidth R
0034 LO InterventionDrugName
0035 TM InterventionDrugStartTime
0036 SQ InterventionSequence
0037 CS TherapyType R
0038 CS InterventionStatus
0039 CS TherapyDescription R
003A ST InterventionDescription
0040 IS CineRate
0042 CS InitialCineRunState
0050 DS SliceThickness
0060 DS KVP
0061 DS  R
0070 IS CountsAccumulated
0071 CS AcquisitionTerminationCondition
0072 DS EffectiveDuration
0073 CS AcquisitionStartCondition
0074 IS AcquisitionStartConditionData
0075 IS AcquisitionTerminationConditionData
0080 DS RepetitionTime
0081 DS EchoTime
0082 DS InversionTime
0083 DS NumberOfAverages
0084 DS ImagingFrequency
0085 SH ImagedNucleus
0086 IS 1-n EchoNumbers
0087 DS MagneticFieldStrength
0088 DS SpacingBetweenSlices
0089 IS NumberOfPhaseEncodingSteps
0090 DS DataCollectionDiameter
0091 IS EchoTrainLength
0093 DS PercentSampling
0094 DS PercentPhaseFieldOfView
0095 DS PixelBandwidth
1000 LO DeviceSerialNumber
1002 UI DeviceUID
1003 LO DeviceID
1004 LO PlateID
1005 LO GeneratorID
1006 LO GridID
1007 LO CassetteID
1008 LO GantryID
1009 UT UniqueDeviceIdentifier
100A SQ UDISequence
100B UI 1-n ManufacturerDeviceClassUID
1010 LO SecondaryCaptureDeviceID
1011 LO HardcopyCreationDeviceID R
1012 DA DateOfSecondaryCapture
1014 TM TimeOfSecondaryCapture
1016 LO SecondaryCaptureDeviceManufacturer
1017 LO HardcopyDeviceManufacturer R
1018 LO SecondaryCaptureDeviceManufacturerModelName
1019 LO 1-n SecondaryCaptureDeviceSoftwareVersions
101A LO 1-n HardcopyDeviceSoftwareVersion R
101B LO HardcopyDeviceManufacturerModelName R
1020 LO 1-n SoftwareVersions
1022 SH VideoImageFormatAcquired
1023 LO DigitalImageFormatAcquired
1030 LO ProtocolName
1040 LO ContrastBolusRoute
1041 DS ContrastBolusVolume
1042 TM ContrastBolusStartTime
1043 TM ContrastBolusStopTime
1044 DS ContrastBolusTotalDose
1045 IS SyringeCounts
1046 DS 1-n ContrastFlowRate
1047 DS 1-n ContrastFlowDuration
1048 CS ContrastBolusIngredient
1049 DS ContrastBolusIngredientConcentration
1050 DS SpatialResolution
1060 DS TriggerTime
1061 LO TriggerSourceOrType
1062 IS NominalInterval
1063 DS FrameTime
1064 LO CardiacFramingType
1065 DS 1-n FrameTimeVector
1066 DS FrameDelay
1067 DS ImageTriggerDelay
1068 DS MultiplexGroupTimeOffset
1069 DS TriggerTimeOffset
106A CS SynchronizationTrigger
106C US 2 SynchronizationChannel
106E UL TriggerSamplePosition
1070 LO RadiopharmaceuticalRoute
1071 DS RadiopharmaceuticalVolume
1072 TM RadiopharmaceuticalStartTime
1073 TM RadiopharmaceuticalStopTime
1074 DS RadionuclideTotalDose
1075 DS RadionuclideHalfLife
1076 DS RadionuclidePositronFraction
1077 DS RadiopharmaceuticalSpecificActivity
1078 DT RadiopharmaceuticalStartDateTime
1079 DT RadiopharmaceuticalStopDateTime
1080 CS BeatRejectionFlag
1081 IS LowRRValue
1082 IS HighRRValue
1083 IS IntervalsAcquired
1084 IS IntervalsRejected
1085 LO PVCRejection
1086 IS SkipBeats
1088 IS HeartRate
1090 IS CardiacNumberOfImages
1094 IS TriggerWindow
1100 DS ReconstructionDiameter
1110 DS DistanceSourceToDetector
1111 DS DistanceSourceToPatient
1114 DS EstimatedRadiographicMagnificationFactor
1120 DS GantryDetectorTilt
1121 DS GantryDetectorSlew
1130 DS TableHeight
1131 DS TableTraverse
1134 CS TableMotion
1135 DS 1-n TableVerticalIncrement
1136 DS 1-n TableLateralIncrement
1137 DS 1-n TableLongitudinalIncrement
1138 DS TableAngle
113A CS TableType
1140 CS RotationDirection
1141 DS AngularPosition R
1142 DS 1-n RadialPosition
1143 DS ScanArc
1144 DS AngularStep
1145 DS CenterOfRotationOffset
1146 DS 1-n RotationOffset R
1147 CS FieldOfViewShape
1149 IS 1-2 FieldOfViewDimensions
1150 IS ExposureTime
1151 IS XRayTubeCurrent
1152 IS Exposure
1153 IS ExposureInuAs
1154 DS AveragePulseWidth
1155 CS RadiationSetting
1156 CS RectificationType
115A CS RadiationMode
115E DS ImageAndFluoroscopyAreaDoseProduct
1160 SH FilterType
1161 LO 1-n TypeOfFilters
1162 DS IntensifierSize
1164 DS 2 ImagerPixelSpacing
1166 CS 1-n Grid
1170 IS GeneratorPower
1180 SH CollimatorGridName
1181 CS CollimatorType
1182 IS 1-2 FocalDistance
1183 DS 1-2 XFocusCenter
1184 DS 1-2 YFocusCenter
1190 DS 1-n FocalSpots
1191 CS AnodeTargetMaterial
11A0 DS BodyPartThickness
11A2 DS CompressionForce
11A3 DS CompressionPressure
11A4 LO PaddleDescription
11A5 DS CompressionContactArea
11B0 LO AcquisitionMode
11B1 LO DoseModeName
11B2 CS AcquiredSubtractionMaskFlag
11B3 CS FluoroscopyPersistenceFlag
11B4 CS FluoroscopyLastImageHoldPersistenceFlag
11B5 IS UpperLimitNumberOfPersistentFluoroscopyFrames
11B6 CS ContrastBolusAutoInjectionTriggerFlag
11B7 FD ContrastBolusInjectionDelay
11B8 SQ XAAcquisitionPhaseDetailsSequence
11B9 FD XAAcquisitionFrameRate
11BA SQ XAPlaneDetailsSequence
11BB LO AcquisitionFieldOfViewLabel
11BC SQ XRayFilterDetailsSequence
11BD FD XAAcquisitionDuration
11BE CS ReconstructionPipelineType
11BF SQ ImageFilterDetailsSequence
11C0 CS AppliedMaskSubtractionFlag
11C1 SQ RequestedSeriesDescriptionCodeSequence
1200 DA 1-n DateOfLastCalibration
1201 TM 1-n TimeOfLastCalibration
1202 DT DateTimeOfLastCalibration
1203 DT CalibrationDateTime
1204 DA DateOfManufacture
1205 DA DateOfInstallation
1210 SH 1-n ConvolutionKernel
1240 IS 1-n UpperLowerPixelValues R
1242 IS ActualFrameDuration
1243 IS CountRate
1244 US PreferredPlaybackSequencing
1250 SH ReceiveCoilName
1251 SH TransmitCoilName
1260 SH PlateType
1261 LO PhosphorType
1271 FD WaterEquivalentDiameter
1272 SQ WaterEquivalentDiameterCalculationMethodCodeSequence
1300 DS ScanVelocity
1301 CS 1-n WholeBodyTechnique
1302 IS ScanLength
1310 US 4 AcquisitionMatrix
1312 CS InPlanePhaseEncodingDirection
1314 DS FlipAngle
1315 CS VariableFlipAngleFlag
1316 DS SAR
1318 DS dBdt
1320 FL B1rms
1400 LO AcquisitionDeviceProcessingDescription
1401 LO AcquisitionDeviceProcessingCode
1402 CS CassetteOrientation
1403 CS CassetteSize
1404 US ExposuresOnPlate
1405 IS RelativeXRayExposure
1411 DS ExposureIndex
1412 DS TargetExposureIndex
1413 DS DeviationIndex
1450 DS ColumnAngulation
1460 DS TomoLayerHeight
1470 DS TomoAngle
1480 DS TomoTime
1490 CS TomoType
1491 CS TomoClass
1495 IS NumberOfTomosynthesisSourceImages
1500 CS PositionerMotion
1508 CS PositionerType
1510 DS PositionerPrimaryAngle
1511 DS PositionerSecondaryAngle
1520 DS 1-n PositionerPrimaryAngleIncrement
1521 DS 1-n PositionerSecondaryAngleIncrement
1530 DS DetectorPrimaryAngle
1531 DS DetectorSecondaryAngle
1600 CS 1-3 ShutterShape
1602 IS ShutterLeftVerticalEdge
1604 IS ShutterRightVerticalEdge
1606 IS ShutterUpperHorizontalEdge
1608 IS ShutterLowerHorizontalEdge
1610 IS 2 CenterOfCircularShutter
1612 IS RadiusOfCircularShutter
1620 IS 2-2n VerticesOfThePolygonalShutter
1622 US ShutterPresentationValue
1623 US ShutterOverlayGroup
1624 US 3 ShutterPresentationColorCIELabValue
1630 CS OutlineShapeType
1631 FD OutlineLeftVerticalEdge
1632 FD OutlineRightVerticalEdge
1633 FD OutlineUpperHorizontalEdge
1634 FD OutlineLowerHorizontalEdge
1635 FD 2 CenterOfCircularOutline
1636 FD DiameterOfCircularOutline
1637 UL NumberOfPolygonalVertices
1638 OF VerticesOfThePolygonalOutline
1700 CS 1-3 CollimatorShape
1702 IS CollimatorLeftVerticalEdge
1704 IS CollimatorRightVerticalEdge
1706 IS CollimatorUpperHorizontalEdge
1708 IS CollimatorLowerHorizontalEdge
1710 IS 2 CenterOfCircularCollimator
1712 IS RadiusOfCircularCollimator
1720 IS 2-2n VerticesOfThePolygonalCollimator
1800 CS AcquisitionTimeSynchronized
1801 SH TimeSource
1802 CS TimeDistributionProtocol
1803 LO NTPSourceAddress
2001 IS 1-n PageNumberVector
2002 SH 1-n FrameLabelVector
2003 DS 1-n FramePrimaryAngleVector
2004 DS 1-n FrameSecondaryAngleVector
2005 DS 1-n SliceLocationVector
2006 SH 1-n DisplayWindowLabelVector
2010 DS 2 NominalScannedPixelSpacing
2020 CS DigitizingDeviceTransportDirection
2030 DS RotationOfScannedFilm
2041 SQ BiopsyTargetSequence
2042 UI TargetUID
2043 FL 2 LocalizingCursorPosition
2044 FL 3 CalculatedTargetPosition
2045 SH TargetLabel
2046 FL DisplayedZValue
3100 CS IVUSAcquisition
3101 DS IVUSPullbackRate
3102 DS IVUSGatedRate
3103 IS IVUSPullbackStartFrameNumber
3104 IS IVUSPullbackStopFrameNumber
3105 IS 1-n LesionNumber
4000 LT AcquisitionComments R
5000 SH 1-n OutputPower
5010 LO 1-n TransducerData
5011 SQ TransducerIdentificationSequence
5012 DS FocusDepth
5020 LO ProcessingFunction
5021 LO PostprocessingFunction R
5022 DS MechanicalIndex
5024 DS BoneThermalIndex
5026 DS CranialThermalIndex
5027 DS SoftTissueThermalIndex
5028 DS SoftTissueFocusThermalIndex
5029 DS SoftTissueSurfaceThermalIndex
5030 DS DynamicRange R
5040 DS TotalGain R
5050 IS DepthOfScanField
5100 CS PatientPosition
5101 CS ViewPosition
5104 SQ ProjectionEponymousNameCodeSequence
5210 DS 6 ImageTransformationMatrix R
5212 DS 3 ImageTranslationVector R
6000 DS Sensitivity
6011 SQ SequenceOfUltrasoundRegions
6012 US RegionSpatialFormat
6014 US RegionDataType
6016 UL RegionFlags
6018 UL RegionLocationMinX0
601A UL RegionLocationMinY0
601C UL RegionLocationMaxX1
601E UL RegionLocationMaxY1
6020 SL ReferencePixelX0
6022 SL ReferencePixelY0
6024 US PhysicalUnitsXDirection
6026 US PhysicalUnitsYDirection
6028 FD ReferencePixelPhysicalValueX
602A FD ReferencePixelPhysicalValueY
602C FD PhysicalDeltaX
602E FD PhysicalDeltaY
6030 UL TransducerFrequency
6031 CS TransducerType
6032 UL PulseRepetitionFrequency
6034 FD DopplerCorrectionAngle
6036 FD SteeringAngle
6038 UL DopplerSampleVolumeXPositionRetired R
6039 SL DopplerSampleVolumeXPosition
603A UL DopplerSampleVolumeYPositionRetired R
603B SL DopplerSampleVolumeYPosition
603C UL TMLinePositionX0Retired R
603D SL TMLinePositionX0
603E UL TMLinePositionY0Retired R
603F SL TMLinePositionY0
6040 UL TMLinePositionX1Retired R
6041 SL TMLinePositionX1
6042 UL TMLinePositionY1Retired R
6043 SL TMLinePositionY1
6044 US PixelComponentOrganization
6046 UL PixelComponentMask
6048 UL PixelComponentRangeStart
604A UL PixelComponentRangeStop
604C US PixelComponentPhysicalUnits
604E US PixelComponentDataType
6050 UL NumberOfTableBreakPoints
6052 UL 1-n TableOfXBreakPoints
6054 FD 1-n TableOfYBreakPoints
6056 UL NumberOfTableEntries
6058 UL 1-n TableOfPixelValues
605A FL 1-n TableOfParameterValues
6060 FL 1-n RWaveTimeVector
6070 US ActiveImageAreaOverlayGroup
7000 CS DetectorConditionsNominalFlag
7001 DS DetectorTemperature
7004 CS DetectorType
7005 CS DetectorConfiguration
7006 LT DetectorDescription
7008 LT DetectorMode
700A SH DetectorID
700C DA DateOfLastDetectorCalibration
700E TM TimeOfLastDetectorCalibration
7010 IS ExposuresOnDetectorSinceLastCalibration
7011 IS ExposuresOnDetectorSinceManufactured
7012 DS DetectorTimeSinceLastExposure
7014 DS DetectorActiveTime
7016 DS DetectorActivationOffsetFromExposure
701A DS 2 DetectorBinning
7020 DS 2 DetectorElementPhysicalSize
7022 DS 2 DetectorElementSpacing
7024 CS DetectorActiveShape
7026 DS 1-2 DetectorActiveDimensions
7028 DS 2 DetectorActiveOrigin
702A LO DetectorManufacturerName
702B LO DetectorManufacturerModelName
7030 DS 2 FieldOfViewOrigin
7032 DS FieldOfViewRotation
7034 CS FieldOfViewHorizontalFlip
7036 FL 2 PixelDataAreaOriginRelativeToFOV
7038 FL PixelDataAreaRotationAngleRelativeToFOV
7040 LT GridAbsorbingMaterial
7041 LT GridSpacingMaterial
7042 DS GridThickness
7044 DS GridPitch
7046 IS 2 GridAspectRatio
7048 DS GridPeriod
704C DS GridFocalDistance
7050 CS 1-n FilterMaterial
7052 DS 1-n FilterThicknessMinimum
7054 DS 1-n FilterThicknessMaximum
7056 FL 1-n FilterBeamPathLengthMinimum
7058 FL 1-n FilterBeamPathLengthMaximum
7060 CS ExposureControlMode
7062 LT ExposureControlModeDescription
7064 CS ExposureStatus
7065 DS PhototimerSetting
8150 DS ExposureTimeInuS
8151 DS XRayTubeCurrentInuA
9004 CS ContentQualification
9005 SH PulseSequenceName
9006 SQ MRImagingModifierSequence
9008 CS EchoPulseSequence
9009 CS InversionRecovery
9010 CS FlowCompensation
9011 CS MultipleSpinEcho
9012 CS MultiPlanarExcitation
9014 CS PhaseContrast
9015 CS TimeOfFlightContrast
9016 CS Spoiling
9017 CS SteadyStatePulseSequence
9018 CS EchoPlanarPulseSequence
9019 FD TagAngleFirstAxis
9020 CS MagnetizationTransfer
9021 CS T2Preparation
9022 CS BloodSignalNulling
9024 CS SaturationRecovery
9025 CS SpectrallySelectedSuppression
9026 CS SpectrallySelectedExcitation
9027 CS SpatialPresaturation
9028 CS Tagging
9029 CS OversamplingPhase
9030 FD TagSpacingFirstDimension
9032 CS GeometryOfKSpaceTraversal
9033 CS SegmentedKSpaceTraversal
9034 CS RectilinearPhaseEncodeReordering
9035 FD TagThickness
9036 CS PartialFourierDirection
9037 CS CardiacSynchronizationTechnique
9041 LO ReceiveCoilManufacturerName
9042 SQ MRReceiveCoilSequence
9043 CS ReceiveCoilType
9044 CS QuadratureReceiveCoil
9045 SQ MultiCoilDefinitionSequence
9046 LO MultiCoilConfiguration
9047 SH MultiCoilElementName
9048 CS MultiCoilElementUsed
9049 SQ MRTransmitCoilSequence
9050 LO TransmitCoilManufacturerName
9051 CS TransmitCoilType
9052 FD 1-2 SpectralWidth
9053 FD 1-2 ChemicalShiftReference
9054 CS VolumeLocalizationTechnique
9058 US MRAcquisitionFrequencyEncodingSteps
9059 CS Decoupling
9060 CS 1-2 DecoupledNucleus
9061 FD 1-2 DecouplingFrequency
9062 CS DecouplingMethod
9063 FD 1-2 DecouplingChemicalShiftReference
9064 CS KSpaceFiltering
9065 CS 1-2 TimeDomainFiltering
9066 US 1-2 NumberOfZeroFills
9067 CS BaselineCorrection
9069 FD ParallelReductionFactorInPlane
9070 FD CardiacRRIntervalSpecified
9073 FD AcquisitionDuration
9074 DT FrameAcquisitionDateTime
9075 CS DiffusionDirectionality
9076 SQ DiffusionGradientDirectionSequence
9077 CS ParallelAcquisition
9078 CS ParallelAcquisitionTechnique
9079 FD 1-n InversionTimes
9080 ST MetaboliteMapDescription
9081 CS PartialFourier
9082 FD EffectiveEchoTime
9083 SQ MetaboliteMapCodeSequence
9084 SQ ChemicalShiftSequence
9085 CS CardiacSignalSource
9087 FD DiffusionBValue
9089 FD 3 DiffusionGradientOrientation
9090 FD 3 VelocityEncodingDirection
9091 FD VelocityEncodingMinimumValue
9092 SQ VelocityEncodingAcquisitionSequence
9093 US NumberOfKSpaceTrajectories
9094 CS CoverageOfKSpace
9095 UL SpectroscopyAcquisitionPhaseRows
9096 FD ParallelReductionFactorInPlaneRetired R
9098 FD 1-2 TransmitterFrequency
9100 CS 1-2 ResonantNucleus
9101 CS FrequencyCorrection
9103 SQ MRSpectroscopyFOVGeometrySequence
9104 FD SlabThickness
9105 FD 3 SlabOrientation
9106 FD 3 MidSlabPosition
9107 SQ MRSpatialSaturationSequence
9112 SQ MRTimingAndRelatedParametersSequence
9114 SQ MREchoSequence
9115 SQ MRModifierSequence
9117 SQ MRDiffusionSequence
9118 SQ CardiacSynchronizationSequence
9119 SQ MRAveragesSequence
9125 SQ MRFOVGeometrySequence
9126 SQ VolumeLocalizationSequence
9127 UL SpectroscopyAcquisitionDataColumns
9147 CS DiffusionAnisotropyType
9151 DT FrameReferenceDateTime
9152 SQ MRMetaboliteMapSequence
9155 FD ParallelReductionFactorOutOfPlane
9159 UL SpectroscopyAcquisitionOutOfPlanePhaseSteps
9166 CS BulkMotionStatus R
9168 FD ParallelReductionFactorSecondInPlane
9169 CS CardiacBeatRejectionTechnique
9170 CS RespiratoryMotionCompensationTechnique
9171 CS RespiratorySignalSource
9172 CS BulkMotionCompensationTechnique
9173 CS BulkMotionSignalSource
9174 CS ApplicableSafetyStandardAgency
9175 LO ApplicableSafetyStandardDescription
9176 SQ OperatingModeSequence
9177 CS OperatingModeType
9178 CS OperatingMode
9179 CS SpecificAbsorptionRateDefinition
9180 CS GradientOutputType
9181 FD SpecificAbsorptionRateValue
9182 FD GradientOutput
9183 CS FlowCompensationDirection
9184 FD TaggingDelay
9185 ST RespiratoryMotionCompensationTechniqueDescription
9186 SH RespiratorySignalSourceID
9195 FD ChemicalShiftMinimumIntegrationLimitInHz R
9196 FD ChemicalShiftMaximumIntegrationLimitInHz R
9197 SQ MRVelocityEncodingSequence
9198 CS FirstOrderPhaseCorrection
9199 CS WaterReferencedPhaseCorrection
9200 CS MRSpectroscopyAcquisitionType
9214 CS RespiratoryCyclePosition
9217 FD VelocityEncodingMaximumValue
9218 FD TagSpacingSecondDimension
9219 SS TagAngleSecondAxis
9220 FD FrameAcquisitionDuration
9226 SQ MRImageFrameTypeSequence
9227 SQ MRSpectroscopyFrameTypeSequence
9231 US MRAcquisitionPhaseEncodingStepsInPlane
9232 US MRAcquisitionPhaseEncodingStepsOutOfPlane
9234 UL SpectroscopyAcquisitionPhaseColumns
9236 CS CardiacCyclePosition
9239 SQ SpecificAbsorptionRateSequence
9240 US RFEchoTrainLength
9241 US GradientEchoTrainLength
9250 CS ArterialSpinLabelingContrast
9251 SQ MRArterialSpinLabelingSequence
9252 LO ASLTechniqueDescription
9253 US ASLSlabNumber
9254 FD ASLSlabThickness
9255 FD 3 ASLSlabOrientation
9256 FD 3 ASLMidSlabPosition
9257 CS ASLContext
9258 UL ASLPulseTrainDuration
9259 CS ASLCrusherFlag
925A FD ASLCrusherFlowLimit
925B LO ASLCrusherDescription
925C CS ASLBolusCutoffFlag
925D SQ ASLBolusCutoffTimingSequence
925E LO ASLBolusCutoffTechnique
925F UL ASLBolusCutoffDelayTime
9260 SQ ASLSlabSequence
9295 FD ChemicalShiftMinimumIntegrationLimitInppm
9296 FD ChemicalShiftMaximumIntegrationLimitInppm
9297 CS WaterReferenceAcquisition
9298 IS EchoPeakPosition
9301 SQ CTAcquisitionTypeSequence
9302 CS AcquisitionType
9303 FD TubeAngle
9304 SQ CTAcquisitionDetailsSequence
9305 FD RevolutionTime
9306 FD SingleCollimationWidth
9307 FD TotalCollimationWidth
9308 SQ CTTableDynamicsSequence
9309 FD TableSpeed
9310 FD TableFeedPerRotation
9311 FD SpiralPitchFactor
9312 SQ CTGeometrySequence
9313 FD 3 DataCollectionCenterPatient
9314 SQ CTReconstructionSequence
9315 CS ReconstructionAlgorithm
9316 CS ConvolutionKernelGroup
9317 FD 2 ReconstructionFieldOfView
9318 FD 3 ReconstructionTargetCenterPatient
9319 FD ReconstructionAngle
9320 SH ImageFilter
9321 SQ CTExposureSequence
9322 FD 2 ReconstructionPixelSpacing
9323 CS 1-n ExposureModulationType
9324 FD EstimatedDoseSaving R
9325 SQ CTXRayDetailsSequence
9326 SQ CTPositionSequence
9327 FD TablePosition
9328 FD ExposureTimeInms
9329 SQ CTImageFrameTypeSequence
9330 FD XRayTubeCurrentInmA
9332 FD ExposureInmAs
9333 CS ConstantVolumeFlag
9334 CS FluoroscopyFlag
9335 FD DistanceSourceToDataCollectionCenter
9337 US ContrastBolusAgentNumber
9338 SQ ContrastBolusIngredientCodeSequence
9340 SQ ContrastAdministrationProfileSequence
9341 SQ ContrastBolusUsageSequence
9342 CS ContrastBolusAgentAdministered
9343 CS ContrastBolusAgentDetected
9344 CS ContrastBolusAgentPhase
9345 FD CTDIvol
9346 SQ CTDIPhantomTypeCodeSequence
9351 FL CalciumScoringMassFactorPatient
9352 FL 3 CalciumScoringMassFactorDevice
9353 FL EnergyWeightingFactor
9360 SQ CTAdditionalXRaySourceSequence
9361 CS MultienergyCTAcquisition
9362 SQ MultienergyCTAcquisitionSequence
9363 SQ MultienergyCTProcessingSequence
9364 SQ MultienergyCTCharacteristicsSequence
9365 SQ MultienergyCTXRaySourceSequence
9366 US XRaySourceIndex
9367 UC XRaySourceID
9368 CS MultienergySourceTechnique
9369 DT SourceStartDateTime
936A DT SourceEndDateTime
936B US SwitchingPhaseNumber
936C DS SwitchingPhaseNominalDuration
936D DS SwitchingPhaseTransitionDuration
936E DS EffectiveBinEnergy
936F SQ MultienergyCTXRayDetectorSequence
9370 US XRayDetectorIndex
9371 UC XRayDetectorID
9372 CS MultienergyDetectorType
9373 ST XRayDetectorLabel
9374 DS NominalMaxEnergy
9375 DS NominalMinEnergy
9376 US 1-n ReferencedXRayDetectorIndex
9377 US 1-n ReferencedXRaySourceIndex
9378 US 1-n ReferencedPathIndex
9379 SQ MultienergyCTPathSequence
937A US MultienergyCTPathIndex
937B UT MultienergyAcquisitionDescription
937C FD MonoenergeticEnergyEquivalent
937D SQ MaterialCodeSequence
937E CS DecompositionMethod
937F UT DecompositionDescription
9380 SQ DecompositionAlgorithmIdentificationSequence
9381 SQ DecompositionMaterialSequence
9382 SQ MaterialAttenuationSequence
9383 DS PhotonEnergy
9384 DS XRayMassAttenuationCoefficient
9401 SQ ProjectionPixelCalibrationSequence
9402 FL DistanceSourceToIsocenter
9403 FL DistanceObjectToTableTop
9404 FL 2 ObjectPixelSpacingInCenterOfBeam
9405 SQ PositionerPositionSequence
9406 SQ TablePositionSequence
9407 SQ CollimatorShapeSequence
9410 CS PlanesInAcquisition
9412 SQ XAXRFFrameCharacteristicsSequence
9417 SQ FrameAcquisitionSequence
9420 CS XRayReceptorType
9423 LO AcquisitionProtocolName
9424 LT AcquisitionProtocolDescription
9425 CS ContrastBolusIngredientOpaque
9426 FL DistanceReceptorPlaneToDetectorHousing
9427 CS IntensifierActiveShape
9428 FL 1-2 IntensifierActiveDimensions
9429 FL 2 PhysicalDetectorSize
9430 FL 2 PositionOfIsocenterProjection
9432 SQ FieldOfViewSequence
9433 LO FieldOfViewDescription
9434 SQ ExposureControlSensingRegionsSequence
9435 CS ExposureControlSensingRegionShape
9436 SS ExposureControlSensingRegionLeftVerticalEdge
9437 SS ExposureControlSensingRegionRightVerticalEdge
9438 SS ExposureControlSensingRegionUpperHorizontalEdge
9439 SS ExposureControlSensingRegionLowerHorizontalEdge
9440 SS 2 CenterOfCircularExposureControlSensingRegion
9441 US RadiusOfCircularExposureControlSensingRegion
9442 SS 2-n VerticesOfThePolygonalExposureControlSensingRegion
9445 OB  R
9447 FL ColumnAngulationPatient
9449 FL BeamAngle
9451 SQ FrameDetectorParametersSequence
9452 FL CalculatedAnatomyThickness
9455 SQ CalibrationSequence
9456 SQ ObjectThicknessSequence
9457 CS PlaneIdentification
9461 FL 1-2 FieldOfViewDimensionsInFloat
9462 SQ IsocenterReferenceSystemSequence
9463 FL PositionerIsocenterPrimaryAngle
9464 FL PositionerIsocenterSecondaryAngle
9465 FL PositionerIsocenterDetectorRotationAngle
9466 FL TableXPositionToIsocenter
9467 FL TableYPositionToIsocenter
9468 FL TableZPositionToIsocenter
9469 FL TableHorizontalRotationAngle
9470 FL TableHeadTiltAngle
9471 FL TableCradleTiltAngle
9472 SQ FrameDisplayShutterSequence
9473 FL AcquiredImageAreaDoseProduct
9474 CS CArmPositionerTabletopRelationship
9476 SQ XRayGeometrySequence
9477 SQ IrradiationEventIdentificationSequence
9504 SQ XRay3DFrameTypeSequence
9506 SQ ContributingSourcesSequence
9507 SQ XRay3DAcquisitionSequence
9508 FL PrimaryPositionerScanArc
9509 FL SecondaryPositionerScanArc
9510 FL PrimaryPositionerScanStartAngle
9511 FL SecondaryPositionerScanStartAngle
9514 FL PrimaryPositionerIncrement
9515 FL SecondaryPositionerIncrement
9516 DT StartAcquisitionDateTime
9517 DT EndAcquisitionDateTime
9518 SS PrimaryPositionerIncrementSign
9519 SS SecondaryPositionerIncrementSign
9524 LO ApplicationName
9525 LO ApplicationVersion
9526 LO ApplicationManufacturer
9527 CS AlgorithmType
9528 LO AlgorithmDescription
9530 SQ XRay3DReconstructionSequence
9531 LO ReconstructionDescription
9538 SQ PerProjectionAcquisitionSequence
9541 SQ DetectorPositionSequence
9542 SQ XRayAcquisitionDoseSequence
9543 FD XRaySourceIsocenterPrimaryAngle
9544 FD XRaySourceIsocenterSecondaryAngle
9545 FD BreastSupportIsocenterPrimaryAngle
9546 FD BreastSupportIsocenterSecondaryAngle
9547 FD BreastSupportXPositionToIsocenter
9548 FD BreastSupportYPositionToIsocenter
9549 FD BreastSupportZPositionToIsocenter
9550 FD DetectorIsocenterPrimaryAngle
9551 FD DetectorIsocenterSecondaryAngle
9552 FD DetectorXPositionToIsocenter
9553 FD DetectorYPositionToIsocenter
9554 FD DetectorZPositionToIsocenter
9555 SQ XRayGridSequence
9556 SQ XRayFilterSequence
9557 FD 3 DetectorActiveAreaTLHCPosition
9558 FD 6 DetectorActiveAreaOrientation
9559 CS PositionerPrimaryAngleDirection
9601 SQ DiffusionBMatrixSequence
9602 FD DiffusionBValueXX
9603 FD DiffusionBValueXY
9604 FD DiffusionBValueXZ
9605 FD DiffusionBValueYY
9606 FD DiffusionBValueYZ
9607 FD DiffusionBValueZZ
9621 SQ FunctionalMRSequence
9622 CS FunctionalSettlingPhaseFramesPresent
9623 DT FunctionalSyncPulse
9624 CS SettlingPhaseFrame
9701 DT DecayCorrectionDateTime
9715 FD StartDensityThreshold
9716 FD StartRelativeDensityDifferenceThreshold
9717 FD StartCardiacTriggerCountThreshold
9718 FD StartRespiratoryTriggerCountThreshold
9719 FD TerminationCountsThreshold
9720 FD TerminationDensityThreshold
9721 FD TerminationRelativeDensityThreshold
9722 FD TerminationTimeThreshold
9723 FD TerminationCardiacTriggerCountThreshold
9724 FD TerminationRespiratoryTriggerCountThreshold
9725 CS DetectorGeometry
9726 FD TransverseDetectorSeparation
9727 FD AxialDetectorDimension
9729 US RadiopharmaceuticalAgentNumber
9732 SQ PETFrameAcquisitionSequence
9733 SQ PETDetectorMotionDetailsSequence
9734 SQ PETTableDynamicsSequence
9735 SQ PETPositionSequence
9736 SQ PETFrameCorrectionFactorsSequence
9737 SQ RadiopharmaceuticalUsageSequence
9738 CS AttenuationCorrectionSource
9739 US NumberOfIterations
9740 US NumberOfSubsets
9749 SQ PETReconstructionSequence
9751 SQ PETFrameTypeSequence
9755 CS TimeOfFlightInformationUsed
9756 CS ReconstructionType
9758 CS DecayCorrected
9759 CS AttenuationCorrected
9760 CS ScatterCorrected
9761 CS DeadTimeCorrected
9762 CS GantryMotionCorrected
9763 CS PatientMotionCorrected
9764 CS CountLossNormalizationCorrected
9765 CS RandomsCorrected
9766 CS NonUniformRadialSamplingCorrected
9767 CS SensitivityCalibrated
9768 CS DetectorNormalizationCorrection
9769 CS IterativeReconstructionMethod
9770 CS AttenuationCorrectionTemporalRelationship
9771 SQ PatientPhysiologicalStateSequence
9772 SQ PatientPhysiologicalStateCodeSequence
9801 FD 1-n DepthsOfFocus
9803 SQ ExcludedIntervalsSequence
9804 DT ExclusionStartDateTime
9805 FD ExclusionDuration
9806 SQ USImageDescriptionSequence
9807 SQ ImageDataTypeSequence
9808 CS DataType
9809 SQ TransducerScanPatternCodeSequence
980B CS AliasedDataType
980C CS PositionMeasuringDeviceUsed
980D SQ TransducerGeometryCodeSequence
980E SQ TransducerBeamSteeringCodeSequence
980F SQ TransducerApplicationCodeSequence
9810 US/SS ZeroVelocityPixelValue
9821 SQ PhotoacousticExcitationCharacteristicsSequence
9822 FD ExcitationSpectralWidth
9823 FD ExcitationEnergy
9824 FD ExcitationPulseDuration
9825 SQ ExcitationWavelengthSequence
9826 FD ExcitationWavelength
9828 CS IlluminationTranslationFlag
9829 CS AcousticCouplingMediumFlag
982A SQ AcousticCouplingMediumCodeSequence
982B FD AcousticCouplingMediumTemperature
982C SQ TransducerResponseSequence
982D FD CenterFrequency
982E FD FractionalBandwidth
982F FD LowerCutoffFrequency
9830 FD UpperCutoffFrequency
9831 SQ TransducerTechnologySequence
9832 SQ SoundSpeedCorrectionMechanismCodeSequence
9833 FD ObjectSoundSpeed
9834 FD AcousticCouplingMediumSoundSpeed
9835 SQ PhotoacousticImageFrameTypeSequence
9836 SQ ImageDataTypeCodeSequence
9900 LO ReferenceLocationLabel
9901 UT ReferenceLocationDescription
9902 SQ ReferenceBasisCodeSequence
9903 SQ ReferenceGeometryCodeSequence
9904 DS OffsetDistance
9905 CS OffsetDirection
9906 SQ PotentialScheduledProtocolCodeSequence
9907 SQ PotentialRequestedProcedureCodeSequence
9908 UC 1-n PotentialReasonsForProcedure
9909 SQ PotentialReasonsForProcedureCodeSequence
990A UC 1-n PotentialDiagnosticTasks
990B SQ ContraindicationsCodeSequence
990C SQ ReferencedDefinedProtocolSequence
990D SQ ReferencedPerformedProtocolSequence
990E SQ PredecessorProtocolSequence
990F UT ProtocolPlanningInformation
9910 UT ProtocolDesignRationale
9911 SQ PatientSpecificationSequence
9912 SQ ModelSpecificationSequence
9913 SQ ParametersSpecificationSequence
9914 SQ InstructionSequence
9915 US InstructionIndex
9916 LO InstructionText
9917 UT InstructionDescription
9918 CS InstructionPerformedFlag
9919 DT InstructionPerformedDateTime
991A UT InstructionPerformanceComment
991B SQ PatientPositioningInstructionSequence
991C SQ PositioningMethodCodeSequence
991D SQ PositioningLandmarkSequence
991E UI TargetFrameOfReferenceUID
991F SQ AcquisitionProtocolElementSpecificationSequence
9920 SQ AcquisitionProtocolElementSequence
9921 US ProtocolElementNumber
9922 LO ProtocolElementName
9923 UT ProtocolElementCharacteristicsSummary
9924 UT ProtocolElementPurpose
9930 CS AcquisitionMotion
9931 SQ AcquisitionStartLocationSequence
9932 SQ AcquisitionEndLocationSequence
9933 SQ ReconstructionProtocolElementSpecificationSequence
9934 SQ ReconstructionProtocolElementSequence
9935 SQ StorageProtocolElementSpecificationSequence
9936 SQ StorageProtocolElementSequence
9937 LO RequestedSeriesDescription
9938 US 1-n SourceAcquisitionProtocolElementNumber
9939 US 1-n SourceAcquisitionBeamNumber
993A US 1-n SourceReconstructionProtocolElementNumber
993B SQ ReconstructionStartLocationSequence
993C SQ ReconstructionEndLocationSequence
993D SQ ReconstructionAlgorithmSequence
993E SQ ReconstructionTargetCenterLocationSequence
9941 UT ImageFilterDescription
9942 FD CTDIvolNotificationTrigger
9943 FD DLPNotificationTrigger
9944 CS AutoKVPSelectionType
9945 FD AutoKVPUpperBound
9946 FD AutoKVPLowerBound
9947 CS ProtocolDefinedPatientPosition
A001 SQ ContributingEquipmentSequence
A002 DT ContributionDateTime
A003 ST ContributionDescription
0020000D UI StudyInstanceUID
000E UI SeriesInstanceUID
0010 SH StudyID
0011 IS SeriesNumber
0012 IS AcquisitionNumber
0013 IS InstanceNumber
0014 IS IsotopeNumber R
0015 IS PhaseNumber R
0016 IS IntervalNumber R
0017 IS TimeSlotNumber R
0018 IS AngleNumber R
0019 IS ItemNumber
0020 CS 2 PatientOrientation
0022 IS OverlayNumber R
0024 IS CurveNumber R
0026 IS LUTNumber R
0027 LO PyramidLabel
0030 DS 3 ImagePosition R
0032 DS 3 ImagePositionPatient
0035 DS 6 ImageOrientation R
0037 DS 6 ImageOrientationPatient
0050 DS Location R
0052 UI FrameOfReferenceUID
0060 CS Laterality
0062 CS ImageLaterality
0070 LO ImageGeometryType R
0080 CS 1-n MaskingImage R
00AA IS ReportNumber R
0100 IS TemporalPositionIdentifier
0105 IS NumberOfTemporalPositions
0110 DS TemporalResolution
0200 UI SynchronizationFrameOfReferenceUID
0242 UI SOPInstanceUIDOfConcatenationSource
1000 IS SeriesInStudy R
1001 IS AcquisitionsInSeries R
1002 IS ImagesInAcquisition
1003 IS ImagesInSeries R
1004 IS AcquisitionsInStudy R
1005 IS ImagesInStudy R
1020 LO 1-n Reference R
103F LO TargetPositionReferenceIndicator
1040 LO PositionReferenceIndicator
1041 DS SliceLocation
1070 IS 1-n OtherStudyNumbers R
1200 IS NumberOfPatientRelatedStudies
1202 IS NumberOfPatientRelatedSeries
1204 IS NumberOfPatientRelatedInstances
1206 IS NumberOfStudyRelatedSeries
1208 IS NumberOfStudyRelatedInstances
1209 IS NumberOfSeriesRelatedInstances
3401 CS ModifyingDeviceID R
3402 CS ModifiedImageID R
3403 DA ModifiedImageDate R
3404 LO ModifyingDeviceManufacturer R
3405 TM ModifiedImageTime R
3406 LO ModifiedImageDescription R
4000 LT ImageComments
5000 AT 1-n OriginalImageIdentification R
5002 LO 1-n OriginalImageIdentificationNomenclature R
9056 SH StackID
9057 UL InStackPositionNumber
9071 SQ FrameAnatomySequence
9072 CS FrameLaterality
9111 SQ FrameContentSequence
9113 SQ PlanePositionSequence
9116 SQ PlaneOrientationSequence
9128 UL TemporalPositionIndex
9153 FD NominalCardiacTriggerDelayTime
9154 FL NominalCardiacTriggerTimePriorToRPeak
9155 FL ActualCardiacTriggerTimePriorToRPeak
9156 US FrameAcquisitionNumber
9157 UL 1-n DimensionIndexValues
9158 LT FrameComments
9161 UI ConcatenationUID
9162 US InConcatenationNumber
9163 US InConcatenationTotalNumber
9164 UI DimensionOrganizationUID
9165 AT DimensionIndexPointer
9167 AT FunctionalGroupPointer
9170 SQ UnassignedSharedConvertedAttributesSequence
9171 SQ UnassignedPerFrameConvertedAttributesSequence
9172 SQ ConversionSourceAttributesSequence
9213 LO DimensionIndexPrivateCreator
9221 SQ DimensionOrganizationSequence
9222 SQ DimensionIndexSequence
9228 UL ConcatenationFrameOffsetNumber
9238 LO FunctionalGroupPrivateCreator
9241 FL NominalPercentageOfCardiacPhase
9245 FL NominalPercentageOfRespiratoryPhase
9246 FL StartingRespiratoryAmplitude
9247 CS StartingRespiratoryPhase
9248 FL EndingRespiratoryAmplitude
9249 CS EndingRespiratoryPhase
9250 CS RespiratoryTriggerType
9251 FD RRIntervalTimeNominal
9252 FD ActualCardiacTriggerDelayTime
9253 SQ RespiratorySynchronizationSequence
9254 FD RespiratoryIntervalTime
9255 FD NominalRespiratoryTriggerDelayTime
9256 FD RespiratoryTriggerDelayThreshold
9257 FD ActualRespiratoryTriggerDelayTime
9301 FD 3 ImagePositionVolume
9302 FD 6 ImageOrientationVolume
9307 CS UltrasoundAcquisitionGeometry
9308 FD 3 ApexPosition
9309 FD 16 VolumeToTransducerMappingMatrix
930A FD 16 VolumeToTableMappingMatrix
930B CS VolumeToTransducerRelationship
930C CS PatientFrameOfReferenceSource
930D FD TemporalPositionTimeOffset
930E SQ PlanePositionVolumeSequence
930F SQ PlaneOrientationVolumeSequence
9310 SQ TemporalPositionSequence
9311 CS DimensionOrganizationType
9312 UI VolumeFrameOfReferenceUID
9313 UI TableFrameOfReferenceUID
9421 LO DimensionDescriptionLabel
9450 SQ PatientOrientationInFrameSequence
9453 LO FrameLabel
9518 US 1-n AcquisitionIndex
9529 SQ ContributingSOPInstancesReferenceSequence
9536 US ReconstructionIndex
00220001 US LightPathFilterPassThroughWavelength
0002 US 2 LightPathFilterPassBand
0003 US ImagePathFilterPassThroughWavelength
0004 US 2 ImagePathFilterPassBand
0005 CS PatientEyeMovementCommanded
0006 SQ PatientEyeMovementCommandCodeSequence
0007 FL SphericalLensPower
0008 FL CylinderLensPower
0009 FL CylinderAxis
000A FL EmmetropicMagnification
000B FL IntraOcularPressure
000C FL HorizontalFieldOfView
000D CS PupilDilated
000E FL DegreeOfDilation
000F FD VertexDistance
0010 FL StereoBaselineAngle
0011 FL StereoBaselineDisplacement
0012 FL StereoHorizontalPixelOffset
0013 FL StereoVerticalPixelOffset
0014 FL StereoRotation
0015 SQ AcquisitionDeviceTypeCodeSequence
0016 SQ IlluminationTypeCodeSequence
0017 SQ LightPathFilterTypeStackCodeSequence
0018 SQ ImagePathFilterTypeStackCodeSequence
0019 SQ LensesCodeSequence
001A SQ ChannelDescriptionCodeSequence
001B SQ RefractiveStateSequence
001C SQ MydriaticAgentCodeSequence
001D SQ RelativeImagePositionCodeSequence
001E FL CameraAngleOfView
0020 SQ StereoPairsSequence
0021 SQ LeftImageSequence
0022 SQ RightImageSequence
0028 CS StereoPairsPresent
0030 FL AxialLengthOfTheEye
0031 SQ OphthalmicFrameLocationSequence
0032 FL 2-2n ReferenceCoordinates
0035 FL DepthSpatialResolution
0036 FL MaximumDepthDistortion
0037 FL AlongScanSpatialResolution
0038 FL MaximumAlongScanDistortion
0039 CS OphthalmicImageOrientation
0041 FL DepthOfTransverseImage
0042 SQ MydriaticAgentConcentrationUnitsSequence
0048 FL AcrossScanSpatialResolution
0049 FL MaximumAcrossScanDistortion
004E DS MydriaticAgentConcentration
0055 FL IlluminationWaveLength
0056 FL IlluminationPower
0057 FL IlluminationBandwidth
0058 SQ MydriaticAgentSequence
1007 SQ OphthalmicAxialMeasurementsRightEyeSequence
1008 SQ OphthalmicAxialMeasurementsLeftEyeSequence
1009 CS OphthalmicAxialMeasurementsDeviceType
1010 CS OphthalmicAxialLengthMeasurementsType
1012 SQ OphthalmicAxialLengthSequence
1019 FL OphthalmicAxialLength
1024 SQ LensStatusCodeSequence
1025 SQ VitreousStatusCodeSequence
1028 SQ IOLFormulaCodeSequence
1029 LO IOLFormulaDetail
1033 FL KeratometerIndex
1035 SQ SourceOfOphthalmicAxialLengthCodeSequence
1036 SQ SourceOfCornealSizeDataCodeSequence
1037 FL TargetRefraction
1039 CS RefractiveProcedureOccurred
1040 SQ RefractiveSurgeryTypeCodeSequence
1044 SQ OphthalmicUltrasoundMethodCodeSequence
1045 SQ SurgicallyInducedAstigmatismSequence
1046 CS TypeOfOpticalCorrection
1047 SQ ToricIOLPowerSequence
1048 SQ PredictedToricErrorSequence
1049 CS PreSelectedForImplantation
104A SQ ToricIOLPowerForExactEmmetropiaSequence
104B SQ ToricIOLPowerForExactTargetRefractionSequence
1050 SQ OphthalmicAxialLengthMeasurementsSequence
1053 FL IOLPower
1054 FL PredictedRefractiveError
1059 FL OphthalmicAxialLengthVelocity
1065 LO LensStatusDescription
1066 LO VitreousStatusDescription
1090 SQ IOLPowerSequence
1092 SQ LensConstantSequence
1093 LO IOLManufacturer
1094 LO LensConstantDescription R
1095 LO ImplantName
1096 SQ KeratometryMeasurementTypeCodeSequence
1097 LO ImplantPartNumber
1100 SQ ReferencedOphthalmicAxialMeasurementsSequence
1101 SQ OphthalmicAxialLengthMeasurementsSegmentNameCodeSequence
1103 SQ RefractiveErrorBeforeRefractiveSurgeryCodeSequence
1121 FL IOLPowerForExactEmmetropia
1122 FL IOLPowerForExactTargetRefraction
1125 SQ AnteriorChamberDepthDefinitionCodeSequence
1127 SQ LensThicknessSequence
1128 SQ AnteriorChamberDepthSequence
112A SQ CalculationCommentSequence
112B CS CalculationCommentType
112C LT CalculationComment
1130 FL LensThickness
1131 FL AnteriorChamberDepth
1132 SQ SourceOfLensThicknessDataCodeSequence
1133 SQ SourceOfAnteriorChamberDepthDataCodeSequence
1134 SQ SourceOfRefractiveMeasurementsSequence
1135 SQ SourceOfRefractiveMeasurementsCodeSequence
1140 CS OphthalmicAxialLengthMeasurementModified
1150 SQ OphthalmicAxialLengthDataSourceCodeSequence
1153 SQ OphthalmicAxialLengthAcquisitionMethodCodeSequence R
1155 FL SignalToNoiseRatio
1159 LO OphthalmicAxialLengthDataSourceDescription
1210 SQ OphthalmicAxialLengthMeasurementsTotalLengthSequence
1211 SQ OphthalmicAxialLengthMeasurementsSegmentalLengthSequence
1212 SQ OphthalmicAxialLengthMeasurementsLengthSummationSequence
1220 SQ UltrasoundOphthalmicAxialLengthMeasurementsSequence
1225 SQ OpticalOphthalmicAxialLengthMeasurementsSequence
1230 SQ UltrasoundSelectedOphthalmicAxialLengthSequence
1250 SQ OphthalmicAxialLengthSelectionMethodCodeSequence
1255 SQ OpticalSelectedOphthalmicAxialLengthSequence
1257 SQ SelectedSegmentalOphthalmicAxialLengthSequence
1260 SQ SelectedTotalOphthalmicAxialLengthSequence
1262 SQ OphthalmicAxialLengthQualityMetricSequence
1265 SQ OphthalmicAxialLengthQualityMetricTypeCodeSequence R
1273 LO OphthalmicAxialLengthQualityMetricTypeDescription R
1300 SQ IntraocularLensCalculationsRightEyeSequence
1310 SQ IntraocularLensCalculationsLeftEyeSequence
1330 SQ ReferencedOphthalmicAxialLengthMeasurementQCImageSequence
1415 CS OphthalmicMappingDeviceType
1420 SQ AcquisitionMethodCodeSequence
1423 SQ AcquisitionMethodAlgorithmSequence
1436 SQ OphthalmicThicknessMapTypeCodeSequence
1443 SQ OphthalmicThicknessMappingNormalsSequence
1445 SQ RetinalThicknessDefinitionCodeSequence
1450 SQ PixelValueMappingToCodedConceptSequence
1452 US/SS MappedPixelValue
1454 LO PixelValueMappingExplanation
1458 SQ OphthalmicThicknessMapQualityThresholdSequence
1460 FL OphthalmicThicknessMapThresholdQualityRating
1463 FL 2 AnatomicStructureReferencePoint
1465 SQ RegistrationToLocalizerSequence
1466 CS RegisteredLocalizerUnits
1467 FL 2 RegisteredLocalizerTopLeftHandCorner
1468 FL 2 RegisteredLocalizerBottomRightHandCorner
1470 SQ OphthalmicThicknessMapQualityRatingSequence
1472 SQ RelevantOPTAttributesSequence
1512 SQ TransformationMethodCodeSequence
1513 SQ TransformationAlgorithmSequence
1515 CS OphthalmicAxialLengthMethod
1517 FL OphthalmicFOV
1518 SQ TwoDimensionalToThreeDimensionalMapSequence
1525 SQ WideFieldOphthalmicPhotographyQualityRatingSequence
1526 SQ WideFieldOphthalmicPhotographyQualityThresholdSequence
1527 FL WideFieldOphthalmicPhotographyThresholdQualityRating
1528 FL XCoordinatesCenterPixelViewAngle
1529 FL YCoordinatesCenterPixelViewAngle
1530 UL NumberOfMapPoints
1531 OF TwoDimensionalToThreeDimensionalMapData
1612 SQ DerivationAlgorithmSequence
1615 SQ OphthalmicImageTypeCodeSequence
1616 LO OphthalmicImageTypeDescription
1618 SQ ScanPatternTypeCodeSequence
1620 SQ ReferencedSurfaceMeshIdentificationSequence
1622 CS OphthalmicVolumetricPropertiesFlag
1624 FL OphthalmicAnatomicReferencePointXCoordinate
1626 FL OphthalmicAnatomicReferencePointYCoordinate
1627 SQ OphthalmicEnFaceVolumeDescriptorSequence
1628 SQ OphthalmicEnFaceImageQualityRatingSequence
1629 CS OphthalmicEnFaceVolumeDescriptorScope
1630 DS QualityThreshold
1640 SQ OCTBscanAnalysisAcquisitionParametersSequence
1642 UL NumberOfBscansPerFrame
1643 FL BscanSlabThickness
1644 FL DistanceBetweenBscanSlabs
1645 FL BscanCycleTime
1646 FL 1-n BscanCycleTimeVector
1649 FL AscanRate
1650 FL BscanRate
1658 UL SurfaceMeshZPixelOffset
00240010 FL VisualFieldHorizontalExtent
0011 FL VisualFieldVerticalExtent
0012 CS VisualFieldShape
0016 SQ ScreeningTestModeCodeSequence
0018 FL MaximumStimulusLuminance
0020 FL BackgroundLuminance
0021 SQ StimulusColorCodeSequence
0024 SQ BackgroundIlluminationColorCodeSequence
0025 FL StimulusArea
0028 FL StimulusPresentationTime
0032 SQ FixationSequence
0033 SQ FixationMonitoringCodeSequence
0034 SQ VisualFieldCatchTrialSequence
0035 US FixationCheckedQuantity
0036 US PatientNotProperlyFixatedQuantity
0037 CS PresentedVisualStimuliDataFlag
0038 US NumberOfVisualStimuli
0039 CS ExcessiveFixationLossesDataFlag
0040 CS ExcessiveFixationLosses
0042 US StimuliRetestingQuantity
0044 LT CommentsOnPatientPerformanceOfVisualField
0045 CS FalseNegativesEstimateFlag
0046 FL FalseNegativesEstimate
0048 US NegativeCatchTrialsQuantity
0050 US FalseNegativesQuantity
0051 CS ExcessiveFalseNegativesDataFlag
0052 CS ExcessiveFalseNegatives
0053 CS FalsePositivesEstimateFlag
0054 FL FalsePositivesEstimate
0055 CS CatchTrialsDataFlag
0056 US PositiveCatchTrialsQuantity
0057 CS TestPointNormalsDataFlag
0058 SQ TestPointNormalsSequence
0059 CS GlobalDeviationProbabilityNormalsFlag
0060 US FalsePositivesQuantity
0061 CS ExcessiveFalsePositivesDataFlag
0062 CS ExcessiveFalsePositives
0063 CS VisualFieldTestNormalsFlag
0064 SQ ResultsNormalsSequence
0065 SQ AgeCorrectedSensitivityDeviationAlgorithmSequence
0066 FL GlobalDeviationFromNormal
0067 SQ GeneralizedDefectSensitivityDeviationAlgorithmSequence
0068 FL LocalizedDeviationFromNormal
0069 LO PatientReliabilityIndicator
0070 FL VisualFieldMeanSensitivity
0071 FL GlobalDeviationProbability
0072 CS LocalDeviationProbabilityNormalsFlag
0073 FL LocalizedDeviationProbability
0074 CS ShortTermFluctuationCalculated
0075 FL ShortTermFluctuation
0076 CS ShortTermFluctuationProbabilityCalculated
0077 FL ShortTermFluctuationProbability
0078 CS CorrectedLocalizedDeviationFromNormalCalculated
0079 FL CorrectedLocalizedDeviationFromNormal
0080 CS CorrectedLocalizedDeviationFromNormalProbabilityCalculated
0081 FL CorrectedLocalizedDeviationFromNormalProbability
0083 SQ GlobalDeviationProbabilitySequence
0085 SQ LocalizedDeviationProbabilitySequence
0086 CS FovealSensitivityMeasured
0087 FL FovealSensitivity
0088 FL VisualFieldTestDuration
0089 SQ VisualFieldTestPointSequence
0090 FL VisualFieldTestPointXCoordinate
0091 FL VisualFieldTestPointYCoordinate
0092 FL AgeCorrectedSensitivityDeviationValue
0093 CS StimulusResults
0094 FL SensitivityValue
0095 CS RetestStimulusSeen
0096 FL RetestSensitivityValue
0097 SQ VisualFieldTestPointNormalsSequence
0098 FL QuantifiedDefect
0100 FL AgeCorrectedSensitivityDeviationProbabilityValue
0102 CS GeneralizedDefectCorrectedSensitivityDeviationFlag
0103 FL GeneralizedDefectCorrectedSensitivityDeviationValue
0104 FL GeneralizedDefectCorrectedSensitivityDeviationProbabilityValue
0105 FL MinimumSensitivityValue
0106 CS BlindSpotLocalized
0107 FL BlindSpotXCoordinate
0108 FL BlindSpotYCoordinate
0110 SQ VisualAcuityMeasurementSequence
0112 SQ RefractiveParametersUsedOnPatientSequence
0113 CS MeasurementLaterality
0114 SQ OphthalmicPatientClinicalInformationLeftEyeSequence
0115 SQ OphthalmicPatientClinicalInformationRightEyeSequence
0117 CS FovealPointNormativeDataFlag
0118 FL FovealPointProbabilityValue
0120 CS ScreeningBaselineMeasured
0122 SQ ScreeningBaselineMeasuredSequence
0124 CS ScreeningBaselineType
0126 FL ScreeningBaselineValue
0202 LO AlgorithmSource
0306 LO DataSetName
0307 LO DataSetVersion
0308 LO DataSetSource
0309 LO DataSetDescription
0317 SQ VisualFieldTestReliabilityGlobalIndexSequence
0320 SQ VisualFieldGlobalResultsIndexSequence
0325 SQ DataObservationSequence
0338 CS IndexNormalsFlag
0341 FL IndexProbability
0344 SQ IndexProbabilitySequence
00280002 US SamplesPerPixel
0003 US SamplesPerPixelUsed
0004 CS PhotometricInterpretation
0005 US ImageDimensions R
0006 US PlanarConfiguration
0008 IS NumberOfFrames
0009 AT 1-n FrameIncrementPointer
000A AT 1-n FrameDimensionPointer
0010 US Rows
0011 US Columns
0012 US Planes R
0014 US UltrasoundColorDataPresent
0020 OB  R
0030 DS 2 PixelSpacing
0031 DS 2 ZoomFactor
0032 DS 2 ZoomCenter
0034 IS 2 PixelAspectRatio
0040 CS ImageFormat R
0050 LO 1-n ManipulatedImage R
0051 CS 1-n CorrectedImage
005F LO CompressionRecognitionCode R
0060 CS CompressionCode R
0061 SH CompressionOriginator R
0062 LO CompressionLabel R
0063 SH CompressionDescription R
0065 CS 1-n CompressionSequence R
0066 AT 1-n CompressionStepPointers R
0068 US RepeatInterval R
0069 US BitsGrouped R
0070 US 1-n PerimeterTable R
0071 US/SS PerimeterValue R
0080 US PredictorRows R
0081 US PredictorColumns R
0082 US 1-n PredictorConstants R
0090 CS BlockedPixels R
0091 US BlockRows R
0092 US BlockColumns R
0093 US RowOverlap R
0094 US ColumnOverlap R
0100 US BitsAllocated
0101 US BitsStored
0102 US HighBit
0103 US PixelRepresentation
0104 US/SS SmallestValidPixelValue R
0105 US/SS LargestValidPixelValue R
0106 US/SS SmallestImagePixelValue
0107 US/SS LargestImagePixelValue
0108 US/SS SmallestPixelValueInSeries
0109 US/SS LargestPixelValueInSeries
0110 US/SS SmallestImagePixelValueInPlane R
0111 US/SS LargestImagePixelValueInPlane R
0120 US/SS PixelPaddingValue
0121 US/SS PixelPaddingRangeLimit
0122 FL FloatPixelPaddingValue
0123 FD DoubleFloatPixelPaddingValue
0124 FL FloatPixelPaddingRangeLimit
0125 FD DoubleFloatPixelPaddingRangeLimit
0200 US ImageLocation R
0300 CS QualityControlImage
0301 CS BurnedInAnnotation
0302 CS RecognizableVisualFeatures
0303 CS LongitudinalTemporalInformationModified
0304 UI ReferencedColorPaletteInstanceUID
0400 LO TransformLabel R
0401 LO TransformVersionNumber R
0402 US NumberOfTransformSteps R
0403 LO 1-n SequenceOfCompressedData R
0404 AT 1-n DetailsOfCoefficients R
0700 LO DCTLabel R
0701 CS 1-n DataBlockDescription R
0702 AT 1-n DataBlock R
0710 US NormalizationFactorFormat R
0720 US ZonalMapNumberFormat R
0721 AT 1-n ZonalMapLocation R
0722 US ZonalMapFormat R
0730 US AdaptiveMapFormat R
0740 US CodeNumberFormat R
0A02 CS PixelSpacingCalibrationType
0A04 LO PixelSpacingCalibrationDescription
1040 CS PixelIntensityRelationship
1041 SS PixelIntensityRelationshipSign
1050 DS 1-n WindowCenter
1051 DS 1-n WindowWidth
1052 DS RescaleIntercept
1053 DS RescaleSlope
1054 LO RescaleType
1055 LO 1-n WindowCenterWidthExplanation
1056 CS VOILUTFunction
1080 CS GrayScale R
1090 CS RecommendedViewingMode
1100 US/SS 3 GrayLookupTableDescriptor R
1101 US/SS 3 RedPaletteColorLookupTableDescriptor
1102 US/SS 3 GreenPaletteColorLookupTableDescriptor
1103 US/SS 3 BluePaletteColorLookupTableDescriptor
1104 US 3 AlphaPaletteColorLookupTableDescriptor
1111 US/SS 4 LargeRedPaletteColorLookupTableDescriptor R
1112 US/SS 4 LargeGreenPaletteColorLookupTableDescriptor R
1113 US/SS 4 LargeBluePaletteColorLookupTableDescriptor R
1199 UI PaletteColorLookupTableUID
1200 US/SS/OW 1-n GrayLookupTableData R
1201 OW RedPaletteColorLookupTableData
1202 OW GreenPaletteColorLookupTableData
1203 OW BluePaletteColorLookupTableData
1204 OW AlphaPaletteColorLookupTableData
1211 OW LargeRedPaletteColorLookupTableData R
1212 OW LargeGreenPaletteColorLookupTableData R
1213 OW LargeBluePaletteColorLookupTableData R
1214 UI LargePaletteColorLookupTableUID R
1221 OW SegmentedRedPaletteColorLookupTableData
1222 OW SegmentedGreenPaletteColorLookupTableData
1223 OW SegmentedBluePaletteColorLookupTableData
1224 OW SegmentedAlphaPaletteColorLookupTableData
1230 SQ StoredValueColorRangeSequence
1231 FD MinimumStoredValueMapped
1232 FD MaximumStoredValueMapped
1300 CS BreastImplantPresent
1350 CS PartialView
1351 ST PartialViewDescription
1352 SQ PartialViewCodeSequence
135A CS SpatialLocationsPreserved
1401 SQ DataFrameAssignmentSequence
1402 CS DataPathAssignment
1403 US BitsMappedToColorLookupTable
1404 SQ BlendingLUT1Sequence
1405 CS BlendingLUT1TransferFunction
1406 FD BlendingWeightConstant
1407 US 3 BlendingLookupTableDescriptor
1408 OW BlendingLookupTableData
140B SQ EnhancedPaletteColorLookupTableSequence
140C SQ BlendingLUT2Sequence
140D CS BlendingLUT2TransferFunction
140E CS DataPathID
140F CS RGBLUTTransferFunction
1410 CS AlphaLUTTransferFunction
2000 OB ICCProfile
2002 CS ColorSpace
2110 CS LossyImageCompression
2112 DS 1-n LossyImageCompressionRatio
2114 CS 1-n LossyImageCompressionMethod
3000 SQ ModalityLUTSequence
3001 SQ VariableModalityLUTSequence
3002 US/SS 3 LUTDescriptor
3003 LO LUTExplanation
3004 LO ModalityLUTType
3006 US/OW 1-n LUTData
3010 SQ VOILUTSequence
3110 SQ SoftcopyVOILUTSequence
4000 LT ImagePresentationComments R
5000 SQ BiPlaneAcquisitionSequence R
6010 US RepresentativeFrameNumber
6020 US 1-n FrameNumbersOfInterest
6022 LO 1-n FrameOfInterestDescription
6023 CS 1-n FrameOfInterestType
6030 US 1-n MaskPointers R
6040 US 1-n RWavePointer
6100 SQ MaskSubtractionSequence
6101 CS MaskOperation
6102 US 2-2n ApplicableFrameRange
6110 US 1-n MaskFrameNumbers
6112 US ContrastFrameAveraging
6114 FL 2 MaskSubPixelShift
6120 SS TIDOffset
6190 ST MaskOperationExplanation
7000 SQ EquipmentAdministratorSequence
7001 US NumberOfDisplaySubsystems
7002 US CurrentConfigurationID
7003 US DisplaySubsystemID
7004 SH DisplaySubsystemName
7005 LO DisplaySubsystemDescription
7006 CS SystemStatus
7007 LO SystemStatusComment
7008 SQ TargetLuminanceCharacteristicsSequence
7009 US LuminanceCharacteristicsID
700A SQ DisplaySubsystemConfigurationSequence
700B US ConfigurationID
700C SH ConfigurationName
700D LO ConfigurationDescription
700E US ReferencedTargetLuminanceCharacteristicsID
700F SQ QAResultsSequence
7010 SQ DisplaySubsystemQAResultsSequence
7011 SQ ConfigurationQAResultsSequence
7012 SQ MeasurementEquipmentSequence
7013 CS 1-n MeasurementFunctions
7014 CS MeasurementEquipmentType
7015 SQ VisualEvaluationResultSequence
7016 SQ DisplayCalibrationResultSequence
7017 US DDLValue
7018 FL 2 CIExyWhitePoint
7019 CS DisplayFunctionType
701A FL GammaValue
701B US NumberOfLuminancePoints
701C SQ LuminanceResponseSequence
701D FL TargetMinimumLuminance
701E FL TargetMaximumLuminance
701F FL LuminanceValue
7020 LO LuminanceResponseDescription
7021 CS WhitePointFlag
7022 SQ DisplayDeviceTypeCodeSequence
7023 SQ DisplaySubsystemSequence
7024 SQ LuminanceResultSequence
7025 CS AmbientLightValueSource
7026 CS 1-n MeasuredCharacteristics
7027 SQ LuminanceUniformityResultSequence
7028 SQ VisualEvaluationTestSequence
7029 CS TestResult
702A LO TestResultComment
702B CS TestImageValidation
702C SQ TestPatternCodeSequence
702D SQ MeasurementPatternCodeSequence
702E SQ VisualEvaluationMethodCodeSequence
7FE0 UR PixelDataProviderURL
9001 UL DataPointRows
9002 UL DataPointColumns
9003 CS SignalDomainColumns
9099 US LargestMonochromePixelValue R
9108 CS DataRepresentation
9110 SQ PixelMeasuresSequence
9132 SQ FrameVOILUTSequence
9145 SQ PixelValueTransformationSequence
9235 CS SignalDomainRows
9411 FL DisplayFilterPercentage
9415 SQ FramePixelShiftSequence
9416 US SubtractionItemID
9422 SQ PixelIntensityRelationshipLUTSequence
9443 SQ FramePixelDataPropertiesSequence
9444 CS GeometricalProperties
9445 FL GeometricMaximumDistortion
9446 CS 1-n ImageProcessingApplied
9454 CS MaskSelectionMode
9474 CS LUTFunction
9478 FL MaskVisibilityPercentage
9501 SQ PixelShiftSequence
9502 SQ RegionPixelShiftSequence
9503 SS 2-2n VerticesOfTheRegion
9505 SQ MultiFramePresentationSequence
9506 US 2-2n PixelShiftFrameRange
9507 US 2-2n LUTFrameRange
9520 DS 16 ImageToEquipmentMappingMatrix
9537 CS EquipmentCoordinateSystemIdentification
0032000A CS StudyStatusID R
000C CS StudyPriorityID R
0012 LO StudyIDIssuer R
0032 DA StudyVerifiedDate R
0033 TM StudyVerifiedTime R
0034 DA StudyReadDate R
0035 TM StudyReadTime R
1000 DA ScheduledStudyStartDate R
1001 TM ScheduledStudyStartTime R
1010 DA ScheduledStudyStopDate R
1011 TM ScheduledStudyStopTime R
1020 LO ScheduledStudyLocation R
1021 AE 1-n ScheduledStudyLocationAETitle R
1030 LO ReasonForStudy R
1031 SQ RequestingPhysicianIdentificationSequence
1032 PN RequestingPhysician
1033 LO RequestingService
1034 SQ RequestingServiceCodeSequence
1040 DA StudyArrivalDate R
1041 TM StudyArrivalTime R
1050 DA StudyCompletionDate R
1051 TM StudyCompletionTime R
1055 CS StudyComponentStatusID R
1060 LO RequestedProcedureDescription
1064 SQ RequestedProcedureCodeSequence
1065 SQ RequestedLateralityCodeSequence
1066 UT ReasonForVisit
1067 SQ ReasonForVisitCodeSequence
1070 LO RequestedContrastAgent
4000 LT StudyComments R
00340001 SQ FlowIdentifierSequence
0002 OB FlowIdentifier
0003 UI FlowTransferSyntaxUID
0004 UL FlowRTPSamplingRate
0005 OB SourceIdentifier
0007 OB FrameOriginTimestamp
0008 CS IncludesImagingSubject
0009 SQ FrameUsefulnessGroupSequence
000A SQ RealTimeBulkDataFlowSequence
000B SQ CameraPositionGroupSequence
000C CS IncludesInformation
000D SQ TimeOfFrameGroupSequence
00380004 SQ ReferencedPatientAliasSequence R
0008 CS VisitStatusID
0010 LO AdmissionID
0011 LO IssuerOfAdmissionID R
0014 SQ IssuerOfAdmissionIDSequence
0016 LO RouteOfAdmissions
001A DA ScheduledAdmissionDate R
001B TM ScheduledAdmissionTime R
001C DA ScheduledDischargeDate R
001D TM ScheduledDischargeTime R
001E LO ScheduledPatientInstitutionResidence R
0020 DA AdmittingDate
0021 TM AdmittingTime
0030 DA DischargeDate R
0032 TM DischargeTime R
0040 LO DischargeDiagnosisDescription R
0044 SQ DischargeDiagnosisCodeSequence R
0050 LO SpecialNeeds
0060 LO ServiceEpisodeID
0061 LO IssuerOfServiceEpisodeID R
0062 LO ServiceEpisodeDescription
0064 SQ IssuerOfServiceEpisodeIDSequence
0100 SQ PertinentDocumentsSequence
0101 SQ PertinentResourcesSequence
0102 LO ResourceDescription
0300 LO CurrentPatientLocation
0400 LO PatientInstitutionResidence
0500 LO PatientState
0502 SQ PatientClinicalTrialParticipationSequence
4000 LT VisitComments
003A0004 CS WaveformOriginality
0005 US NumberOfWaveformChannels
0010 UL NumberOfWaveformSamples
001A DS SamplingFrequency
0020 SH MultiplexGroupLabel
0200 SQ ChannelDefinitionSequence
0202 IS WaveformChannelNumber
0203 SH ChannelLabel
0205 CS 1-n ChannelStatus
0208 SQ ChannelSourceSequence
0209 SQ ChannelSourceModifiersSequence
020A SQ SourceWaveformSequence
020C LO ChannelDerivationDescription
0210 DS ChannelSensitivity
0211 SQ ChannelSensitivityUnitsSequence
0212 DS ChannelSensitivityCorrectionFactor
0213 DS ChannelBaseline
0214 DS ChannelTimeSkew
0215 DS ChannelSampleSkew
0218 DS ChannelOffset
021A US WaveformBitsStored
0220 DS FilterLowFrequency
0221 DS FilterHighFrequency
0222 DS NotchFilterFrequency
0223 DS NotchFilterBandwidth
0230 FL WaveformDataDisplayScale
0231 US 3 WaveformDisplayBackgroundCIELabValue
0240 SQ WaveformPresentationGroupSequence
0241 US PresentationGroupNumber
0242 SQ ChannelDisplaySequence
0244 US 3 ChannelRecommendedDisplayCIELabValue
0245 FL ChannelPosition
0246 CS DisplayShadingFlag
0247 FL FractionalChannelDisplayScale
0248 FL AbsoluteChannelDisplayScale
0300 SQ MultiplexedAudioChannelsDescriptionCodeSequence
0301 IS ChannelIdentificationCode
0302 CS ChannelMode
0310 UI MultiplexGroupUID
0311 DS PowerlineFrequency
0312 SQ ChannelImpedanceSequence
0313 DS ImpedanceValue
0314 DT ImpedanceMeasurementDateTime
0315 DS ImpedanceMeasurementFrequency
0316 CS ImpedanceMeasurementCurrentType
0317 CS WaveformAmplifierType
0318 SQ FilterLowFrequencyCharacteristicsSequence
0319 SQ FilterHighFrequencyCharacteristicsSequence
0320 SQ SummarizedFilterLookupTableSequence
0321 SQ NotchFilterCharacteristicsSequence
0322 CS WaveformFilterType
0323 SQ AnalogFilterCharacteristicsSequence
0324 DS AnalogFilterRollOff
0325 SQ AnalogFilterTypeCodeSequence
0326 SQ DigitalFilterCharacteristicsSequence
0327 IS DigitalFilterOrder
0328 SQ DigitalFilterTypeCodeSequence
0329 ST WaveformFilterDescription
032A SQ FilterLookupTableSequence
032B ST FilterLookupTableDescription
032C SQ FrequencyEncodingCodeSequence
032D SQ MagnitudeEncodingCodeSequence
032E OD FilterLookupTableData
00400001 AE 1-n ScheduledStationAETitle
0002 DA ScheduledProcedureStepStartDate
0003 TM ScheduledProcedureStepStartTime
0004 DA ScheduledProcedureStepEndDate
0005 TM ScheduledProcedureStepEndTime
0006 PN ScheduledPerformingPhysicianName
0007 LO ScheduledProcedureStepDescription
0008 SQ ScheduledProtocolCodeSequence
0009 SH ScheduledProcedureStepID
000A SQ StageCodeSequence
000B SQ ScheduledPerformingPhysicianIdentificationSequence
0010 SH 1-n ScheduledStationName
0011 SH ScheduledProcedureStepLocation
0012 LO PreMedication
0020 CS ScheduledProcedureStepStatus
0026 SQ OrderPlacerIdentifierSequence
0027 SQ OrderFillerIdentifierSequence
0031 UT LocalNamespaceEntityID
0032 UT UniversalEntityID
0033 CS UniversalEntityIDType
0035 CS IdentifierTypeCode
0036 SQ AssigningFacilitySequence
0039 SQ AssigningJurisdictionCodeSequence
003A SQ AssigningAgencyOrDepartmentCodeSequence
0100 SQ ScheduledProcedureStepSequence
0220 SQ ReferencedNonImageCompositeSOPInstanceSequence
0241 AE PerformedStationAETitle
0242 SH PerformedStationName
0243 SH PerformedLocation
0244 DA PerformedProcedureStepStartDate
0245 TM PerformedProcedureStepStartTime
0250 DA PerformedProcedureStepEndDate
0251 TM PerformedProcedureStepEndTime
0252 CS PerformedProcedureStepStatus
0253 SH PerformedProcedureStepID
0254 LO PerformedProcedureStepDescription
0255 LO PerformedProcedureTypeDescription
0260 SQ PerformedProtocolCodeSequence
0261 CS PerformedProtocolType
0270 SQ ScheduledStepAttributesSequence
0275 SQ RequestAttributesSequence
0280 ST CommentsOnThePerformedProcedureStep
0281 SQ PerformedProcedureStepDiscontinuationReasonCodeSequence
0293 SQ QuantitySequence
0294 DS Quantity
0295 SQ MeasuringUnitsSequence
0296 SQ BillingItemSequence
0300 US TotalTimeOfFluoroscopy R
0301 US TotalNumberOfExposures R
0302 US EntranceDose
0303 US 1-2 ExposedArea
0306 DS DistanceSourceToEntrance
0307 DS DistanceSourceToSupport R
030E SQ ExposureDoseSequence R
0310 ST CommentsOnRadiationDose
0312 DS XRayOutput
0314 DS HalfValueLayer
0316 DS OrganDose
0318 CS OrganExposed
0320 SQ BillingProcedureStepSequence
0321 SQ FilmConsumptionSequence
0324 SQ BillingSuppliesAndDevicesSequence
0330 SQ ReferencedProcedureStepSequence R
0340 SQ PerformedSeriesSequence
0400 LT CommentsOnTheScheduledProcedureStep
0440 SQ ProtocolContextSequence
0441 SQ ContentItemModifierSequence
0500 SQ ScheduledSpecimenSequence
050A LO SpecimenAccessionNumber R
0512 LO ContainerIdentifier
0513 SQ IssuerOfTheContainerIdentifierSequence
0515 SQ AlternateContainerIdentifierSequence
0518 SQ ContainerTypeCodeSequence
051A LO ContainerDescription
0520 SQ ContainerComponentSequence
0550 SQ SpecimenSequence R
0551 LO SpecimenIdentifier
0552 SQ SpecimenDescriptionSequenceTrial R
0553 ST SpecimenDescriptionTrial R
0554 UI SpecimenUID
0555 SQ AcquisitionContextSequence
0556 ST AcquisitionContextDescription
0560 SQ SpecimenDescriptionSequence
0562 SQ IssuerOfTheSpecimenIdentifierSequence
059A SQ SpecimenTypeCodeSequence
0600 LO SpecimenShortDescription
0602 UT SpecimenDetailedDescription
0610 SQ SpecimenPreparationSequence
0612 SQ SpecimenPreparationStepContentItemSequence
0620 SQ SpecimenLocalizationContentItemSequence
06FA LO SlideIdentifier R
0710 SQ WholeSlideMicroscopyImageFrameTypeSequence
071A SQ ImageCenterPointCoordinatesSequence
072A DS XOffsetInSlideCoordinateSystem
073A DS YOffsetInSlideCoordinateSystem
074A DS ZOffsetInSlideCoordinateSystem
08D8 SQ PixelSpacingSequence R
08DA SQ CoordinateSystemAxisCodeSequence R
08EA SQ MeasurementUnitsCodeSequence
09F8 SQ VitalStainCodeSequenceTrial R
1001 SH RequestedProcedureID
1002 LO ReasonForTheRequestedProcedure
1003 SH RequestedProcedurePriority
1004 LO PatientTransportArrangements
1005 LO RequestedProcedureLocation
1006 SH PlacerOrderNumberProcedure R
1007 SH FillerOrderNumberProcedure R
1008 LO ConfidentialityCode
1009 SH ReportingPriority
100A SQ ReasonForRequestedProcedureCodeSequence
1010 PN 1-n NamesOfIntendedRecipientsOfResults
1011 SQ IntendedRecipientsOfResultsIdentificationSequence
1012 SQ ReasonForPerformedProcedureCodeSequence
1060 LO RequestedProcedureDescriptionTrial R
1101 SQ PersonIdentificationCodeSequence
1102 ST PersonAddress
1103 LO 1-n PersonTelephoneNumbers
1104 LT PersonTelecomInformation
1400 LT RequestedProcedureComments
2001 LO ReasonForTheImagingServiceRequest R
2004 DA IssueDateOfImagingServiceRequest
2005 TM IssueTimeOfImagingServiceRequest
2006 SH PlacerOrderNumberImagingServiceRequestRetired R
2007 SH FillerOrderNumberImagingServiceRequestRetired R
2008 PN OrderEnteredBy
2009 SH OrderEntererLocation
2010 SH OrderCallbackPhoneNumber
2011 LT OrderCallbackTelecomInformation
2016 LO PlacerOrderNumberImagingServiceRequest
2017 LO FillerOrderNumberImagingServiceRequest
2400 LT ImagingServiceRequestComments
3001 LO ConfidentialityConstraintOnPatientDataDescription
4001 CS GeneralPurposeScheduledProcedureStepStatus R
4002 CS GeneralPurposePerformedProcedureStepStatus R
4003 CS GeneralPurposeScheduledProcedureStepPriority R
4004 SQ ScheduledProcessingApplicationsCodeSequence R
4005 DT ScheduledProcedureStepStartDateTime
4006 CS MultipleCopiesFlag R
4007 SQ PerformedProcessingApplicationsCodeSequence R
4008 DT ScheduledProcedureStepExpirationDateTime
4009 SQ HumanPerformerCodeSequence
4010 DT ScheduledProcedureStepModificationDateTime
4011 DT ExpectedCompletionDateTime
4015 SQ ResultingGeneralPurposePerformedProcedureStepsSequence R
4016 SQ ReferencedGeneralPurposeScheduledProcedureStepSequence R
4018 SQ ScheduledWorkitemCodeSequence
4019 SQ PerformedWorkitemCodeSequence
4020 CS InputAvailabilityFlag R
4021 SQ InputInformationSequence
4022 SQ RelevantInformationSequence R
4023 UI ReferencedGeneralPurposeScheduledProcedureStepTransactionUID R
4025 SQ ScheduledStationNameCodeSequence
4026 SQ ScheduledStationClassCodeSequence
4027 SQ ScheduledStationGeographicLocationCodeSequence
4028 SQ PerformedStationNameCodeSequence
4029 SQ PerformedStationClassCodeSequence
4030 SQ PerformedStationGeographicLocationCodeSequence
4031 SQ RequestedSubsequentWorkitemCodeSequence R
4032 SQ NonDICOMOutputCodeSequence R
4033 SQ OutputInformationSequence
4034 SQ ScheduledHumanPerformersSequence
4035 SQ ActualHumanPerformersSequence
4036 LO HumanPerformerOrganization
4037 PN HumanPerformerName
4040 CS RawDataHandling
4041 CS InputReadinessState
4050 DT PerformedProcedureStepStartDateTime
4051 DT PerformedProcedureStepEndDateTime
4052 DT ProcedureStepCancellationDateTime
4070 SQ OutputDestinationSequence
4071 SQ DICOMStorageSequence
4072 SQ STOWRSStorageSequence
4073 UR StorageURL
4074 SQ XDSStorageSequence
8302 DS EntranceDoseInmGy
8303 CS EntranceDoseDerivation
9092 SQ ParametricMapFrameTypeSequence
9094 SQ ReferencedImageRealWorldValueMappingSequence
9096 SQ RealWorldValueMappingSequence
9098 SQ PixelValueMappingCodeSequence
9210 SH LUTLabel
9211 US/SS RealWorldValueLastValueMapped
9212 FD 1-n RealWorldValueLUTData
9213 FD DoubleFloatRealWorldValueLastValueMapped
9214 FD DoubleFloatRealWorldValueFirstValueMapped
9216 US/SS RealWorldValueFirstValueMapped
9220 SQ QuantityDefinitionSequence
9224 FD RealWorldValueIntercept
9225 FD RealWorldValueSlope
A007 CS FindingsFlagTrial R
A010 CS RelationshipType
A020 SQ FindingsSequenceTrial R
A021 UI FindingsGroupUIDTrial R
A022 UI ReferencedFindingsGroupUIDTrial R
A023 DA FindingsGroupRecordingDateTrial R
A024 TM FindingsGroupRecordingTimeTrial R
A026 SQ FindingsSourceCategoryCodeSequenceTrial R
A027 LO VerifyingOrganization
A028 SQ DocumentingOrganizationIdentifierCodeSequenceTrial R
A030 DT VerificationDateTime
A032 DT ObservationDateTime
A033 DT ObservationStartDateTime
A040 CS ValueType
A043 SQ ConceptNameCodeSequence
A047 LO MeasurementPrecisionDescriptionTrial R
A050 CS ContinuityOfContent
A057 CS 1-n UrgencyOrPriorityAlertsTrial R
A060 LO SequencingIndicatorTrial R
A066 SQ DocumentIdentifierCodeSequenceTrial R
A067 PN DocumentAuthorTrial R
A068 SQ DocumentAuthorIdentifierCodeSequenceTrial R
A070 SQ IdentifierCodeSequenceTrial R
A073 SQ VerifyingObserverSequence
A074 OB ObjectBinaryIdentifierTrial R
A075 PN VerifyingObserverName
A076 SQ DocumentingObserverIdentifierCodeSequenceTrial R
A078 SQ AuthorObserverSequence
A07A SQ ParticipantSequence
A07C SQ CustodialOrganizationSequence
A080 CS ParticipationType
A082 DT ParticipationDateTime
A084 CS ObserverType
A085 SQ ProcedureIdentifierCodeSequenceTrial R
A088 SQ VerifyingObserverIdentificationCodeSequence
A089 OB ObjectDirectoryBinaryIdentifierTrial R
A090 SQ EquivalentCDADocumentSequence R
A0B0 US 2-2n ReferencedWaveformChannels
A110 DA DateOfDocumentOrVerbalTransactionTrial R
A112 TM TimeOfDocumentCreationOrVerbalTransactionTrial R
A120 DT DateTime
A121 DA Date
A122 TM Time
A123 PN PersonName
A124 UI UID
A125 CS 2 ReportStatusIDTrial R
A130 CS TemporalRangeType
A132 UL 1-n ReferencedSamplePositions
A136 US 1-n ReferencedFrameNumbers R
A138 DS 1-n ReferencedTimeOffsets
A13A DT 1-n ReferencedDateTime
A160 UT TextValue
A161 FD 1-n FloatingPointValue
A162 SL 1-n RationalNumeratorValue
A163 UL 1-n RationalDenominatorValue
A167 SQ ObservationCategoryCodeSequenceTrial R
A168 SQ ConceptCodeSequence
A16A ST BibliographicCitationTrial R
A170 SQ PurposeOfReferenceCodeSequence
A171 UI ObservationUID
A172 UI ReferencedObservationUIDTrial R
A173 CS ReferencedObservationClassTrial R
A174 CS ReferencedObjectObservationClassTrial R
A180 US AnnotationGroupNumber
A192 DA ObservationDateTrial R
A193 TM ObservationTimeTrial R
A194 CS MeasurementAutomationTrial R
A195 SQ ModifierCodeSequence
A224 ST IdentificationDescriptionTrial R
A290 CS CoordinatesSetGeometricTypeTrial R
A296 SQ AlgorithmCodeSequenceTrial R
A297 ST AlgorithmDescriptionTrial R
A29A SL 2-2n PixelCoordinatesSetTrial R
A300 SQ MeasuredValueSequence
A301 SQ NumericValueQualifierCodeSequence
A307 PN CurrentObserverTrial R
A30A DS 1-n NumericValue
A313 SQ ReferencedAccessionSequenceTrial R
A33A ST ReportStatusCommentTrial R
A340 SQ ProcedureContextSequenceTrial R
A352 PN VerbalSourceTrial R
A353 ST AddressTrial R
A354 LO TelephoneNumberTrial R
A358 SQ VerbalSourceIdentifierCodeSequenceTrial R
A360 SQ PredecessorDocumentsSequence
A370 SQ ReferencedRequestSequence
A372 SQ PerformedProcedureCodeSequence
A375 SQ CurrentRequestedProcedureEvidenceSequence
A380 SQ ReportDetailSequenceTrial R
A385 SQ PertinentOtherEvidenceSequence
A390 SQ HL7StructuredDocumentReferenceSequence
A402 UI ObservationSubjectUIDTrial R
A403 CS ObservationSubjectClassTrial R
A404 SQ ObservationSubjectTypeCodeSequenceTrial R
A491 CS CompletionFlag
A492 LO CompletionFlagDescription
A493 CS VerificationFlag
A494 CS ArchiveRequested
A496 CS PreliminaryFlag
A504 SQ ContentTemplateSequence
A525 SQ IdenticalDocumentsSequence
A600 CS ObservationSubjectContextFlagTrial R
A601 CS ObserverContextFlagTrial R
A603 CS ProcedureContextFlagTrial R
A730 SQ ContentSequence
A731 SQ RelationshipSequenceTrial R
A732 SQ RelationshipTypeCodeSequenceTrial R
A744 SQ LanguageCodeSequenceTrial R
A801 SQ TabulatedValuesSequence
A802 UL NumberOfTableRows
A803 UL NumberOfTableColumns
A804 UL TableRowNumber
A805 UL TableColumnNumber
A806 SQ TableRowDefinitionSequence
A807 SQ TableColumnDefinitionSequence
A808 SQ CellValuesSequence
A992 ST UniformResourceLocatorTrial R
B020 SQ WaveformAnnotationSequence
DB00 CS TemplateIdentifier
DB06 DT TemplateVersion R
DB07 DT TemplateLocalVersion R
DB0B CS TemplateExtensionFlag R
DB0C UI TemplateExtensionOrganizationUID R
DB0D UI TemplateExtensionCreatorUID R
DB73 UL 1-n ReferencedContentItemIdentifier
E001 ST HL7InstanceIdentifier
E004 DT HL7DocumentEffectiveTime
E006 SQ HL7DocumentTypeCodeSequence
E008 SQ DocumentClassCodeSequence
E010 UR RetrieveURI
E011 UI RetrieveLocationUID
E020 CS TypeOfInstances
E021 SQ DICOMRetrievalSequence
E022 SQ DICOMMediaRetrievalSequence
E023 SQ WADORetrievalSequence
E024 SQ XDSRetrievalSequence
E025 SQ WADORSRetrievalSequence
E030 UI RepositoryUniqueID
E031 UI HomeCommunityID
00420010 ST DocumentTitle
0011 OB EncapsulatedDocument
0012 LO MIMETypeOfEncapsulatedDocument
0013 SQ SourceInstanceSequence
0014 LO 1-n ListOfMIMETypes
0015 UL EncapsulatedDocumentLength
00440001 ST ProductPackageIdentifier
0002 CS SubstanceAdministrationApproval
0003 LT ApprovalStatusFurtherDescription
0004 DT ApprovalStatusDateTime
0007 SQ ProductTypeCodeSequence
0008 LO 1-n ProductName
0009 LT ProductDescription
000A LO ProductLotIdentifier
000B DT ProductExpirationDateTime
0010 DT SubstanceAdministrationDateTime
0011 LO SubstanceAdministrationNotes
0012 LO SubstanceAdministrationDeviceID
0013 SQ ProductParameterSequence
0019 SQ SubstanceAdministrationParameterSequence
0100 SQ ApprovalSequence
0101 SQ AssertionCodeSequence
0102 UI AssertionUID
0103 SQ AsserterIdentificationSequence
0104 DT AssertionDateTime
0105 DT AssertionExpirationDateTime
0106 UT AssertionComments
0107 SQ RelatedAssertionSequence
0108 UI ReferencedAssertionUID
0109 SQ ApprovalSubjectSequence
010A SQ OrganizationalRoleCodeSequence
00460012 LO LensDescription
0014 SQ RightLensSequence
0015 SQ LeftLensSequence
0016 SQ UnspecifiedLateralityLensSequence
0018 SQ CylinderSequence
0028 SQ PrismSequence
0030 FD HorizontalPrismPower
0032 CS HorizontalPrismBase
0034 FD VerticalPrismPower
0036 CS VerticalPrismBase
0038 CS LensSegmentType
0040 FD OpticalTransmittance
0042 FD ChannelWidth
0044 FD PupilSize
0046 FD CornealSize
0047 SQ CornealSizeSequence
0050 SQ AutorefractionRightEyeSequence
0052 SQ AutorefractionLeftEyeSequence
0060 FD DistancePupillaryDistance
0062 FD NearPupillaryDistance
0063 FD IntermediatePupillaryDistance
0064 FD OtherPupillaryDistance
0070 SQ KeratometryRightEyeSequence
0071 SQ KeratometryLeftEyeSequence
0074 SQ SteepKeratometricAxisSequence
0075 FD RadiusOfCurvature
0076 FD KeratometricPower
0077 FD KeratometricAxis
0080 SQ FlatKeratometricAxisSequence
0092 CS BackgroundColor
0094 CS Optotype
0095 CS OptotypePresentation
0097 SQ SubjectiveRefractionRightEyeSequence
0098 SQ SubjectiveRefractionLeftEyeSequence
0100 SQ AddNearSequence
0101 SQ AddIntermediateSequence
0102 SQ AddOtherSequence
0104 FD AddPower
0106 FD ViewingDistance
0110 SQ CorneaMeasurementsSequence
0111 SQ SourceOfCorneaMeasurementDataCodeSequence
0112 SQ SteepCornealAxisSequence
0113 SQ FlatCornealAxisSequence
0114 FD CornealPower
0115 FD CornealAxis
0116 SQ CorneaMeasurementMethodCodeSequence
0117 FL RefractiveIndexOfCornea
0118 FL RefractiveIndexOfAqueousHumor
0121 SQ VisualAcuityTypeCodeSequence
0122 SQ VisualAcuityRightEyeSequence
0123 SQ VisualAcuityLeftEyeSequence
0124 SQ VisualAcuityBothEyesOpenSequence
0125 CS ViewingDistanceType
0135 SS 2 VisualAcuityModifiers
0137 FD DecimalVisualAcuity
0139 LO OptotypeDetailedDefinition
0145 SQ ReferencedRefractiveMeasurementsSequence
0146 FD SpherePower
0147 FD CylinderPower
0201 CS CornealTopographySurface
0202 FL 2 CornealVertexLocation
0203 FL PupilCentroidXCoordinate
0204 FL PupilCentroidYCoordinate
0205 FL EquivalentPupilRadius
0207 SQ CornealTopographyMapTypeCodeSequence
0208 IS 2-2n VerticesOfTheOutlineOfPupil
0210 SQ CornealTopographyMappingNormalsSequence
0211 SQ MaximumCornealCurvatureSequence
0212 FL MaximumCornealCurvature
0213 FL 2 MaximumCornealCurvatureLocation
0215 SQ MinimumKeratometricSequence
0218 SQ SimulatedKeratometricCylinderSequence
0220 FL AverageCornealPower
0224 FL CornealISValue
0227 FL AnalyzedArea
0230 FL SurfaceRegularityIndex
0232 FL SurfaceAsymmetryIndex
0234 FL CornealEccentricityIndex
0236 FL KeratoconusPredictionIndex
0238 FL DecimalPotentialVisualAcuity
0242 CS CornealTopographyMapQualityEvaluation
0244 SQ SourceImageCornealProcessedDataSequence
0247 FL 3 CornealPointLocation
0248 CS CornealPointEstimated
0249 FL AxialPower
0250 FL TangentialPower
0251 FL RefractivePower
0252 FL RelativeElevation
0253 FL CornealWavefront
00480001 FL ImagedVolumeWidth
0002 FL ImagedVolumeHeight
0003 FL ImagedVolumeDepth
0006 UL TotalPixelMatrixColumns
0007 UL TotalPixelMatrixRows
0008 SQ TotalPixelMatrixOriginSequence
0010 CS SpecimenLabelInImage
0011 CS FocusMethod
0012 CS ExtendedDepthOfField
0013 US NumberOfFocalPlanes
0014 FL DistanceBetweenFocalPlanes
0015 US 3 RecommendedAbsentPixelCIELabValue
0100 SQ IlluminatorTypeCodeSequence
0102 DS 6 ImageOrientationSlide
0105 SQ OpticalPathSequence
0106 SH OpticalPathIdentifier
0107 ST OpticalPathDescription
0108 SQ IlluminationColorCodeSequence
0110 SQ SpecimenReferenceSequence
0111 DS CondenserLensPower
0112 DS ObjectiveLensPower
0113 DS ObjectiveLensNumericalAperture
0114 CS ConfocalMode
0115 CS TissueLocation
0116 SQ ConfocalMicroscopyImageFrameTypeSequence
0117 FD ImageAcquisitionDepth
0120 SQ PaletteColorLookupTableSequence
0200 SQ ReferencedImageNavigationSequence R
0201 US 2 TopLeftHandCornerOfLocalizerArea R
0202 US 2 BottomRightHandCornerOfLocalizerArea R
0207 SQ OpticalPathIdentificationSequence
021A SQ PlanePositionSlideSequence
021E SL ColumnPositionInTotalImagePixelMatrix
021F SL RowPositionInTotalImagePixelMatrix
0301 CS PixelOriginInterpretation
0302 UL NumberOfOpticalPaths
0303 UL TotalPixelMatrixFocalPlanes
00500004 CS CalibrationImage
0010 SQ DeviceSequence
0012 SQ ContainerComponentTypeCodeSequence
0013 FD ContainerComponentThickness
0014 DS DeviceLength
0015 FD ContainerComponentWidth
0016 DS DeviceDiameter
0017 CS DeviceDiameterUnits
0018 DS DeviceVolume
0019 DS InterMarkerDistance
001A CS ContainerComponentMaterial
001B LO ContainerComponentID
001C FD ContainerComponentLength
001D FD ContainerComponentDiameter
001E LO ContainerComponentDescription
0020 LO DeviceDescription
0021 ST LongDeviceDescription
00520001 FL ContrastBolusIngredientPercentByVolume
0002 FD OCTFocalDistance
0003 FD BeamSpotSize
0004 FD EffectiveRefractiveIndex
0006 CS OCTAcquisitionDomain
0007 FD OCTOpticalCenterWavelength
0008 FD AxialResolution
0009 FD RangingDepth
0011 FD ALineRate
0012 US ALinesPerFrame
0013 FD CatheterRotationalRate
0014 FD ALinePixelSpacing
0016 SQ ModeOfPercutaneousAccessSequence
0025 SQ IntravascularOCTFrameTypeSequence
0026 CS OCTZOffsetApplied
0027 SQ IntravascularFrameContentSequence
0028 FD IntravascularLongitudinalDistance
0029 SQ IntravascularOCTFrameContentSequence
0030 SS OCTZOffsetCorrection
0031 CS CatheterDirectionOfRotation
0033 FD SeamLineLocation
0034 FD FirstALineLocation
0036 US SeamLineIndex
0038 US NumberOfPaddedALines
0039 CS InterpolationType
003A CS RefractiveIndexApplied
00540010 US 1-n EnergyWindowVector
0011 US NumberOfEnergyWindows
0012 SQ EnergyWindowInformationSequence
0013 SQ EnergyWindowRangeSequence
0014 DS EnergyWindowLowerLimit
0015 DS EnergyWindowUpperLimit
0016 SQ RadiopharmaceuticalInformationSequence
0017 IS ResidualSyringeCounts
0018 SH EnergyWindowName
0020 US 1-n DetectorVector
0021 US NumberOfDetectors
0022 SQ DetectorInformationSequence
0030 US 1-n PhaseVector
0031 US NumberOfPhases
0032 SQ PhaseInformationSequence
0033 US NumberOfFramesInPhase
0036 IS PhaseDelay
0038 IS PauseBetweenFrames
0039 CS PhaseDescription
0050 US 1-n RotationVector
0051 US NumberOfRotations
0052 SQ RotationInformationSequence
0053 US NumberOfFramesInRotation
0060 US 1-n RRIntervalVector
0061 US NumberOfRRIntervals
0062 SQ GatedInformationSequence
0063 SQ DataInformationSequence
0070 US 1-n TimeSlotVector
0071 US NumberOfTimeSlots
0072 SQ TimeSlotInformationSequence
0073 DS TimeSlotTime
0080 US 1-n SliceVector
0081 US NumberOfSlices
0090 US 1-n AngularViewVector
0100 US 1-n TimeSliceVector
0101 US NumberOfTimeSlices
0200 DS StartAngle
0202 CS TypeOfDetectorMotion
0210 IS 1-n TriggerVector
0211 US NumberOfTriggersInPhase
0220 SQ ViewCodeSequence
0222 SQ ViewModifierCodeSequence
0300 SQ RadionuclideCodeSequence
0302 SQ AdministrationRouteCodeSequence
0304 SQ RadiopharmaceuticalCodeSequence
0306 SQ CalibrationDataSequence
0308 US EnergyWindowNumber
0400 SH ImageID
0410 SQ PatientOrientationCodeSequence
0412 SQ PatientOrientationModifierCodeSequence
0414 SQ PatientGantryRelationshipCodeSequence
0500 CS SliceProgressionDirection
0501 CS ScanProgressionDirection
1000 CS 2 SeriesType
1001 CS Units
1002 CS CountsSource
1004 CS ReprojectionMethod
1006 CS SUVType
1100 CS RandomsCorrectionMethod
1101 LO AttenuationCorrectionMethod
1102 CS DecayCorrection
1103 LO ReconstructionMethod
1104 LO DetectorLinesOfResponseUsed
1105 LO ScatterCorrectionMethod
1200 DS AxialAcceptance
1201 IS 2 AxialMash
1202 IS TransverseMash
1203 DS 2 DetectorElementSize
1210 DS CoincidenceWindowWidth
1220 CS 1-n SecondaryCountsType
1300 DS FrameReferenceTime
1310 IS PrimaryPromptsCountsAccumulated
1311 IS 1-n SecondaryCountsAccumulated
1320 DS SliceSensitivityFactor
1321 DS DecayFactor
1322 DS DoseCalibrationFactor
1323 DS ScatterFractionFactor
1324 DS DeadTimeFactor
1330 US ImageIndex
1400 CS 1-n CountsIncluded R
1401 CS DeadTimeCorrectionFlag R
00603000 SQ HistogramSequence
3002 US HistogramNumberOfBins
3004 US/SS HistogramFirstBinValue
3006 US/SS HistogramLastBinValue
3008 US HistogramBinWidth
3010 LO HistogramExplanation
3020 UL 1-n HistogramData
00620001 CS SegmentationType
0002 SQ SegmentSequence
0003 SQ SegmentedPropertyCategoryCodeSequence
0004 US SegmentNumber
0005 LO SegmentLabel
0006 ST SegmentDescription
0007 SQ SegmentationAlgorithmIdentificationSequence
0008 CS SegmentAlgorithmType
0009 LO 1-n SegmentAlgorithmName
000A SQ SegmentIdentificationSequence
000B US 1-n ReferencedSegmentNumber
000C US RecommendedDisplayGrayscaleValue
000D US 3 RecommendedDisplayCIELabValue
000E US MaximumFractionalValue
000F SQ SegmentedPropertyTypeCodeSequence
0010 CS SegmentationFractionalType
0011 SQ SegmentedPropertyTypeModifierCodeSequence
0012 SQ UsedSegmentsSequence
0013 CS SegmentsOverlap
0020 UT TrackingID
0021 UI TrackingUID
00640002 SQ DeformableRegistrationSequence
0003 UI SourceFrameOfReferenceUID
0005 SQ DeformableRegistrationGridSequence
0007 UL 3 GridDimensions
0008 FD 3 GridResolution
0009 OF VectorGridData
000F SQ PreDeformationMatrixRegistrationSequence
0010 SQ PostDeformationMatrixRegistrationSequence
00660001 UL NumberOfSurfaces
0002 SQ SurfaceSequence
0003 UL SurfaceNumber
0004 LT SurfaceComments
0005 FL SurfaceOffset
0009 CS SurfaceProcessing
000A FL SurfaceProcessingRatio
000B LO SurfaceProcessingDescription
000C FL RecommendedPresentationOpacity
000D CS RecommendedPresentationType
000E CS FiniteVolume
0010 CS Manifold
0011 SQ SurfacePointsSequence
0012 SQ SurfacePointsNormalsSequence
0013 SQ SurfaceMeshPrimitivesSequence
0015 UL NumberOfSurfacePoints
0016 OF PointCoordinatesData
0017 FL 3 PointPositionAccuracy
0018 FL MeanPointDistance
0019 FL MaximumPointDistance
001A FL 6 PointsBoundingBoxCoordinates
001B FL 3 AxisOfRotation
001C FL 3 CenterOfRotation
001E UL NumberOfVectors
001F US VectorDimensionality
0020 FL 1-n VectorAccuracy
0021 OF VectorCoordinateData
0022 OD DoublePointCoordinatesData
0023 OW TrianglePointIndexList R
0024 OW EdgePointIndexList R
0025 OW VertexPointIndexList R
0026 SQ TriangleStripSequence
0027 SQ TriangleFanSequence
0028 SQ LineSequence
0029 OW PrimitivePointIndexList R
002A UL SurfaceCount
002B SQ ReferencedSurfaceSequence
002C UL ReferencedSurfaceNumber
002D SQ SegmentSurfaceGenerationAlgorithmIdentificationSequence
002E SQ SegmentSurfaceSourceInstanceSequence
002F SQ AlgorithmFamilyCodeSequence
0030 SQ AlgorithmNameCodeSequence
0031 LO AlgorithmVersion
0032 LT AlgorithmParameters
0034 SQ FacetSequence
0035 SQ SurfaceProcessingAlgorithmIdentificationSequence
0036 LO AlgorithmName
0037 FL RecommendedPointRadius
0038 FL RecommendedLineThickness
0040 OL LongPrimitivePointIndexList
0041 OL LongTrianglePointIndexList
0042 OL LongEdgePointIndexList
0043 OL LongVertexPointIndexList
0101 SQ TrackSetSequence
0102 SQ TrackSequence
0103 OW RecommendedDisplayCIELabValueList
0104 SQ TrackingAlgorithmIdentificationSequence
0105 UL TrackSetNumber
0106 LO TrackSetLabel
0107 UT TrackSetDescription
0108 SQ TrackSetAnatomicalTypeCodeSequence
0121 SQ MeasurementsSequence
0124 SQ TrackSetStatisticsSequence
0125 OF FloatingPointValues
0129 OL TrackPointIndexList
0130 SQ TrackStatisticsSequence
0132 SQ MeasurementValuesSequence
0133 SQ DiffusionAcquisitionCodeSequence
0134 SQ DiffusionModelCodeSequence
00686210 LO ImplantSize
6221 LO ImplantTemplateVersion
6222 SQ ReplacedImplantTemplateSequence
6223 CS ImplantType
6224 SQ DerivationImplantTemplateSequence
6225 SQ OriginalImplantTemplateSequence
6226 DT EffectiveDateTime
6230 SQ ImplantTargetAnatomySequence
6260 SQ InformationFromManufacturerSequence
6265 SQ NotificationFromManufacturerSequence
6270 DT InformationIssueDateTime
6280 ST InformationSummary
62A0 SQ ImplantRegulatoryDisapprovalCodeSequence
62A5 FD OverallTemplateSpatialTolerance
62C0 SQ HPGLDocumentSequence
62D0 US HPGLDocumentID
62D5 LO HPGLDocumentLabel
62E0 SQ ViewOrientationCodeSequence
62F0 SQ ViewOrientationModifierCodeSequence
62F2 FD HPGLDocumentScaling
6300 OB HPGLDocument
6310 US HPGLContourPenNumber
6320 SQ HPGLPenSequence
6330 US HPGLPenNumber
6340 LO HPGLPenLabel
6345 ST HPGLPenDescription
6346 FD 2 RecommendedRotationPoint
6347 FD 4 BoundingRectangle
6350 US 1-n ImplantTemplate3DModelSurfaceNumber
6360 SQ SurfaceModelDescriptionSequence
6380 LO SurfaceModelLabel
6390 FD SurfaceModelScalingFactor
63A0 SQ MaterialsCodeSequence
63A4 SQ CoatingMaterialsCodeSequence
63A8 SQ ImplantTypeCodeSequence
63AC SQ FixationMethodCodeSequence
63B0 SQ MatingFeatureSetsSequence
63C0 US MatingFeatureSetID
63D0 LO MatingFeatureSetLabel
63E0 SQ MatingFeatureSequence
63F0 US MatingFeatureID
6400 SQ MatingFeatureDegreeOfFreedomSequence
6410 US DegreeOfFreedomID
6420 CS DegreeOfFreedomType
6430 SQ TwoDMatingFeatureCoordinatesSequence
6440 US ReferencedHPGLDocumentID
6450 FD 2 TwoDMatingPoint
6460 FD 4 TwoDMatingAxes
6470 SQ TwoDDegreeOfFreedomSequence
6490 FD 3 ThreeDDegreeOfFreedomAxis
64A0 FD 2 RangeOfFreedom
64C0 FD 3 ThreeDMatingPoint
64D0 FD 9 ThreeDMatingAxes
64F0 FD 3 TwoDDegreeOfFreedomAxis
6500 SQ PlanningLandmarkPointSequence
6510 SQ PlanningLandmarkLineSequence
6520 SQ PlanningLandmarkPlaneSequence
6530 US PlanningLandmarkID
6540 LO PlanningLandmarkDescription
6545 SQ PlanningLandmarkIdentificationCodeSequence
6550 SQ TwoDPointCoordinatesSequence
6560 FD 2 TwoDPointCoordinates
6590 FD 3 ThreeDPointCoordinates
65A0 SQ TwoDLineCoordinatesSequence
65B0 FD 4 TwoDLineCoordinates
65D0 FD 6 ThreeDLineCoordinates
65E0 SQ TwoDPlaneCoordinatesSequence
65F0 FD 4 TwoDPlaneIntersection
6610 FD 3 ThreeDPlaneOrigin
6620 FD 3 ThreeDPlaneNormal
7001 CS ModelModification
7002 CS ModelMirroring
7003 SQ ModelUsageCodeSequence
7004 UI ModelGroupUID
7005 UR RelativeURIReferenceWithinEncapsulatedDocument
006A0001 CS AnnotationCoordinateType
0002 SQ AnnotationGroupSequence
0003 UI AnnotationGroupUID
0005 LO AnnotationGroupLabel
0006 UT AnnotationGroupDescription
0007 CS AnnotationGroupGenerationType
0008 SQ AnnotationGroupAlgorithmIdentificationSequence
0009 SQ AnnotationPropertyCategoryCodeSequence
000A SQ AnnotationPropertyTypeCodeSequence
000B SQ AnnotationPropertyTypeModifierCodeSequence
000C UL NumberOfAnnotations
000D CS AnnotationAppliesToAllOpticalPaths
000E SH 1-n ReferencedOpticalPathIdentifier
000F CS AnnotationAppliesToAllZPlanes
0010 FD 1-n CommonZCoordinateValue
0011 OL AnnotationIndexList
00700001 SQ GraphicAnnotationSequence
0002 CS GraphicLayer
0003 CS BoundingBoxAnnotationUnits
0004 CS AnchorPointAnnotationUnits
0005 CS GraphicAnnotationUnits
0006 ST UnformattedTextValue
0008 SQ TextObjectSequence
0009 SQ GraphicObjectSequence
0010 FL 2 BoundingBoxTopLeftHandCorner
0011 FL 2 BoundingBoxBottomRightHandCorner
0012 CS BoundingBoxTextHorizontalJustification
0014 FL 2 AnchorPoint
0015 CS AnchorPointVisibility
0020 US GraphicDimensions
0021 US NumberOfGraphicPoints
0022 FL 2-n GraphicData
0023 CS GraphicType
0024 CS GraphicFilled
0040 IS ImageRotationRetired R
0041 CS ImageHorizontalFlip
0042 US ImageRotation
0050 US 2 DisplayedAreaTopLeftHandCornerTrial R
0051 US 2 DisplayedAreaBottomRightHandCornerTrial R
0052 SL 2 DisplayedAreaTopLeftHandCorner
0053 SL 2 DisplayedAreaBottomRightHandCorner
005A SQ DisplayedAreaSelectionSequence
0060 SQ GraphicLayerSequence
0062 IS GraphicLayerOrder
0066 US GraphicLayerRecommendedDisplayGrayscaleValue
0067 US 3 GraphicLayerRecommendedDisplayRGBValue R
0068 LO GraphicLayerDescription
0080 CS ContentLabel
0081 LO ContentDescription
0082 DA PresentationCreationDate
0083 TM PresentationCreationTime
0084 PN ContentCreatorName
0086 SQ ContentCreatorIdentificationCodeSequence
0087 SQ AlternateContentDescriptionSequence
0100 CS PresentationSizeMode
0101 DS 2 PresentationPixelSpacing
0102 IS 2 PresentationPixelAspectRatio
0103 FL PresentationPixelMagnificationRatio
0207 LO GraphicGroupLabel
0208 ST GraphicGroupDescription
0209 SQ CompoundGraphicSequence
0226 UL CompoundGraphicInstanceID
0227 LO FontName
0228 CS FontNameType
0229 LO CSSFontName
0230 FD RotationAngle
0231 SQ TextStyleSequence
0232 SQ LineStyleSequence
0233 SQ FillStyleSequence
0234 SQ GraphicGroupSequence
0241 US 3 TextColorCIELabValue
0242 CS HorizontalAlignment
0243 CS VerticalAlignment
0244 CS ShadowStyle
0245 FL ShadowOffsetX
0246 FL ShadowOffsetY
0247 US 3 ShadowColorCIELabValue
0248 CS Underlined
0249 CS Bold
0250 CS Italic
0251 US 3 PatternOnColorCIELabValue
0252 US 3 PatternOffColorCIELabValue
0253 FL LineThickness
0254 CS LineDashingStyle
0255 UL LinePattern
0256 OB FillPattern
0257 CS FillMode
0258 FL ShadowOpacity
0261 FL GapLength
0262 FL DiameterOfVisibility
0273 FL 2 RotationPoint
0274 CS TickAlignment
0278 CS ShowTickLabel
0279 CS TickLabelAlignment
0282 CS CompoundGraphicUnits
0284 FL PatternOnOpacity
0285 FL PatternOffOpacity
0287 SQ MajorTicksSequence
0288 FL TickPosition
0289 SH TickLabel
0294 CS CompoundGraphicType
0295 UL GraphicGroupID
0306 CS ShapeType
0308 SQ RegistrationSequence
0309 SQ MatrixRegistrationSequence
030A SQ MatrixSequence
030B FD 16 FrameOfReferenceToDisplayedCoordinateSystemTransformationMatrix
030C CS FrameOfReferenceTransformationMatrixType
030D SQ RegistrationTypeCodeSequence
030F ST FiducialDescription
0310 SH FiducialIdentifier
0311 SQ FiducialIdentifierCodeSequence
0312 FD ContourUncertaintyRadius
0314 SQ UsedFiducialsSequence
0315 SQ UsedRTStructureSetROISequence
0318 SQ GraphicCoordinatesDataSequence
031A UI FiducialUID
031B UI ReferencedFiducialUID
031C SQ FiducialSetSequence
031E SQ FiducialSequence
031F SQ FiducialsPropertyCategoryCodeSequence
0401 US 3 GraphicLayerRecommendedDisplayCIELabValue
0402 SQ BlendingSequence
0403 FL RelativeOpacity
0404 SQ ReferencedSpatialRegistrationSequence
0405 CS BlendingPosition
1101 UI PresentationDisplayCollectionUID
1102 UI PresentationSequenceCollectionUID
1103 US PresentationSequencePositionIndex
1104 SQ RenderedImageReferenceSequence
1201 SQ VolumetricPresentationStateInputSequence
1202 CS PresentationInputType
1203 US InputSequencePositionIndex
1204 CS Crop
1205 US 1-n CroppingSpecificationIndex
1206 CS CompositingMethod R
1207 US VolumetricPresentationInputNumber
1208 CS ImageVolumeGeometry
1209 UI VolumetricPresentationInputSetUID
120A SQ VolumetricPresentationInputSetSequence
120B CS GlobalCrop
120C US 1-n GlobalCroppingSpecificationIndex
120D CS RenderingMethod
1301 SQ VolumeCroppingSequence
1302 CS VolumeCroppingMethod
1303 FD 6 BoundingBoxCrop
1304 SQ ObliqueCroppingPlaneSequence
1305 FD 4 Plane
1306 FD 3 PlaneNormal
1309 US CroppingSpecificationNumber
1501 CS MultiPlanarReconstructionStyle
1502 CS MPRThicknessType
1503 FD MPRSlabThickness
1505 FD 3 MPRTopLeftHandCorner
1507 FD 3 MPRViewWidthDirection
1508 FD MPRViewWidth
150C UL NumberOfVolumetricCurvePoints
150D OD VolumetricCurvePoints
1511 FD 3 MPRViewHeightDirection
1512 FD MPRViewHeight
1602 CS RenderProjection
1603 FD 3 ViewpointPosition
1604 FD 3 ViewpointLookAtPoint
1605 FD 3 ViewpointUpDirection
1606 FD 6 RenderFieldOfView
1607 FD SamplingStepSize
1701 CS ShadingStyle
1702 FD AmbientReflectionIntensity
1703 FD 3 LightDirection
1704 FD DiffuseReflectionIntensity
1705 FD SpecularReflectionIntensity
1706 FD Shininess
1801 SQ PresentationStateClassificationComponentSequence
1802 CS ComponentType
1803 SQ ComponentInputSequence
1804 US VolumetricPresentationInputIndex
1805 SQ PresentationStateCompositorComponentSequence
1806 SQ WeightingTransferFunctionSequence
1807 US 3 WeightingLookupTableDescriptor R
1808 OB WeightingLookupTableData R
1901 SQ VolumetricAnnotationSequence
1903 SQ ReferencedStructuredContextSequence
1904 UI ReferencedContentItem
1905 SQ VolumetricPresentationInputAnnotationSequence
1907 CS AnnotationClipping
1A01 CS PresentationAnimationStyle
1A03 FD RecommendedAnimationRate
1A04 SQ AnimationCurveSequence
1A05 FD AnimationStepSize
1A06 FD SwivelRange
1A07 OD VolumetricCurveUpDirections
1A08 SQ VolumeStreamSequence
1A09 LO RGBATransferFunctionDescription
1B01 SQ AdvancedBlendingSequence
1B02 US BlendingInputNumber
1B03 SQ BlendingDisplayInputSequence
1B04 SQ BlendingDisplaySequence
1B06 CS BlendingMode
1B07 CS TimeSeriesBlending
1B08 CS GeometryForDisplay
1B11 SQ ThresholdSequence
1B12 SQ ThresholdValueSequence
1B13 CS ThresholdType
1B14 FD ThresholdValue
00720002 SH HangingProtocolName
0004 LO HangingProtocolDescription
0006 CS HangingProtocolLevel
0008 LO HangingProtocolCreator
000A DT HangingProtocolCreationDateTime
000C SQ HangingProtocolDefinitionSequence
000E SQ HangingProtocolUserIdentificationCodeSequence
0010 LO HangingProtocolUserGroupName
0012 SQ SourceHangingProtocolSequence
0014 US NumberOfPriorsReferenced
0020 SQ ImageSetsSequence
0022 SQ ImageSetSelectorSequence
0024 CS ImageSetSelectorUsageFlag
0026 AT SelectorAttribute
0028 US SelectorValueNumber
0030 SQ TimeBasedImageSetsSequence
0032 US ImageSetNumber
0034 CS ImageSetSelectorCategory
0038 US 2 RelativeTime
003A CS RelativeTimeUnits
003C SS 2 AbstractPriorValue
003E SQ AbstractPriorCodeSequence
0040 LO ImageSetLabel
0050 CS SelectorAttributeVR
0052 AT 1-n SelectorSequencePointer
0054 LO 1-n SelectorSequencePointerPrivateCreator
0056 LO SelectorAttributePrivateCreator
005E AE 1-n SelectorAEValue
005F AS 1-n SelectorASValue
0060 AT 1-n SelectorATValue
0061 DA 1-n SelectorDAValue
0062 CS 1-n SelectorCSValue
0063 DT 1-n SelectorDTValue
0064 IS 1-n SelectorISValue
0065 OB SelectorOBValue
0066 LO 1-n SelectorLOValue
0067 OF SelectorOFValue
0068 LT SelectorLTValue
0069 OW SelectorOWValue
006A PN 1-n SelectorPNValue
006B TM 1-n SelectorTMValue
006C SH 1-n SelectorSHValue
006D UN SelectorUNValue
006E ST SelectorSTValue
006F UC 1-n SelectorUCValue
0070 UT SelectorUTValue
0071 UR SelectorURValue
0072 DS 1-n SelectorDSValue
0073 OD SelectorODValue
0074 FD 1-n SelectorFDValue
0075 OL SelectorOLValue
0076 FL 1-n SelectorFLValue
0078 UL 1-n SelectorULValue
007A US 1-n SelectorUSValue
007C SL 1-n SelectorSLValue
007E SS 1-n SelectorSSValue
007F UI 1-n SelectorUIValue
0080 SQ SelectorCodeSequenceValue
0081 OV SelectorOVValue
0082 SV 1-n SelectorSVValue
0083 UV 1-n SelectorUVValue
0100 US NumberOfScreens
0102 SQ NominalScreenDefinitionSequence
0104 US NumberOfVerticalPixels
0106 US NumberOfHorizontalPixels
0108 FD 4 DisplayEnvironmentSpatialPosition
010A US ScreenMinimumGrayscaleBitDepth
010C US ScreenMinimumColorBitDepth
010E US ApplicationMaximumRepaintTime
0200 SQ DisplaySetsSequence
0202 US DisplaySetNumber
0203 LO DisplaySetLabel
0204 US DisplaySetPresentationGroup
0206 LO DisplaySetPresentationGroupDescription
0208 CS PartialDataDisplayHandling
0210 SQ SynchronizedScrollingSequence
0212 US 2-n DisplaySetScrollingGroup
0214 SQ NavigationIndicatorSequence
0216 US NavigationDisplaySet
0218 US 1-n ReferenceDisplaySets
0300 SQ ImageBoxesSequence
0302 US ImageBoxNumber
0304 CS ImageBoxLayoutType
0306 US ImageBoxTileHorizontalDimension
0308 US ImageBoxTileVerticalDimension
0310 CS ImageBoxScrollDirection
0312 CS ImageBoxSmallScrollType
0314 US ImageBoxSmallScrollAmount
0316 CS ImageBoxLargeScrollType
0318 US ImageBoxLargeScrollAmount
0320 US ImageBoxOverlapPriority
0330 FD CineRelativeToRealTime
0400 SQ FilterOperationsSequence
0402 CS FilterByCategory
0404 CS FilterByAttributePresence
0406 CS FilterByOperator
0420 US 3 StructuredDisplayBackgroundCIELabValue
0421 US 3 EmptyImageBoxCIELabValue
0422 SQ StructuredDisplayImageBoxSequence
0424 SQ StructuredDisplayTextBoxSequence
0427 SQ ReferencedFirstFrameSequence
0430 SQ ImageBoxSynchronizationSequence
0432 US 2-n SynchronizedImageBoxList
0434 CS TypeOfSynchronization
0500 CS BlendingOperationType
0510 CS ReformattingOperationType
0512 FD ReformattingThickness
0514 FD ReformattingInterval
0516 CS ReformattingOperationInitialViewDirection
0520 CS 1-n ThreeDRenderingType
0600 SQ SortingOperationsSequence
0602 CS SortByCategory
0604 CS SortingDirection
0700 CS 2 DisplaySetPatientOrientation
0702 CS VOIType
0704 CS PseudoColorType
0705 SQ PseudoColorPaletteInstanceReferenceSequence
0706 CS ShowGrayscaleInverted
0710 CS ShowImageTrueSizeFlag
0712 CS ShowGraphicAnnotationFlag
0714 CS ShowPatientDemographicsFlag
0716 CS ShowAcquisitionTechniquesFlag
0717 CS DisplaySetHorizontalJustification
0718 CS DisplaySetVerticalJustification
00740120 FD ContinuationStartMeterset
0121 FD ContinuationEndMeterset
1000 CS ProcedureStepState
1002 SQ ProcedureStepProgressInformationSequence
1004 DS ProcedureStepProgress
1006 ST ProcedureStepProgressDescription
1007 SQ ProcedureStepProgressParametersSequence
1008 SQ ProcedureStepCommunicationsURISequence
100A UR ContactURI
100C LO ContactDisplayName
100E SQ ProcedureStepDiscontinuationReasonCodeSequence
1020 SQ BeamTaskSequence
1022 CS BeamTaskType
1024 IS BeamOrderIndexTrial R
1025 CS AutosequenceFlag
1026 FD TableTopVerticalAdjustedPosition
1027 FD TableTopLongitudinalAdjustedPosition
1028 FD TableTopLateralAdjustedPosition
102A FD PatientSupportAdjustedAngle
102B FD TableTopEccentricAdjustedAngle
102C FD TableTopPitchAdjustedAngle
102D FD TableTopRollAdjustedAngle
1030 SQ DeliveryVerificationImageSequence
1032 CS VerificationImageTiming
1034 CS DoubleExposureFlag
1036 CS DoubleExposureOrdering
1038 DS DoubleExposureMetersetTrial R
103A DS 4 DoubleExposureFieldDeltaTrial R
1040 SQ RelatedReferenceRTImageSequence
1042 SQ GeneralMachineVerificationSequence
1044 SQ ConventionalMachineVerificationSequence
1046 SQ IonMachineVerificationSequence
1048 SQ FailedAttributesSequence
104A SQ OverriddenAttributesSequence
104C SQ ConventionalControlPointVerificationSequence
104E SQ IonControlPointVerificationSequence
1050 SQ AttributeOccurrenceSequence
1052 AT AttributeOccurrencePointer
1054 UL AttributeItemSelector
1056 LO AttributeOccurrencePrivateCreator
1057 IS 1-n SelectorSequencePointerItems
1200 CS ScheduledProcedureStepPriority
1202 LO WorklistLabel
1204 LO ProcedureStepLabel
1210 SQ ScheduledProcessingParametersSequence
1212 SQ PerformedProcessingParametersSequence
1216 SQ UnifiedProcedureStepPerformedProcedureSequence
1220 SQ RelatedProcedureStepSequence R
1222 LO ProcedureStepRelationshipType R
1224 SQ ReplacedProcedureStepSequence
1230 LO DeletionLock
1234 AE ReceivingAE
1236 AE RequestingAE
1238 LT ReasonForCancellation
1242 CS SCPStatus
1244 CS SubscriptionListStatus
1246 CS UnifiedProcedureStepListStatus
1324 UL BeamOrderIndex
1338 FD DoubleExposureMeterset
133A FD 4 DoubleExposureFieldDelta
1401 SQ BrachyTaskSequence
1402 DS ContinuationStartTotalReferenceAirKerma
1403 DS ContinuationEndTotalReferenceAirKerma
1404 IS ContinuationPulseNumber
1405 SQ ChannelDeliveryOrderSequence
1406 IS ReferencedChannelNumber
1407 DS StartCumulativeTimeWeight
1408 DS EndCumulativeTimeWeight
1409 SQ OmittedChannelSequence
140A CS ReasonForChannelOmission
140B LO ReasonForChannelOmissionDescription
140C IS ChannelDeliveryOrderIndex
140D SQ ChannelDeliveryContinuationSequence
140E SQ OmittedApplicationSetupSequence
00760001 LO ImplantAssemblyTemplateName
0003 LO ImplantAssemblyTemplateIssuer
0006 LO ImplantAssemblyTemplateVersion
0008 SQ ReplacedImplantAssemblyTemplateSequence
000A CS ImplantAssemblyTemplateType
000C SQ OriginalImplantAssemblyTemplateSequence
000E SQ DerivationImplantAssemblyTemplateSequence
0010 SQ ImplantAssemblyTemplateTargetAnatomySequence
0020 SQ ProcedureTypeCodeSequence
0030 LO SurgicalTechnique
0032 SQ ComponentTypesSequence
0034 SQ ComponentTypeCodeSequence
0036 CS ExclusiveComponentType
0038 CS MandatoryComponentType
0040 SQ ComponentSequence
0055 US ComponentID
0060 SQ ComponentAssemblySequence
0070 US Component1ReferencedID
0080 US Component1ReferencedMatingFeatureSetID
0090 US Component1ReferencedMatingFeatureID
00A0 US Component2ReferencedID
00B0 US Component2ReferencedMatingFeatureSetID
00C0 US Component2ReferencedMatingFeatureID
00780001 LO ImplantTemplateGroupName
0010 ST ImplantTemplateGroupDescription
0020 LO ImplantTemplateGroupIssuer
0024 LO ImplantTemplateGroupVersion
0026 SQ ReplacedImplantTemplateGroupSequence
0028 SQ ImplantTemplateGroupTargetAnatomySequence
002A SQ ImplantTemplateGroupMembersSequence
002E US ImplantTemplateGroupMemberID
0050 FD 3 ThreeDImplantTemplateGroupMemberMatchingPoint
0060 FD 9 ThreeDImplantTemplateGroupMemberMatchingAxes
0070 SQ ImplantTemplateGroupMemberMatching2DCoordinatesSequence
0090 FD 2 TwoDImplantTemplateGroupMemberMatchingPoint
00A0 FD 4 TwoDImplantTemplateGroupMemberMatchingAxes
00B0 SQ ImplantTemplateGroupVariationDimensionSequence
00B2 LO ImplantTemplateGroupVariationDimensionName
00B4 SQ ImplantTemplateGroupVariationDimensionRankSequence
00B6 US ReferencedImplantTemplateGroupMemberID
00B8 US ImplantTemplateGroupVariationDimensionRank
00800001 SQ SurfaceScanAcquisitionTypeCodeSequence
0002 SQ SurfaceScanModeCodeSequence
0003 SQ RegistrationMethodCodeSequence
0004 FD ShotDurationTime
0005 FD ShotOffsetTime
0006 US 1-n SurfacePointPresentationValueData
0007 US 3-3n SurfacePointColorCIELabValueData
0008 SQ UVMappingSequence
0009 SH TextureLabel
0010 OF UValueData
0011 OF VValueData
0012 SQ ReferencedTextureSequence
0013 SQ ReferencedSurfaceDataSequence
00820001 CS AssessmentSummary
0003 UT AssessmentSummaryDescription
0004 SQ AssessedSOPInstanceSequence
0005 SQ ReferencedComparisonSOPInstanceSequence
0006 UL NumberOfAssessmentObservations
0007 SQ AssessmentObservationsSequence
0008 CS ObservationSignificance
000A UT ObservationDescription
000C SQ StructuredConstraintObservationSequence
0010 SQ AssessedAttributeValueSequence
0016 LO AssessmentSetID
0017 SQ AssessmentRequesterSequence
0018 LO SelectorAttributeName
0019 LO SelectorAttributeKeyword
0021 SQ AssessmentTypeCodeSequence
0022 SQ ObservationBasisCodeSequence
0023 LO AssessmentLabel
0032 CS ConstraintType
0033 UT SpecificationSelectionGuidance
0034 SQ ConstraintValueSequence
0035 SQ RecommendedDefaultValueSequence
0036 CS ConstraintViolationSignificance
0037 UT ConstraintViolationCondition
0038 CS ModifiableConstraintFlag
00880130 SH StorageMediaFileSetID
0140 UI StorageMediaFileSetUID
0200 SQ IconImageSequence
0904 LO TopicTitle R
0906 ST TopicSubject R
0910 LO TopicAuthor R
0912 LO 1-32 TopicKeywords R
01000410 CS SOPInstanceStatus
0420 DT SOPAuthorizationDateTime
0424 LT SOPAuthorizationComment
0426 LO AuthorizationEquipmentCertificationNumber
04000005 US MACIDNumber
0010 UI MACCalculationTransferSyntaxUID
0015 CS MACAlgorithm
0020 AT 1-n DataElementsSigned
0100 UI DigitalSignatureUID
0105 DT DigitalSignatureDateTime
0110 CS CertificateType
0115 OB CertificateOfSigner
0120 OB Signature
0305 CS CertifiedTimestampType
0310 OB CertifiedTimestamp
0315 FL  R
0401 SQ DigitalSignaturePurposeCodeSequence
0402 SQ ReferencedDigitalSignatureSequence
0403 SQ ReferencedSOPInstanceMACSequence
0404 OB MAC
0500 SQ EncryptedAttributesSequence
0510 UI EncryptedContentTransferSyntaxUID
0520 OB EncryptedContent
0550 SQ ModifiedAttributesSequence
0551 SQ NonconformingModifiedAttributesSequence
0552 OB NonconformingDataElementValue
0561 SQ OriginalAttributesSequence
0562 DT AttributeModificationDateTime
0563 LO ModifyingSystem
0564 LO SourceOfPreviousValues
0565 CS ReasonForTheAttributeModification
0600 CS InstanceOriginStatus
20000010 IS NumberOfCopies
001E SQ PrinterConfigurationSequence
0020 CS PrintPriority
0030 CS MediumType
0040 CS FilmDestination
0050 LO FilmSessionLabel
0060 IS MemoryAllocation
0061 IS MaximumMemoryAllocation
0062 CS ColorImagePrintingFlag R
0063 CS CollationFlag R
0065 CS AnnotationFlag R
0067 CS ImageOverlayFlag R
0069 CS PresentationLUTFlag R
006A CS ImageBoxPresentationLUTFlag R
00A0 US MemoryBitDepth
00A1 US PrintingBitDepth
00A2 SQ MediaInstalledSequence
00A4 SQ OtherMediaAvailableSequence
00A8 SQ SupportedImageDisplayFormatsSequence
0500 SQ ReferencedFilmBoxSequence
0510 SQ ReferencedStoredPrintSequence R
20100010 ST ImageDisplayFormat
0030 CS AnnotationDisplayFormatID
0040 CS FilmOrientation
0050 CS FilmSizeID
0052 CS PrinterResolutionID
0054 CS DefaultPrinterResolutionID
0060 CS MagnificationType
0080 CS SmoothingType
00A6 CS DefaultMagnificationType
00A7 CS 1-n OtherMagnificationTypesAvailable
00A8 CS DefaultSmoothingType
00A9 CS 1-n OtherSmoothingTypesAvailable
0100 CS BorderDensity
0110 CS EmptyImageDensity
0120 US MinDensity
0130 US MaxDensity
0140 CS Trim
0150 ST ConfigurationInformation
0152 LT ConfigurationInformationDescription
0154 IS MaximumCollatedFilms
015E US Illumination
0160 US ReflectedAmbientLight
0376 DS 2 PrinterPixelSpacing
0500 SQ ReferencedFilmSessionSequence
0510 SQ ReferencedImageBoxSequence
0520 SQ ReferencedBasicAnnotationBoxSequence
20200010 US ImageBoxPosition
0020 CS Polarity
0030 DS RequestedImageSize
0040 CS RequestedDecimateCropBehavior
0050 CS RequestedResolutionID
00A0 CS RequestedImageSizeFlag
00A2 CS DecimateCropResult
0110 SQ BasicGrayscaleImageSequence
0111 SQ BasicColorImageSequence
0130 SQ ReferencedImageOverlayBoxSequence R
0140 SQ ReferencedVOILUTBoxSequence R
20300010 US AnnotationPosition
0020 LO TextString
20400010 SQ ReferencedOverlayPlaneSequence R
0011 US 1-99 ReferencedOverlayPlaneGroups R
0020 SQ OverlayPixelDataSequence R
0060 CS OverlayMagnificationType R
0070 CS OverlaySmoothingType R
0072 CS OverlayOrImageMagnification R
0074 US MagnifyToNumberOfColumns R
0080 CS OverlayForegroundDensity R
0082 CS OverlayBackgroundDensity R
0090 CS OverlayMode R
0100 CS ThresholdDensity R
0500 SQ ReferencedImageBoxSequenceRetired R
20500010 SQ PresentationLUTSequence
0020 CS PresentationLUTShape
0500 SQ ReferencedPresentationLUTSequence
21000010 SH PrintJobID R
0020 CS ExecutionStatus
0030 CS ExecutionStatusInfo
0040 DA CreationDate
0050 TM CreationTime
0070 AE Originator
0140 AE DestinationAE
0160 SH OwnerID
0170 IS NumberOfFilms
0500 SQ ReferencedPrintJobSequencePullStoredPrint R
21100010 CS PrinterStatus
0020 CS PrinterStatusInfo
0030 LO PrinterName
0099 SH PrintQueueID R
21200010 CS QueueStatus R
0050 SQ PrintJobDescriptionSequence R
0070 SQ ReferencedPrintJobSequence R
21300010 SQ PrintManagementCapabilitiesSequence R
0015 SQ PrinterCharacteristicsSequence R
0030 SQ FilmBoxContentSequence R
0040 SQ ImageBoxContentSequence R
0050 SQ AnnotationContentSequence R
0060 SQ ImageOverlayBoxContentSequence R
0080 SQ PresentationLUTContentSequence R
00A0 SQ ProposedStudySequence
00C0 SQ OriginalImageSequence
22000001 CS LabelUsingInformationExtractedFromInstances
0002 UT LabelText
0003 CS LabelStyleSelection
0004 LT MediaDisposition
0005 LT BarcodeValue
0006 CS BarcodeSymbology
0007 CS AllowMediaSplitting
0008 CS IncludeNonDICOMObjects
0009 CS IncludeDisplayApplication
000A CS PreserveCompositeInstancesAfterMediaCreation
000B US TotalNumberOfPiecesOfMediaCreated
000C LO RequestedMediaApplicationProfile
000D SQ ReferencedStorageMediaSequence
000E AT 1-n FailureAttributes
000F CS AllowLossyCompression
0020 CS RequestPriority
30020002 SH RTImageLabel
0003 LO RTImageName
0004 ST RTImageDescription
000A CS ReportedValuesOrigin
000C CS RTImagePlane
000D DS 3 XRayImageReceptorTranslation
000E DS XRayImageReceptorAngle
0010 DS 6 RTImageOrientation
0011 DS 2 ImagePlanePixelSpacing
0012 DS 2 RTImagePosition
0020 SH RadiationMachineName
0022 DS RadiationMachineSAD
0024 DS RadiationMachineSSD
0026 DS RTImageSID
0028 DS SourceToReferenceObjectDistance
0029 IS FractionNumber
0030 SQ ExposureSequence
0032 DS MetersetExposure
0034 DS 4 DiaphragmPosition
0040 SQ FluenceMapSequence
0041 CS FluenceDataSource
0042 DS FluenceDataScale
0050 SQ PrimaryFluenceModeSequence
0051 CS FluenceMode
0052 SH FluenceModeID
0100 IS SelectedFrameNumber
0101 SQ SelectedFrameFunctionalGroupsSequence
0102 SQ RTImageFrameGeneralContentSequence
0103 SQ RTImageFrameContextSequence
0104 SQ RTImageScopeSequence
0105 CS BeamModifierCoordinatesPresenceFlag
0106 FD StartCumulativeMeterset
0107 FD StopCumulativeMeterset
0108 SQ RTAcquisitionPatientPositionSequence
0109 SQ RTImageFrameImagingDevicePositionSequence
010A SQ RTImageFramekVRadiationAcquisitionSequence
010B SQ RTImageFrameMVRadiationAcquisitionSequence
010C SQ RTImageFrameRadiationAcquisitionSequence
010D SQ ImagingSourcePositionSequence
010E SQ ImageReceptorPositionSequence
010F FD 16 DevicePositionToEquipmentMappingMatrix
0110 SQ DevicePositionParameterSequence
0111 CS ImagingSourceLocationSpecificationType
0112 SQ ImagingDeviceLocationMatrixSequence
0113 SQ ImagingDeviceLocationParameterSequence
0114 SQ ImagingApertureSequence
0115 CS ImagingApertureSpecificationType
0116 US NumberOfAcquisitionDevices
0117 SQ AcquisitionDeviceSequence
0118 SQ AcquisitionTaskSequence
0119 SQ AcquisitionTaskWorkitemCodeSequence
011A SQ AcquisitionSubtaskSequence
011B SQ SubtaskWorkitemCodeSequence
011C US AcquisitionTaskIndex
011D US AcquisitionSubtaskIndex
011E SQ ReferencedBaselineParametersRTRadiationInstanceSequence
011F SQ PositionAcquisitionTemplateIdentificationSequence
0120 ST PositionAcquisitionTemplateID
0121 LO PositionAcquisitionTemplateName
0122 SQ PositionAcquisitionTemplateCodeSequence
0123 LT PositionAcquisitionTemplateDescription
0124 SQ AcquisitionTaskApplicabilitySequence
0125 SQ ProjectionImagingAcquisitionParameterSequence
0126 SQ CTImagingAcquisitionParameterSequence
0127 SQ KVImagingGenerationParametersSequence
0128 SQ MVImagingGenerationParametersSequence
0129 CS AcquisitionSignalType
012A CS AcquisitionMethod
012B SQ ScanStartPositionSequence
012C SQ ScanStopPositionSequence
012D FD ImagingSourceToBeamModifierDefinitionPlaneDistance
012E CS ScanArcType
012F CS DetectorPositioningType
0130 SQ AdditionalRTAccessoryDeviceSequence
0131 SQ DeviceSpecificAcquisitionParameterSequence
0132 SQ ReferencedPositionReferenceInstanceSequence
0133 SQ EnergyDerivationCodeSequence
0134 FD MaximumCumulativeMetersetExposure
0135 SQ AcquisitionInitiationSequence
0136 SQ RTConeBeamImagingGeometrySequence
30040001 CS DVHType
0002 CS DoseUnits
0004 CS DoseType
0005 CS SpatialTransformOfDose
0006 LO DoseComment
0008 DS 3 NormalizationPoint
000A CS DoseSummationType
000C DS 2-n GridFrameOffsetVector
000E DS DoseGridScaling
0010 SQ RTDoseROISequence R
0012 DS DoseValue R
0014 CS 1-3 TissueHeterogeneityCorrection
0040 DS 3 DVHNormalizationPoint
0042 DS DVHNormalizationDoseValue
0050 SQ DVHSequence
0052 DS DVHDoseScaling
0054 CS DVHVolumeUnits
0056 IS DVHNumberOfBins
0058 DS 2-2n DVHData
0060 SQ DVHReferencedROISequence
0062 CS DVHROIContributionType
0070 DS DVHMinimumDose
0072 DS DVHMaximumDose
0074 DS DVHMeanDose
30060002 SH StructureSetLabel
0004 LO StructureSetName
0006 ST StructureSetDescription
0008 DA StructureSetDate
0009 TM StructureSetTime
0010 SQ ReferencedFrameOfReferenceSequence
0012 SQ RTReferencedStudySequence
0014 SQ RTReferencedSeriesSequence
0016 SQ ContourImageSequence
0018 SQ PredecessorStructureSetSequence
0020 SQ StructureSetROISequence
0022 IS ROINumber
0024 UI ReferencedFrameOfReferenceUID
0026 LO ROIName
0028 ST ROIDescription
002A IS 3 ROIDisplayColor
002C DS ROIVolume
002D DT ROIDateTime
002E DT ROIObservationDateTime
0030 SQ RTRelatedROISequence
0033 CS RTROIRelationship
0036 CS ROIGenerationAlgorithm
0037 SQ ROIDerivationAlgorithmIdentificationSequence
0038 LO ROIGenerationDescription
0039 SQ ROIContourSequence
0040 SQ ContourSequence
0042 CS ContourGeometricType
0044 DS ContourSlabThickness R
0045 DS 3 ContourOffsetVector R
0046 IS NumberOfContourPoints
0048 IS ContourNumber
0049 IS 1-n AttachedContours R
004A SQ SourcePixelPlanesCharacteristicsSequence
004B SQ SourceSeriesSequence
004C SQ SourceSeriesInformationSequence
004D SQ ROICreatorSequence
004E SQ ROIInterpreterSequence
004F SQ ROIObservationContextCodeSequence
0050 DS 3-3n ContourData
0080 SQ RTROIObservationsSequence
0082 IS ObservationNumber
0084 IS ReferencedROINumber
0085 SH ROIObservationLabel R
0086 SQ RTROIIdentificationCodeSequence
0088 ST ROIObservationDescription R
00A0 SQ RelatedRTROIObservationsSequence
00A4 CS RTROIInterpretedType
00A6 PN ROIInterpreter
00B0 SQ ROIPhysicalPropertiesSequence
00B2 CS ROIPhysicalProperty
00B4 DS ROIPhysicalPropertyValue
00B6 SQ ROIElementalCompositionSequence
00B7 US ROIElementalCompositionAtomicNumber
00B8 FL ROIElementalCompositionAtomicMassFraction
00B9 SQ AdditionalRTROIIdentificationCodeSequence R
00C0 SQ FrameOfReferenceRelationshipSequence R
00C2 UI RelatedFrameOfReferenceUID R
00C4 CS FrameOfReferenceTransformationType R
00C6 DS 16 FrameOfReferenceTransformationMatrix
00C8 LO FrameOfReferenceTransformationComment
00C9 SQ PatientLocationCoordinatesSequence
00CA SQ PatientLocationCoordinatesCodeSequence
00CB SQ PatientSupportPositionSequence
30080010 SQ MeasuredDoseReferenceSequence
0012 ST MeasuredDoseDescription
0014 CS MeasuredDoseType
0016 DS MeasuredDoseValue
0020 SQ TreatmentSessionBeamSequence
0021 SQ TreatmentSessionIonBeamSequence
0022 IS CurrentFractionNumber
0024 DA TreatmentControlPointDate
0025 TM TreatmentControlPointTime
002A CS TreatmentTerminationStatus
002B SH TreatmentTerminationCode R
002C CS TreatmentVerificationStatus
0030 SQ ReferencedTreatmentRecordSequence
0032 DS SpecifiedPrimaryMeterset
0033 DS SpecifiedSecondaryMeterset
0036 DS DeliveredPrimaryMeterset
0037 DS DeliveredSecondaryMeterset
003A DS SpecifiedTreatmentTime
003B DS DeliveredTreatmentTime
0040 SQ ControlPointDeliverySequence
0041 SQ IonControlPointDeliverySequence
0042 DS SpecifiedMeterset
0044 DS DeliveredMeterset
0045 FL MetersetRateSet
0046 FL MetersetRateDelivered
0047 FL 1-n ScanSpotMetersetsDelivered
0048 DS DoseRateDelivered
0050 SQ TreatmentSummaryCalculatedDoseReferenceSequence
0052 DS CumulativeDoseToDoseReference
0054 DA FirstTreatmentDate
0056 DA MostRecentTreatmentDate
005A IS NumberOfFractionsDelivered
0060 SQ OverrideSequence
0061 AT ParameterSequencePointer
0062 AT OverrideParameterPointer
0063 IS ParameterItemIndex
0064 IS MeasuredDoseReferenceNumber
0065 AT ParameterPointer
0066 ST OverrideReason
0067 US ParameterValueNumber
0068 SQ CorrectedParameterSequence
006A FL CorrectionValue
0070 SQ CalculatedDoseReferenceSequence
0072 IS CalculatedDoseReferenceNumber
0074 ST CalculatedDoseReferenceDescription
0076 DS CalculatedDoseReferenceDoseValue
0078 DS StartMeterset
007A DS EndMeterset
0080 SQ ReferencedMeasuredDoseReferenceSequence
0082 IS ReferencedMeasuredDoseReferenceNumber
0090 SQ ReferencedCalculatedDoseReferenceSequence
0092 IS ReferencedCalculatedDoseReferenceNumber
00A0 SQ BeamLimitingDeviceLeafPairsSequence
00A1 SQ EnhancedRTBeamLimitingDeviceSequence
00A2 SQ EnhancedRTBeamLimitingOpeningSequence
00A3 CS EnhancedRTBeamLimitingDeviceDefinitionFlag
00A4 FD 2-2n ParallelRTBeamDelimiterOpeningExtents
00B0 SQ RecordedWedgeSequence
00C0 SQ RecordedCompensatorSequence
00D0 SQ RecordedBlockSequence
00D1 SQ RecordedBlockSlabSequence
00E0 SQ TreatmentSummaryMeasuredDoseReferenceSequence
00F0 SQ RecordedSnoutSequence
00F2 SQ RecordedRangeShifterSequence
00F4 SQ RecordedLateralSpreadingDeviceSequence
00F6 SQ RecordedRangeModulatorSequence
0100 SQ RecordedSourceSequence
0105 LO SourceSerialNumber
0110 SQ TreatmentSessionApplicationSetupSequence
0116 CS ApplicationSetupCheck
0120 SQ RecordedBrachyAccessoryDeviceSequence
0122 IS ReferencedBrachyAccessoryDeviceNumber
0130 SQ RecordedChannelSequence
0132 DS SpecifiedChannelTotalTime
0134 DS DeliveredChannelTotalTime
0136 IS SpecifiedNumberOfPulses
0138 IS DeliveredNumberOfPulses
013A DS SpecifiedPulseRepetitionInterval
013C DS DeliveredPulseRepetitionInterval
0140 SQ RecordedSourceApplicatorSequence
0142 IS ReferencedSourceApplicatorNumber
0150 SQ RecordedChannelShieldSequence
0152 IS ReferencedChannelShieldNumber
0160 SQ BrachyControlPointDeliveredSequence
0162 DA SafePositionExitDate
0164 TM SafePositionExitTime
0166 DA SafePositionReturnDate
0168 TM SafePositionReturnTime
0171 SQ PulseSpecificBrachyControlPointDeliveredSequence
0172 US PulseNumber
0173 SQ BrachyPulseControlPointDeliveredSequence
0200 CS CurrentTreatmentStatus
0202 ST TreatmentStatusComment
0220 SQ FractionGroupSummarySequence
0223 IS ReferencedFractionNumber
0224 CS FractionGroupType
0230 CS BeamStopperPosition
0240 SQ FractionStatusSummarySequence
0250 DA TreatmentDate
0251 TM TreatmentTime
300A0002 SH RTPlanLabel
0003 LO RTPlanName
0004 ST RTPlanDescription
0006 DA RTPlanDate
0007 TM RTPlanTime
0009 LO 1-n TreatmentProtocols
000A CS PlanIntent
000B LO 1-n TreatmentSites R
000C CS RTPlanGeometry
000E ST PrescriptionDescription
0010 SQ DoseReferenceSequence
0012 IS DoseReferenceNumber
0013 UI DoseReferenceUID
0014 CS DoseReferenceStructureType
0015 CS NominalBeamEnergyUnit
0016 LO DoseReferenceDescription
0018 DS 3 DoseReferencePointCoordinates
001A DS NominalPriorDose
0020 CS DoseReferenceType
0021 DS ConstraintWeight
0022 DS DeliveryWarningDose
0023 DS DeliveryMaximumDose
0025 DS TargetMinimumDose
0026 DS TargetPrescriptionDose
0027 DS TargetMaximumDose
0028 DS TargetUnderdoseVolumeFraction
002A DS OrganAtRiskFullVolumeDose
002B DS OrganAtRiskLimitDose
002C DS OrganAtRiskMaximumDose
002D DS OrganAtRiskOverdoseVolumeFraction
0040 SQ ToleranceTableSequence
0042 IS ToleranceTableNumber
0043 SH ToleranceTableLabel
0044 DS GantryAngleTolerance
0046 DS BeamLimitingDeviceAngleTolerance
0048 SQ BeamLimitingDeviceToleranceSequence
004A DS BeamLimitingDevicePositionTolerance
004B FL SnoutPositionTolerance
004C DS PatientSupportAngleTolerance
004E DS TableTopEccentricAngleTolerance
004F FL TableTopPitchAngleTolerance
0050 FL TableTopRollAngleTolerance
0051 DS TableTopVerticalPositionTolerance
0052 DS TableTopLongitudinalPositionTolerance
0053 DS TableTopLateralPositionTolerance
0054 UI TableTopPositionAlignmentUID
0055 CS RTPlanRelationship
0070 SQ FractionGroupSequence
0071 IS FractionGroupNumber
0072 LO FractionGroupDescription
0078 IS NumberOfFractionsPlanned
0079 IS NumberOfFractionPatternDigitsPerDay
007A IS RepeatFractionCycleLength
007B LT FractionPattern
0080 IS NumberOfBeams
0082 DS 3 BeamDoseSpecificationPoint R
0083 UI ReferencedDoseReferenceUID
0084 DS BeamDose
0086 DS BeamMeterset
0088 FL BeamDosePointDepth
0089 FL BeamDosePointEquivalentDepth
008A FL BeamDosePointSSD
008B CS BeamDoseMeaning
008C SQ BeamDoseVerificationControlPointSequence
008D FL AverageBeamDosePointDepth R
008E FL AverageBeamDosePointEquivalentDepth R
008F FL AverageBeamDosePointSSD R
0090 CS BeamDoseType
0091 DS AlternateBeamDose
0092 CS AlternateBeamDoseType
0093 CS DepthValueAveragingFlag
0094 DS BeamDosePointSourceToExternalContourDistance
00A0 IS NumberOfBrachyApplicationSetups
00A2 DS 3 BrachyApplicationSetupDoseSpecificationPoint
00A4 DS BrachyApplicationSetupDose
00B0 SQ BeamSequence
00B2 SH TreatmentMachineName
00B3 CS PrimaryDosimeterUnit
00B4 DS SourceAxisDistance
00B6 SQ BeamLimitingDeviceSequence
00B8 CS RTBeamLimitingDeviceType
00BA DS SourceToBeamLimitingDeviceDistance
00BB FL IsocenterToBeamLimitingDeviceDistance
00BC IS NumberOfLeafJawPairs
00BE DS 3-n LeafPositionBoundaries
00C0 IS BeamNumber
00C2 LO BeamName
00C3 ST BeamDescription
00C4 CS BeamType
00C5 FD BeamDeliveryDurationLimit
00C6 CS RadiationType
00C7 CS HighDoseTechniqueType
00C8 IS ReferenceImageNumber
00CA SQ PlannedVerificationImageSequence
00CC LO 1-n ImagingDeviceSpecificAcquisitionParameters
00CE CS TreatmentDeliveryType
00D0 IS NumberOfWedges
00D1 SQ WedgeSequence
00D2 IS WedgeNumber
00D3 CS WedgeType
00D4 SH WedgeID
00D5 IS WedgeAngle
00D6 DS WedgeFactor
00D7 FL TotalWedgeTrayWaterEquivalentThickness
00D8 DS WedgeOrientation
00D9 FL IsocenterToWedgeTrayDistance
00DA DS SourceToWedgeTrayDistance
00DB FL WedgeThinEdgePosition
00DC SH BolusID
00DD ST BolusDescription
00DE DS EffectiveWedgeAngle
00E0 IS NumberOfCompensators
00E1 SH MaterialID
00E2 DS TotalCompensatorTrayFactor
00E3 SQ CompensatorSequence
00E4 IS CompensatorNumber
00E5 SH CompensatorID
00E6 DS SourceToCompensatorTrayDistance
00E7 IS CompensatorRows
00E8 IS CompensatorColumns
00E9 DS 2 CompensatorPixelSpacing
00EA DS 2 CompensatorPosition
00EB DS 1-n CompensatorTransmissionData
00EC DS 1-n CompensatorThicknessData
00ED IS NumberOfBoli
00EE CS CompensatorType
00EF SH CompensatorTrayID
00F0 IS NumberOfBlocks
00F2 DS TotalBlockTrayFactor
00F3 FL TotalBlockTrayWaterEquivalentThickness
00F4 SQ BlockSequence
00F5 SH BlockTrayID
00F6 DS SourceToBlockTrayDistance
00F7 FL IsocenterToBlockTrayDistance
00F8 CS BlockType
00F9 LO AccessoryCode
00FA CS BlockDivergence
00FB CS BlockMountingPosition
00FC IS BlockNumber
00FE LO BlockName
0100 DS BlockThickness
0102 DS BlockTransmission
0104 IS BlockNumberOfPoints
0106 DS 2-2n BlockData
0107 SQ ApplicatorSequence
0108 SH ApplicatorID
0109 CS ApplicatorType
010A LO ApplicatorDescription
010C DS CumulativeDoseReferenceCoefficient
010E DS FinalCumulativeMetersetWeight
0110 IS NumberOfControlPoints
0111 SQ ControlPointSequence
0112 IS ControlPointIndex
0114 DS NominalBeamEnergy
0115 DS DoseRateSet
0116 SQ WedgePositionSequence
0118 CS WedgePosition
011A SQ BeamLimitingDevicePositionSequence
011C DS 2-2n LeafJawPositions
011E DS GantryAngle
011F CS GantryRotationDirection
0120 DS BeamLimitingDeviceAngle
0121 CS BeamLimitingDeviceRotationDirection
0122 DS PatientSupportAngle
0123 CS PatientSupportRotationDirection
0124 DS TableTopEccentricAxisDistance
0125 DS TableTopEccentricAngle
0126 CS TableTopEccentricRotationDirection
0128 DS TableTopVerticalPosition
0129 DS TableTopLongitudinalPosition
012A DS TableTopLateralPosition
012C DS 3 IsocenterPosition
012E DS 3 SurfaceEntryPoint
0130 DS SourceToSurfaceDistance
0131 FL AverageBeamDosePointSourceToExternalContourDistance
0132 FL SourceToExternalContourDistance
0133 FL 3 ExternalContourEntryPoint
0134 DS CumulativeMetersetWeight
0135 OB  R
0140 FL TableTopPitchAngle
0142 CS TableTopPitchRotationDirection
0144 FL TableTopRollAngle
0146 CS TableTopRollRotationDirection
0148 FL HeadFixationAngle
014A FL GantryPitchAngle
014C CS GantryPitchRotationDirection
014E FL GantryPitchAngleTolerance
0150 CS FixationEye
0151 DS ChairHeadFramePosition
0152 DS HeadFixationAngleTolerance
0153 DS ChairHeadFramePositionTolerance
0154 DS FixationLightAzimuthalAngleTolerance
0155 DS FixationLightPolarAngleTolerance
0180 SQ PatientSetupSequence
0182 IS PatientSetupNumber
0183 LO PatientSetupLabel
0184 LO PatientAdditionalPosition
0190 SQ FixationDeviceSequence
0192 CS FixationDeviceType
0194 SH FixationDeviceLabel
0196 ST FixationDeviceDescription
0198 SH FixationDevicePosition
0199 FL FixationDevicePitchAngle
019A FL FixationDeviceRollAngle
01A0 SQ ShieldingDeviceSequence
01A2 CS ShieldingDeviceType
01A4 SH ShieldingDeviceLabel
01A6 ST ShieldingDeviceDescription
01A8 SH ShieldingDevicePosition
01B0 CS SetupTechnique
01B2 ST SetupTechniqueDescription
01B4 SQ SetupDeviceSequence
01B6 CS SetupDeviceType
01B8 SH SetupDeviceLabel
01BA ST SetupDeviceDescription
01BC DS SetupDeviceParameter
01D0 ST SetupReferenceDescription
01D2 DS TableTopVerticalSetupDisplacement
01D4 DS TableTopLongitudinalSetupDisplacement
01D6 DS TableTopLateralSetupDisplacement
0200 CS BrachyTreatmentTechnique
0202 CS BrachyTreatmentType
0206 SQ TreatmentMachineSequence
0210 SQ SourceSequence
0212 IS SourceNumber
0214 CS SourceType
0216 LO SourceManufacturer
0218 DS ActiveSourceDiameter
021A DS ActiveSourceLength
021B SH SourceModelID
021C LO SourceDescription
0222 DS SourceEncapsulationNominalThickness
0224 DS SourceEncapsulationNominalTransmission
0226 LO SourceIsotopeName
0228 DS SourceIsotopeHalfLife
0229 CS SourceStrengthUnits
022A DS ReferenceAirKermaRate
022B DS SourceStrength
022C DA SourceStrengthReferenceDate
022E TM SourceStrengthReferenceTime
0230 SQ ApplicationSetupSequence
0232 CS ApplicationSetupType
0234 IS ApplicationSetupNumber
0236 LO ApplicationSetupName
0238 LO ApplicationSetupManufacturer
0240 IS TemplateNumber
0242 SH TemplateType
0244 LO TemplateName
0250 DS TotalReferenceAirKerma
0260 SQ BrachyAccessoryDeviceSequence
0262 IS BrachyAccessoryDeviceNumber
0263 SH BrachyAccessoryDeviceID
0264 CS BrachyAccessoryDeviceType
0266 LO BrachyAccessoryDeviceName
026A DS BrachyAccessoryDeviceNominalThickness
026C DS BrachyAccessoryDeviceNominalTransmission
0271 DS ChannelEffectiveLength
0272 DS ChannelInnerLength
0273 SH AfterloaderChannelID
0274 DS SourceApplicatorTipLength
0280 SQ ChannelSequence
0282 IS ChannelNumber
0284 DS ChannelLength
0286 DS ChannelTotalTime
0288 CS SourceMovementType
028A IS NumberOfPulses
028C DS PulseRepetitionInterval
0290 IS SourceApplicatorNumber
0291 SH SourceApplicatorID
0292 CS SourceApplicatorType
0294 LO SourceApplicatorName
0296 DS SourceApplicatorLength
0298 LO SourceApplicatorManufacturer
029C DS SourceApplicatorWallNominalThickness
029E DS SourceApplicatorWallNominalTransmission
02A0 DS SourceApplicatorStepSize
02A1 IS ApplicatorShapeReferencedROINumber
02A2 IS TransferTubeNumber
02A4 DS TransferTubeLength
02B0 SQ ChannelShieldSequence
02B2 IS ChannelShieldNumber
02B3 SH ChannelShieldID
02B4 LO ChannelShieldName
02B8 DS ChannelShieldNominalThickness
02BA DS ChannelShieldNominalTransmission
02C8 DS FinalCumulativeTimeWeight
02D0 SQ BrachyControlPointSequence
02D2 DS ControlPointRelativePosition
02D4 DS 3 ControlPoint3DPosition
02D6 DS CumulativeTimeWeight
02E0 CS CompensatorDivergence
02E1 CS CompensatorMountingPosition
02E2 DS 1-n SourceToCompensatorDistance
02E3 FL TotalCompensatorTrayWaterEquivalentThickness
02E4 FL IsocenterToCompensatorTrayDistance
02E5 FL CompensatorColumnOffset
02E6 FL 1-n IsocenterToCompensatorDistances
02E7 FL CompensatorRelativeStoppingPowerRatio
02E8 FL CompensatorMillingToolDiameter
02EA SQ IonRangeCompensatorSequence
02EB LT CompensatorDescription
0302 IS RadiationMassNumber
0304 IS RadiationAtomicNumber
0306 SS RadiationChargeState
0308 CS ScanMode
0309 CS ModulatedScanModeType
030A FL 2 VirtualSourceAxisDistances
030C SQ SnoutSequence
030D FL SnoutPosition
030F SH SnoutID
0312 IS NumberOfRangeShifters
0314 SQ RangeShifterSequence
0316 IS RangeShifterNumber
0318 SH RangeShifterID
0320 CS RangeShifterType
0322 LO RangeShifterDescription
0330 IS NumberOfLateralSpreadingDevices
0332 SQ LateralSpreadingDeviceSequence
0334 IS LateralSpreadingDeviceNumber
0336 SH LateralSpreadingDeviceID
0338 CS LateralSpreadingDeviceType
033A LO LateralSpreadingDeviceDescription
033C FL LateralSpreadingDeviceWaterEquivalentThickness
0340 IS NumberOfRangeModulators
0342 SQ RangeModulatorSequence
0344 IS RangeModulatorNumber
0346 SH RangeModulatorID
0348 CS RangeModulatorType
034A LO RangeModulatorDescription
034C SH BeamCurrentModulationID
0350 CS PatientSupportType
0352 SH PatientSupportID
0354 LO PatientSupportAccessoryCode
0355 LO TrayAccessoryCode
0356 FL FixationLightAzimuthalAngle
0358 FL FixationLightPolarAngle
035A FL MetersetRate
0360 SQ RangeShifterSettingsSequence
0362 LO RangeShifterSetting
0364 FL IsocenterToRangeShifterDistance
0366 FL RangeShifterWaterEquivalentThickness
0370 SQ LateralSpreadingDeviceSettingsSequence
0372 LO LateralSpreadingDeviceSetting
0374 FL IsocenterToLateralSpreadingDeviceDistance
0380 SQ RangeModulatorSettingsSequence
0382 FL RangeModulatorGatingStartValue
0384 FL RangeModulatorGatingStopValue
0386 FL RangeModulatorGatingStartWaterEquivalentThickness
0388 FL RangeModulatorGatingStopWaterEquivalentThickness
038A FL IsocenterToRangeModulatorDistance
038F FL 1-n ScanSpotTimeOffset
0390 SH ScanSpotTuneID
0391 IS 1-n ScanSpotPrescribedIndices
0392 IS NumberOfScanSpotPositions
0393 CS ScanSpotReordered
0394 FL 1-n ScanSpotPositionMap
0395 CS ScanSpotReorderingAllowed
0396 FL 1-n ScanSpotMetersetWeights
0398 FL 2 ScanningSpotSize
0399 FL 2-2n ScanSpotSizesDelivered
039A IS NumberOfPaintings
03A0 SQ IonToleranceTableSequence
03A2 SQ IonBeamSequence
03A4 SQ IonBeamLimitingDeviceSequence
03A6 SQ IonBlockSequence
03A8 SQ IonControlPointSequence
03AA SQ IonWedgeSequence
03AC SQ IonWedgePositionSequence
0401 SQ ReferencedSetupImageSequence
0402 ST SetupImageComment
0410 SQ MotionSynchronizationSequence
0412 FL 3 ControlPointOrientation
0420 SQ GeneralAccessorySequence
0421 SH GeneralAccessoryID
0422 ST GeneralAccessoryDescription
0423 CS GeneralAccessoryType
0424 IS GeneralAccessoryNumber
0425 FL SourceToGeneralAccessoryDistance
0426 DS IsocenterToGeneralAccessoryDistance
0431 SQ ApplicatorGeometrySequence
0432 CS ApplicatorApertureShape
0433 FL ApplicatorOpening
0434 FL ApplicatorOpeningX
0435 FL ApplicatorOpeningY
0436 FL SourceToApplicatorMountingPositionDistance
0440 IS NumberOfBlockSlabItems
0441 SQ BlockSlabSequence
0442 DS BlockSlabThickness
0443 US BlockSlabNumber
0450 SQ DeviceMotionControlSequence
0451 CS DeviceMotionExecutionMode
0452 CS DeviceMotionObservationMode
0453 SQ DeviceMotionParameterCodeSequence
0501 FL DistalDepthFraction
0502 FL DistalDepth
0503 FL 2 NominalRangeModulationFractions
0504 FL 2 NominalRangeModulatedRegionDepths
0505 SQ DepthDoseParametersSequence
0506 SQ DeliveredDepthDoseParametersSequence
0507 FL DeliveredDistalDepthFraction
0508 FL DeliveredDistalDepth
0509 FL 2 DeliveredNominalRangeModulationFractions
0510 FL 2 DeliveredNominalRangeModulatedRegionDepths
0511 CS DeliveredReferenceDoseDefinition
0512 CS ReferenceDoseDefinition
0600 US RTControlPointIndex
0601 US RadiationGenerationModeIndex
0602 US ReferencedDefinedDeviceIndex
0603 US RadiationDoseIdentificationIndex
0604 US NumberOfRTControlPoints
0605 US ReferencedRadiationGenerationModeIndex
0606 US TreatmentPositionIndex
0607 US ReferencedDeviceIndex
0608 LO TreatmentPositionGroupLabel
0609 UI TreatmentPositionGroupUID
060A SQ TreatmentPositionGroupSequence
060B US ReferencedTreatmentPositionIndex
060C US ReferencedRadiationDoseIdentificationIndex
060D FD RTAccessoryHolderWaterEquivalentThickness
060E US ReferencedRTAccessoryHolderDeviceIndex
060F CS RTAccessoryHolderSlotExistenceFlag
0610 SQ RTAccessoryHolderSlotSequence
0611 LO RTAccessoryHolderSlotID
0612 FD RTAccessoryHolderSlotDistance
0613 FD RTAccessorySlotDistance
0614 SQ RTAccessoryHolderDefinitionSequence
0615 LO RTAccessoryDeviceSlotID
0616 SQ RTRadiationSequence
0617 SQ RadiationDoseSequence
0618 SQ RadiationDoseIdentificationSequence
0619 LO RadiationDoseIdentificationLabel
061A CS ReferenceDoseType
061B CS PrimaryDoseValueIndicator
061C SQ DoseValuesSequence
061D CS 1-n DoseValuePurpose
061E FD 3 ReferenceDosePointCoordinates
061F SQ RadiationDoseValuesParametersSequence
0620 SQ MetersetToDoseMappingSequence
0621 SQ ExpectedInVivoMeasurementValuesSequence
0622 US ExpectedInVivoMeasurementValueIndex
0623 LO RadiationDoseInVivoMeasurementLabel
0624 FD 2 RadiationDoseCentralAxisDisplacement
0625 FD RadiationDoseValue
0626 FD RadiationDoseSourceToSkinDistance
0627 FD 3 RadiationDoseMeasurementPointCoordinates
0628 FD RadiationDoseSourceToExternalContourDistance
0629 SQ RTToleranceSetSequence
062A LO RTToleranceSetLabel
062B SQ AttributeToleranceValuesSequence
062C FD ToleranceValue
062D SQ PatientSupportPositionToleranceSequence
062E FD TreatmentTimeLimit
062F SQ CArmPhotonElectronControlPointSequence
0630 SQ ReferencedRTRadiationSequence
0631 SQ ReferencedRTInstanceSequence
0632 SQ ReferencedRTPatientSetupSequence R
0634 FD SourceToPatientSurfaceDistance
0635 SQ TreatmentMachineSpecialModeCodeSequence
0636 US IntendedNumberOfFractions
0637 CS RTRadiationSetIntent
0638 CS RTRadiationPhysicalAndGeometricContentDetailFlag
0639 CS RTRecordFlag
063A SQ TreatmentDeviceIdentificationSequence
063B SQ ReferencedRTPhysicianIntentSequence
063C FD CumulativeMeterset
063D FD DeliveryRate
063E SQ DeliveryRateUnitSequence
063F SQ TreatmentPositionSequence
0640 FD RadiationSourceAxisDistance
0641 US NumberOfRTBeamLimitingDevices
0642 FD RTBeamLimitingDeviceProximalDistance
0643 FD RTBeamLimitingDeviceDistalDistance
0644 SQ ParallelRTBeamDelimiterDeviceOrientationLabelCodeSequence
0645 FD BeamModifierOrientationAngle
0646 SQ FixedRTBeamDelimiterDeviceSequence
0647 SQ ParallelRTBeamDelimiterDeviceSequence
0648 US NumberOfParallelRTBeamDelimiters
0649 FD 2-n ParallelRTBeamDelimiterBoundaries
064A FD 2-n ParallelRTBeamDelimiterPositions
064B FD 2 RTBeamLimitingDeviceOffset
064C SQ RTBeamDelimiterGeometrySequence
064D SQ RTBeamLimitingDeviceDefinitionSequence
064E CS ParallelRTBeamDelimiterOpeningMode
064F CS 1-n ParallelRTBeamDelimiterLeafMountingSide
0650 UI PatientSetupUID R
0651 SQ WedgeDefinitionSequence
0652 FD RadiationBeamWedgeAngle
0653 FD RadiationBeamWedgeThinEdgeDistance
0654 FD RadiationBeamEffectiveWedgeAngle
0655 US NumberOfWedgePositions
0656 SQ RTBeamLimitingDeviceOpeningSequence
0657 US NumberOfRTBeamLimitingDeviceOpenings
0658 SQ RadiationDosimeterUnitSequence
0659 SQ RTDeviceDistanceReferenceLocationCodeSequence
065A SQ RadiationDeviceConfigurationAndCommissioningKeySequence
065B SQ PatientSupportPositionParameterSequence
065C CS PatientSupportPositionSpecificationMethod
065D SQ PatientSupportPositionDeviceParameterSequence
065E US DeviceOrderIndex
065F US PatientSupportPositionParameterOrderIndex
0660 SQ PatientSupportPositionDeviceToleranceSequence
0661 US PatientSupportPositionToleranceOrderIndex
0662 SQ CompensatorDefinitionSequence
0663 CS CompensatorMapOrientation
0664 OF CompensatorProximalThicknessMap
0665 OF CompensatorDistalThicknessMap
0666 FD CompensatorBasePlaneOffset
0667 SQ CompensatorShapeFabricationCodeSequence
0668 SQ CompensatorShapeSequence
0669 FD RadiationBeamCompensatorMillingToolDiameter
066A SQ BlockDefinitionSequence
066B OF BlockEdgeData
066C CS BlockOrientation
066D FD RadiationBeamBlockThickness
066E FD RadiationBeamBlockSlabThickness
066F SQ BlockEdgeDataSequence
0670 US NumberOfRTAccessoryHolders
0671 SQ GeneralAccessoryDefinitionSequence
0672 US NumberOfGeneralAccessories
0673 SQ BolusDefinitionSequence
0674 US NumberOfBoluses
0675 UI EquipmentFrameOfReferenceUID
0676 ST EquipmentFrameOfReferenceDescription
0677 SQ EquipmentReferencePointCoordinatesSequence
0678 SQ EquipmentReferencePointCodeSequence
0679 FD RTBeamLimitingDeviceAngle
067A FD SourceRollAngle
067B SQ RadiationGenerationModeSequence
067C SH RadiationGenerationModeLabel
067D ST RadiationGenerationModeDescription
067E SQ RadiationGenerationModeMachineCodeSequence
067F SQ RadiationTypeCodeSequence
0680 DS NominalEnergy
0681 DS MinimumNominalEnergy
0682 DS MaximumNominalEnergy
0683 SQ RadiationFluenceModifierCodeSequence
0684 SQ EnergyUnitCodeSequence
0685 US NumberOfRadiationGenerationModes
0686 SQ PatientSupportDevicesSequence
0687 US NumberOfPatientSupportDevices
0688 FD RTBeamModifierDefinitionDistance
0689 SQ BeamAreaLimitSequence
068A SQ ReferencedRTPrescriptionSequence
068B CS DoseValueInterpretation
0700 UI TreatmentSessionUID
0701 CS RTRadiationUsage
0702 SQ ReferencedRTRadiationSetSequence
0703 SQ ReferencedRTRadiationRecordSequence
0704 US RTRadiationSetDeliveryNumber
0705 US ClinicalFractionNumber
0706 CS RTTreatmentFractionCompletionStatus
0707 CS RTRadiationSetUsage
0708 CS TreatmentDeliveryContinuationFlag
0709 CS TreatmentRecordContentOrigin
0714 CS RTTreatmentTerminationStatus
0715 SQ RTTreatmentTerminationReasonCodeSequence
0716 SQ MachineSpecificTreatmentTerminationCodeSequence
0722 SQ RTRadiationSalvageRecordControlPointSequence
0723 CS StartingMetersetValueKnownFlag
0730 ST TreatmentTerminationDescription
0731 SQ TreatmentToleranceViolationSequence
0732 CS TreatmentToleranceViolationCategory
0733 SQ TreatmentToleranceViolationAttributeSequence
0734 ST TreatmentToleranceViolationDescription
0735 ST TreatmentToleranceViolationIdentification
0736 DT TreatmentToleranceViolationDateTime
073A DT RecordedRTControlPointDateTime
073B US ReferencedRadiationRTControlPointIndex
073E SQ AlternateValueSequence
073F SQ ConfirmationSequence
0740 SQ InterlockSequence
0741 DT InterlockDateTime
0742 ST InterlockDescription
0743 SQ InterlockOriginatingDeviceSequence
0744 SQ InterlockCodeSequence
0745 SQ InterlockResolutionCodeSequence
0746 SQ InterlockResolutionUserSequence
0760 DT OverrideDateTime
0761 SQ TreatmentToleranceViolationTypeCodeSequence
0762 SQ TreatmentToleranceViolationCauseCodeSequence
0772 SQ MeasuredMetersetToDoseMappingSequence
0773 US ReferencedExpectedInVivoMeasurementValueIndex
0774 SQ DoseMeasurementDeviceCodeSequence
0780 SQ AdditionalParameterRecordingInstanceSequence
0782 US  R
0783 ST InterlockOriginDescription
0784 SQ RTPatientPositionScopeSequence
0785 UI ReferencedTreatmentPositionGroupUID
0786 US RadiationOrderIndex
0787 SQ OmittedRadiationSequence
0788 SQ ReasonForOmissionCodeSequence
0789 SQ RTDeliveryStartPatientPositionSequence
078A SQ RTTreatmentPreparationPatientPositionSequence
078B SQ ReferencedRTTreatmentPreparationSequence
078C SQ ReferencedPatientSetupPhotoSequence
078D SQ PatientTreatmentPreparationMethodCodeSequence
078E LT PatientTreatmentPreparationProcedureParameterDescription
078F SQ PatientTreatmentPreparationDeviceSequence
0790 SQ PatientTreatmentPreparationProcedureSequence
0791 SQ PatientTreatmentPreparationProcedureCodeSequence
0792 LT PatientTreatmentPreparationMethodDescription
0793 SQ PatientTreatmentPreparationProcedureParameterSequence
0794 LT PatientSetupPhotoDescription
0795 US PatientTreatmentPreparationProcedureIndex
0796 US ReferencedPatientSetupProcedureIndex
0797 SQ RTRadiationTaskSequence
0798 SQ RTPatientPositionDisplacementSequence
0799 SQ RTPatientPositionSequence
079A LO DisplacementReferenceLabel
079B FD 16 DisplacementMatrix
079C SQ PatientSupportDisplacementSequence
079D SQ DisplacementReferenceLocationCodeSequence
079E CS RTRadiationSetDeliveryUsage
079F SQ PatientTreatmentPreparationSequence
07A0 SQ PatientToEquipmentRelationshipSequence
07A1 SQ ImagingEquipmentToTreatmentDeliveryDeviceRelationshipSequence
300C0002 SQ ReferencedRTPlanSequence
0004 SQ ReferencedBeamSequence
0006 IS ReferencedBeamNumber
0007 IS ReferencedReferenceImageNumber
0008 DS StartCumulativeMetersetWeight
0009 DS EndCumulativeMetersetWeight
000A SQ ReferencedBrachyApplicationSetupSequence
000C IS ReferencedBrachyApplicationSetupNumber
000E IS ReferencedSourceNumber
0020 SQ ReferencedFractionGroupSequence
0022 IS ReferencedFractionGroupNumber
0040 SQ ReferencedVerificationImageSequence
0042 SQ ReferencedReferenceImageSequence
0050 SQ ReferencedDoseReferenceSequence
0051 IS ReferencedDoseReferenceNumber
0055 SQ BrachyReferencedDoseReferenceSequence
0060 SQ ReferencedStructureSetSequence
006A IS ReferencedPatientSetupNumber
0080 SQ ReferencedDoseSequence
00A0 IS ReferencedToleranceTableNumber
00B0 SQ ReferencedBolusSequence
00C0 IS ReferencedWedgeNumber
00D0 IS ReferencedCompensatorNumber
00E0 IS ReferencedBlockNumber
00F0 IS ReferencedControlPointIndex
00F2 SQ ReferencedControlPointSequence
00F4 IS ReferencedStartControlPointIndex
00F6 IS ReferencedStopControlPointIndex
0100 IS ReferencedRangeShifterNumber
0102 IS ReferencedLateralSpreadingDeviceNumber
0104 IS ReferencedRangeModulatorNumber
0111 SQ OmittedBeamTaskSequence
0112 CS ReasonForOmission
0113 LO ReasonForOmissionDescription
0114 SQ PrescriptionOverviewSequence
0115 FL TotalPrescriptionDose
0116 SQ PlanOverviewSequence
0117 US PlanOverviewIndex
0118 US ReferencedPlanOverviewIndex
0119 US NumberOfFractionsIncluded
0120 SQ DoseCalibrationConditionsSequence
0121 FD AbsorbedDoseToMetersetRatio
0122 FD 2 DelineatedRadiationFieldSize
0123 CS DoseCalibrationConditionsVerifiedFlag
0124 FD CalibrationReferencePointDepth
0125 SQ GatingBeamHoldTransitionSequence
0126 CS BeamHoldTransition
0127 DT BeamHoldTransitionDateTime
0128 SQ BeamHoldOriginatingDeviceSequence
0129 CS BeamHoldTransitionTriggerSource
300E0002 CS ApprovalStatus
0004 DA ReviewDate
0005 TM ReviewTime
0008 PN ReviewerName
30100001 SQ RadiobiologicalDoseEffectSequence
0002 CS RadiobiologicalDoseEffectFlag
0003 SQ EffectiveDoseCalculationMethodCategoryCodeSequence
0004 SQ EffectiveDoseCalculationMethodCodeSequence
0005 LO EffectiveDoseCalculationMethodDescription
0006 UI ConceptualVolumeUID
0007 SQ OriginatingSOPInstanceReferenceSequence
0008 SQ ConceptualVolumeConstituentSequence
0009 SQ EquivalentConceptualVolumeInstanceReferenceSequence
000A SQ EquivalentConceptualVolumesSequence
000B UI ReferencedConceptualVolumeUID
000C UT ConceptualVolumeCombinationExpression
000D US ConceptualVolumeConstituentIndex
000E CS ConceptualVolumeCombinationFlag
000F ST ConceptualVolumeCombinationDescription
0010 CS ConceptualVolumeSegmentationDefinedFlag
0011 SQ ConceptualVolumeSegmentationReferenceSequence
0012 SQ ConceptualVolumeConstituentSegmentationReferenceSequence
0013 UI ConstituentConceptualVolumeUID
0014 SQ DerivationConceptualVolumeSequence
0015 UI SourceConceptualVolumeUID
0016 SQ ConceptualVolumeDerivationAlgorithmSequence
0017 ST ConceptualVolumeDescription
0018 SQ SourceConceptualVolumeSequence
0019 SQ AuthorIdentificationSequence
001A LO ManufacturerModelVersion
001B UC DeviceAlternateIdentifier
001C CS DeviceAlternateIdentifierType
001D LT DeviceAlternateIdentifierFormat
001E LO SegmentationCreationTemplateLabel
001F UI SegmentationTemplateUID
0020 US ReferencedSegmentReferenceIndex
0021 SQ SegmentReferenceSequence
0022 US SegmentReferenceIndex
0023 SQ DirectSegmentReferenceSequence
0024 SQ CombinationSegmentReferenceSequence
0025 SQ ConceptualVolumeSequence
0026 SQ SegmentedRTAccessoryDeviceSequence
0027 SQ SegmentCharacteristicsSequence
0028 SQ RelatedSegmentCharacteristicsSequence
0029 US SegmentCharacteristicsPrecedence
002A SQ RTSegmentAnnotationSequence
002B SQ SegmentAnnotationCategoryCodeSequence
002C SQ SegmentAnnotationTypeCodeSequence
002D LO DeviceLabel
002E SQ DeviceTypeCodeSequence
002F SQ SegmentAnnotationTypeModifierCodeSequence
0030 SQ PatientEquipmentRelationshipCodeSequence
0031 UI ReferencedFiducialsUID
0032 SQ PatientTreatmentOrientationSequence
0033 SH UserContentLabel
0034 LO UserContentLongLabel
0035 SH EntityLabel
0036 LO EntityName
0037 ST EntityDescription
0038 LO EntityLongLabel
0039 US DeviceIndex
003A US RTTreatmentPhaseIndex
003B UI RTTreatmentPhaseUID
003C US RTPrescriptionIndex
003D US RTSegmentAnnotationIndex
003E US BasisRTTreatmentPhaseIndex
003F US RelatedRTTreatmentPhaseIndex
0040 US ReferencedRTTreatmentPhaseIndex
0041 US ReferencedRTPrescriptionIndex
0042 US ReferencedParentRTPrescriptionIndex
0043 ST ManufacturerDeviceIdentifier
0044 SQ InstanceLevelReferencedPerformedProcedureStepSequence
0045 CS RTTreatmentPhaseIntentPresenceFlag
0046 CS RadiotherapyTreatmentType
0047 CS 1-n TeletherapyRadiationType
0048 CS 1-n BrachytherapySourceType
0049 SQ ReferencedRTTreatmentPhaseSequence
004A SQ ReferencedDirectSegmentInstanceSequence
004B SQ IntendedRTTreatmentPhaseSequence
004C DA IntendedPhaseStartDate
004D DA IntendedPhaseEndDate
004E SQ RTTreatmentPhaseIntervalSequence
004F CS TemporalRelationshipIntervalAnchor
0050 FD MinimumNumberOfIntervalDays
0051 FD MaximumNumberOfIntervalDays
0052 UI 1-n PertinentSOPClassesInStudy
0053 UI 1-n PertinentSOPClassesInSeries
0054 LO RTPrescriptionLabel
0055 SQ RTPhysicianIntentPredecessorSequence
0056 LO RTTreatmentApproachLabel
0057 SQ RTPhysicianIntentSequence
0058 US RTPhysicianIntentIndex
0059 CS RTTreatmentIntentType
005A UT RTPhysicianIntentNarrative
005B SQ RTProtocolCodeSequence
005C ST ReasonForSuperseding
005D SQ RTDiagnosisCodeSequence
005E US ReferencedRTPhysicianIntentIndex
005F SQ RTPhysicianIntentInputInstanceSequence
0060 SQ RTAnatomicPrescriptionSequence
0061 UT PriorTreatmentDoseDescription
0062 SQ PriorTreatmentReferenceSequence
0063 CS DosimetricObjectiveEvaluationScope
0064 SQ TherapeuticRoleCategoryCodeSequence
0065 SQ TherapeuticRoleTypeCodeSequence
0066 US ConceptualVolumeOptimizationPrecedence
0067 SQ ConceptualVolumeCategoryCodeSequence
0068 CS ConceptualVolumeBlockingConstraint
0069 SQ ConceptualVolumeTypeCodeSequence
006A SQ ConceptualVolumeTypeModifierCodeSequence
006B SQ RTPrescriptionSequence
006C SQ DosimetricObjectiveSequence
006D SQ DosimetricObjectiveTypeCodeSequence
006E UI DosimetricObjectiveUID
006F UI ReferencedDosimetricObjectiveUID
0070 SQ DosimetricObjectiveParameterSequence
0071 SQ ReferencedDosimetricObjectivesSequence
0073 CS AbsoluteDosimetricObjectiveFlag
0074 FD DosimetricObjectiveWeight
0075 CS DosimetricObjectivePurpose
0076 SQ PlanningInputInformationSequence
0077 LO TreatmentSite
0078 SQ TreatmentSiteCodeSequence
0079 SQ FractionPatternSequence
007A UT TreatmentTechniqueNotes
007B UT PrescriptionNotes
007C IS NumberOfIntervalFractions
007D US NumberOfFractions
007E US IntendedDeliveryDuration
007F UT FractionationNotes
0080 SQ RTTreatmentTechniqueCodeSequence
0081 SQ PrescriptionNotesSequence
0082 SQ FractionBasedRelationshipSequence
0083 CS FractionBasedRelationshipIntervalAnchor
0084 FD MinimumHoursBetweenFractions
0085 TM 1-n IntendedFractionStartTime
0086 LT IntendedStartDayOfWeek
0087 SQ WeekdayFractionPatternSequence
0088 SQ DeliveryTimeStructureCodeSequence
0089 SQ TreatmentSiteModifierCodeSequence
0090 CS RoboticBaseLocationIndicator R
0091 SQ RoboticPathNodeSetCodeSequence
0092 UL RoboticNodeIdentifier
0093 FD 3 RTTreatmentSourceCoordinates
0094 FD RadiationSourceCoordinateSystemYawAngle
0095 FD RadiationSourceCoordinateSystemRollAngle
0096 FD RadiationSourceCoordinateSystemPitchAngle
0097 SQ RoboticPathControlPointSequence
0098 SQ TomotherapeuticControlPointSequence
0099 FD 1-n TomotherapeuticLeafOpenDurations
009A FD 1-n TomotherapeuticLeafInitialClosedDurations
00A0 SQ ConceptualVolumeIdentificationSequence
40000010 LT Arbitrary R
4000 LT TextComments R
40080040 SH ResultsID R
0042 LO ResultsIDIssuer R
0050 SQ ReferencedInterpretationSequence R
00FF CS ReportProductionStatusTrial R
0100 DA InterpretationRecordedDate R
0101 TM InterpretationRecordedTime R
0102 PN InterpretationRecorder R
0103 LO ReferenceToRecordedSound R
0108 DA InterpretationTranscriptionDate R
0109 TM InterpretationTranscriptionTime R
010A PN InterpretationTranscriber R
010B ST InterpretationText R
010C PN InterpretationAuthor R
0111 SQ InterpretationApproverSequence R
0112 DA InterpretationApprovalDate R
0113 TM InterpretationApprovalTime R
0114 PN PhysicianApprovingInterpretation R
0115 LT InterpretationDiagnosisDescription R
0117 SQ InterpretationDiagnosisCodeSequence R
0118 SQ ResultsDistributionListSequence R
0119 PN DistributionName R
011A LO DistributionAddress R
0200 SH InterpretationID R
0202 LO InterpretationIDIssuer R
0210 CS InterpretationTypeID R
0212 CS InterpretationStatusID R
0300 ST Impressions R
4000 ST ResultsComments R
40100001 CS LowEnergyDetectors
0002 CS HighEnergyDetectors
0004 SQ DetectorGeometrySequence
1001 SQ ThreatROIVoxelSequence
1004 FL 3 ThreatROIBase
1005 FL 3 ThreatROIExtents
1006 OB ThreatROIBitmap
1007 SH RouteSegmentID
1008 CS GantryType
1009 CS OOIOwnerType
100A SQ RouteSegmentSequence
1010 US PotentialThreatObjectID
1011 SQ ThreatSequence
1012 CS ThreatCategory
1013 LT ThreatCategoryDescription
1014 CS ATDAbilityAssessment
1015 CS ATDAssessmentFlag
1016 FL ATDAssessmentProbability
1017 FL Mass
1018 FL Density
1019 FL ZEffective
101A SH BoardingPassID
101B FL 3 CenterOfMass
101C FL 3 CenterOfPTO
101D FL 6-n BoundingPolygon
101E SH RouteSegmentStartLocationID
101F SH RouteSegmentEndLocationID
1020 CS RouteSegmentLocationIDType
1021 CS 1-n AbortReason
1023 FL VolumeOfPTO
1024 CS AbortFlag
1025 DT RouteSegmentStartTime
1026 DT RouteSegmentEndTime
1027 CS TDRType
1028 CS InternationalRouteSegment
1029 LO 1-n ThreatDetectionAlgorithmAndVersion
102A SH AssignedLocation
102B DT AlarmDecisionTime
1031 CS AlarmDecision
1033 US NumberOfTotalObjects
1034 US NumberOfAlarmObjects
1037 SQ PTORepresentationSequence
1038 SQ ATDAssessmentSequence
1039 CS TIPType
103A CS DICOSVersion
1041 DT OOIOwnerCreationTime
1042 CS OOIType
1043 FL 3 OOISize
1044 CS AcquisitionStatus
1045 SQ BasisMaterialsCodeSequence
1046 CS PhantomType
1047 SQ OOIOwnerSequence
1048 CS ScanType
1051 LO ItineraryID
1052 SH ItineraryIDType
1053 LO ItineraryIDAssigningAuthority
1054 SH RouteID
1055 SH RouteIDAssigningAuthority
1056 CS InboundArrivalType
1058 SH CarrierID
1059 CS CarrierIDAssigningAuthority
1060 FL 3 SourceOrientation
1061 FL 3 SourcePosition
1062 FL BeltHeight
1064 SQ AlgorithmRoutingCodeSequence
1067 CS TransportClassification
1068 LT OOITypeDescriptor
1069 FL TotalProcessingTime
106C OB DetectorCalibrationData
106D CS AdditionalScreeningPerformed
106E CS AdditionalInspectionSelectionCriteria
106F SQ AdditionalInspectionMethodSequence
1070 CS AITDeviceType
1071 SQ QRMeasurementsSequence
1072 SQ TargetMaterialSequence
1073 FD SNRThreshold
1075 DS ImageScaleRepresentation
1076 SQ ReferencedPTOSequence
1077 SQ ReferencedTDRInstanceSequence
1078 ST PTOLocationDescription
1079 SQ AnomalyLocatorIndicatorSequence
107A FL 3 AnomalyLocatorIndicator
107B SQ PTORegionSequence
107C CS InspectionSelectionCriteria
107D SQ SecondaryInspectionMethodSequence
107E DS 6 PRCSToRCSOrientation
4FFE0001 SQ MACParametersSequence
52009229 SQ SharedFunctionalGroupsSequence
9230 SQ PerFrameFunctionalGroupsSequence
54000100 SQ WaveformSequence
0110 OB/OW ChannelMinimumValue
0112 OB/OW ChannelMaximumValue
1004 US WaveformBitsAllocated
1006 CS WaveformSampleInterpretation
100A OB/OW WaveformPaddingValue
1010 OB/OW WaveformData
56000010 OF FirstOrderPhaseCorrectionAngle
0020 OF SpectroscopyData
7FE00001 OV ExtendedOffsetTable
0002 OV ExtendedOffsetTableLengths
0003 UV EncapsulatedPixelDataValueTotalLength
0008 OF FloatPixelData
0009 OD DoubleFloatPixelData
0010 OB/OW PixelData
0020 OW CoefficientsSDVN R
0030 OW CoefficientsSDHN R
0040 OW CoefficientsSDDN R
FFFAFFFA SQ DigitalSignaturesSequence
FFFCFFFC OB DataSetTrailingPadding
002031xx CS 1-n SourceImageIDs R
002804x0 US RowsForNthOrderCoefficients R
04x1 US ColumnsForNthOrderCoefficients R
04x2 LO 1-n CoefficientCoding R
04x3 AT 1-n CoefficientCodingPointers R
08x0 CS 1-n CodeLabel R
08x2 US NumberOfTables R
08x3 AT 1-n CodeTableLocation R
08x4 US BitsForCodeWord R
08x8 AT 1-n ImageDataLocation R
1000xxx0 US 3 EscapeTriplet R
xxx1 US 3 RunLengthTriplet R
xxx2 US HuffmanTableSize R
xxx3 US 3 HuffmanTableTriplet R
xxx4 US ShiftTableSize R
xxx5 US 3 ShiftTableTriplet R
1010xxxx US 1-n ZonalMap R
50xx0005 US CurveDimensions R
0010 US NumberOfPoints R
0020 CS TypeOfData R
0022 LO CurveDescription R
0030 SH 1-n AxisUnits R
0040 SH 1-n AxisLabels R
0103 US DataValueRepresentation R
0104 US 1-n MinimumCoordinateValue R
0105 US 1-n MaximumCoordinateValue R
0106 SH 1-n CurveRange R
0110 US 1-n CurveDataDescriptor R
0112 US 1-n CoordinateStartValue R
0114 US 1-n CoordinateStepValue R
1001 CS CurveActivationLayer R
2000 US AudioType R
2002 US AudioSampleFormat R
2004 US NumberOfChannels R
2006 UL NumberOfSamples R
2008 UL SampleRate R
200A UL TotalTime R
200C OB/OW AudioSampleData R
200E LT AudioComments R
2500 LO CurveLabel R
2600 SQ CurveReferencedOverlaySequence R
2610 US CurveReferencedOverlayGroup R
3000 OB/OW CurveData R
60xx0010 US OverlayRows
0011 US OverlayColumns
0012 US OverlayPlanes R
0015 IS NumberOfFramesInOverlay
0022 LO OverlayDescription
0040 CS OverlayType
0045 LO OverlaySubtype
0050 SS 2 OverlayOrigin
0051 US ImageFrameOrigin
0052 US OverlayPlaneOrigin R
0060 CS OverlayCompressionCode R
0061 SH OverlayCompressionOriginator R
0062 SH OverlayCompressionLabel R
0063 CS OverlayCompressionDescription R
0066 AT 1-n OverlayCompressionStepPointers R
0068 US OverlayRepeatInterval R
0069 US OverlayBitsGrouped R
0100 US OverlayBitsAllocated
0102 US OverlayBitPosition
0110 CS OverlayFormat R
0200 US OverlayLocation R
0800 CS 1-n OverlayCodeLabel R
0802 US OverlayNumberOfTables R
0803 AT 1-n OverlayCodeTableLocation R
0804 US OverlayBitsForCodeWord R
1001 CS OverlayActivationLayer
1100 US OverlayDescriptorGray R
1101 US OverlayDescriptorRed R
1102 US OverlayDescriptorGreen R
1103 US OverlayDescriptorBlue R
1200 US 1-n OverlaysGray R
1201 US 1-n OverlaysRed R
1202 US 1-n OverlaysGreen R
1203 US 1-n OverlaysBlue R
1301 IS ROIArea
1302 DS ROIMean
1303 DS ROIStandardDeviation
1500 LO OverlayLabel
3000 OB/OW OverlayData
4000 LT OverlayComments R
7Fxx0010 OB/OW VariablePixelData R
0011 US VariableNextDataGroup R
0020 OW VariableCoefficientsSDVN R
0030 OW VariableCoefficientsSDHN R
0040 OW VariableCoefficientsSDDN R
`;
