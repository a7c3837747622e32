// Storage Management: PS3.4 Annex KK.

import { nAction, nEventReport } from '../message/operations.ts';
import { SopClass } from '../registry/uids.generated.ts';
import { defineServiceClass } from '../session/service-class.ts';

/** Storage Management (PS3.4 Annex KK): requests the creation of inventories. */
export const storageManagement = defineServiceClass({
  name: 'Storage Management',
  operations: { action: nAction, eventReport: nEventReport },
  sopClasses: { InventoryCreation: { uid: SopClass.InventoryCreation, operations: ['action', 'eventReport'] } },
  statuses: { 0xb010: ['warning', 'one or more key attributes are not supported for matching'] },
});

/** The well-known SOP instance that requests for inventories name. */
export const STORAGE_MANAGEMENT_INSTANCE = '1.2.840.10008.5.1.4.1.1.201.1.1';
