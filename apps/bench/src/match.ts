// The matches of the C-FIND rows: the attributes that an archive returns for a study, and those that its search requests.

export const MATCH_TRANSFER_SYNTAX = '1.2.840.10008.1.2';

/** Makes match number `index` as a new object, as a database would. */
export function match(index: number) {
  return {
    QueryRetrieveLevel: 'STUDY',
    StudyDate: '20260102',
    StudyTime: '101500',
    AccessionNumber: `A${index}`,
    ModalitiesInStudy: ['CT', 'SR'],
    StudyDescription: 'Thorax with contrast medium',
    PatientName: 'Doe^Jane',
    PatientID: `P${index}`,
    PatientBirthDate: '19700101',
    PatientSex: 'F',
    StudyInstanceUID: `2.25.${1_000_000_000 + index}`,
    StudyID: `${index}`,
    NumberOfStudyRelatedSeries: '3',
    NumberOfStudyRelatedInstances: '412',
  };
}

/** The identifier of the row that searches archives: all studies. */
export const STUDY_KEYS = {
  QueryRetrieveLevel: 'STUDY',
  StudyInstanceUID: '',
  StudyDate: '',
  PatientID: '',
  PatientName: '',
  AccessionNumber: '',
};
