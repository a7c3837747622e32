// The public names of @x/dimse/store-contracts: checks for your own stores, for any test runner.

export { eventQueueContract, sharedEventQueueContract } from './workflow/event-delivery/event-queue-contract.ts';
export { forwardQueueContract } from './workflow/forwarding/forward-queue-contract.ts';
export { performedProcedureStepStoreContract } from './workflow/performed-procedure-step/performed-procedure-step-store-contract.ts';
export {
  commitmentTransactionStoreContract,
  sharedCommitmentTransactionStoreContract,
} from './workflow/storage-commitment/commitment-transaction-store-contract.ts';
export {
  type Checks,
  type CreateStore,
  contract,
  type StoreContract,
} from './workflow/store-contract.ts';
export { workItemStoreContract } from './workflow/unified-procedure-step/work-item-store-contract.ts';
