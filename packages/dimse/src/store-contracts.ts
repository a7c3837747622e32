// What stores of workflow state do, to be run against implementations by any test runner: the entry point.

export { commitmentTransactionStoreContract } from './workflow/commitment-transaction-store-contract.ts';
export { eventQueueContract } from './workflow/event-queue-contract.ts';
export { performedProcedureStepStoreContract } from './workflow/performed-procedure-step-store-contract.ts';
export type { CreateStore, StoreContract } from './workflow/store-contract.ts';
export { workItemStoreContract } from './workflow/work-item-store-contract.ts';
