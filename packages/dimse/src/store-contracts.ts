// What stores of workflow state do, to be run against implementations by any test runner: the entry point.

export { commitmentTransactionStoreContract } from './commitment-transaction-store-contract.ts';
export { eventQueueContract } from './event-queue-contract.ts';
export { performedProcedureStepStoreContract } from './performed-procedure-step-store-contract.ts';
export type { CreateStore, StoreContract } from './store-contract.ts';
export { workItemStoreContract } from './work-item-store-contract.ts';
