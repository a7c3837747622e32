// What stores of workflow state do, to be run against implementations by any test runner: the entry point.

export { eventQueueContract } from './workflow/event-delivery/event-queue-contract.ts';
export type { CreateStore, StoreContract } from './workflow/event-delivery/store-contract.ts';
export { performedProcedureStepStoreContract } from './workflow/performed-procedure-step/performed-procedure-step-store-contract.ts';
export { commitmentTransactionStoreContract } from './workflow/storage-commitment/commitment-transaction-store-contract.ts';
export { workItemStoreContract } from './workflow/unified-procedure-step/work-item-store-contract.ts';
