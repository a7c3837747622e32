// The public names of @x/dimse/store-contracts: checks for your own stores of workflow state, for any test runner.

export { eventQueueContract } from './workflow/event-delivery/event-queue-contract.ts';
export type { CreateStore, StoreContract } from './workflow/event-delivery/store-contract.ts';
export { performedProcedureStepStoreContract } from './workflow/performed-procedure-step/performed-procedure-step-store-contract.ts';
export { commitmentTransactionStoreContract } from './workflow/storage-commitment/commitment-transaction-store-contract.ts';
export { workItemStoreContract } from './workflow/unified-procedure-step/work-item-store-contract.ts';
