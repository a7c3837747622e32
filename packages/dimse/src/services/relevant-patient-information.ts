// Relevant Patient Information Query: PS3.4 Annex Q.

import { cFind } from '../message/operations.ts';
import { Status } from '../message/status.ts';
import { SopClass } from '../registry/uids.generated.ts';
import { defineServiceClass } from '../session/service-class.ts';

/** Relevant Patient Information Query (PS3.4 Annex Q): information about a patient, as a structured report template. */
export const relevantPatientInformation = defineServiceClass({
  name: 'Relevant Patient Information Query',
  operations: { find: cFind },
  sopClasses: {
    General: { uid: SopClass.GeneralRelevantPatientInformationQuery, operations: ['find'] },
    BreastImaging: { uid: SopClass.BreastImagingRelevantPatientInformationQuery, operations: ['find'] },
    Cardiac: { uid: SopClass.CardiacRelevantPatientInformationQuery, operations: ['find'] },
  },
  // Table Q.2-1
  statuses: {
    [Status.OutOfResources]: ['failure', 'out of resources'],
    [Status.DataSetDoesNotMatchSopClass]: ['failure', 'the identifier does not match the SOP class'],
    [Status.CannotUnderstand]: ['failure', 'unable to process'],
    0xc100: ['failure', 'more than one match was found'],
    0xc200: ['failure', 'the requested template is not supported'],
    [Status.Cancel]: ['cancel', 'matching was stopped by a cancel request'],
    [Status.Pending]: ['pending', 'the match is being returned'],
  },
  queries: {
    find: {
      name: 'relevant patient information',
      // §Q.2.1.1.3.2: the response is a structured report.
      required: [
        'ObservationDateTime',
        'ValueType',
        'ConceptNameCodeSequence',
        'ContinuityOfContent',
        'ContentTemplateSequence',
        'ContentSequence',
      ],
      negotiation: 'query',
    },
  },
});
