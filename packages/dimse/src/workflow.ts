// The public names of @x/dimse/workflow: providers, users and stores of workflow services, and the delivery of events.

export type { DeliveryClaim, DeliveryClaims, DestinationState } from './workflow/delivery/delivery-claims.ts';
export { DeliveryLoop, type DeliveryLoopOptions, type QueuedEntry } from './workflow/delivery/delivery-loop.ts';
export type { DeliveryClock, RetryOptions } from './workflow/delivery/retry-options.ts';
export {
  type DeliveryFailure,
  EventDelivery,
  type EventDeliveryOptions,
  type PeerAddress,
} from './workflow/event-delivery/event-delivery.ts';
export {
  createEventQueue,
  type EventClaim,
  type EventQueue,
  type EventReport,
  type QueuedEvent,
} from './workflow/event-delivery/event-queue.ts';
export {
  ForwardDelivery,
  type ForwardDeliveryOptions,
  type ForwardDestination,
  type ForwardOutcome,
} from './workflow/forwarding/forward-delivery.ts';
export {
  createForwardQueue,
  type ForwardQueue,
  type ForwardQueueLimits,
  forwardId,
  type QueuedInstance,
} from './workflow/forwarding/forward-queue.ts';
export {
  createdStep,
  type PerformedProcedureStepStatus,
  updatedStep,
  withEmptyStepAttributes,
} from './workflow/performed-procedure-step/performed-procedure-step.ts';
export {
  type AttributeRequirement,
  PERFORMED_PROCEDURE_STEP_ATTRIBUTES,
} from './workflow/performed-procedure-step/performed-procedure-step-attributes.ts';
export {
  PerformedProcedureStepProvider,
  type PerformedProcedureStepProviderOptions,
} from './workflow/performed-procedure-step/performed-procedure-step-provider.ts';
export {
  createPerformedProcedureStepStore,
  isFinishedStep,
  type PerformedProcedureStepStore,
} from './workflow/performed-procedure-step/performed-procedure-step-store.ts';
export {
  type PerformedProcedureStep,
  type PerformedProcedureStepEvent,
  PerformedProcedureStepUser,
  type PerformedProcedureStepUserOptions,
} from './workflow/performed-procedure-step/performed-procedure-step-user.ts';
export type { OnFailure, Provider, ProviderFailure } from './workflow/provider.ts';
export {
  type CommitmentTransaction,
  type CommitmentTransactionStore,
  createCommitmentTransactionStore,
} from './workflow/storage-commitment/commitment-transaction-store.ts';
export type { ReferencedInstance } from './workflow/storage-commitment/referenced-instance.ts';
export {
  StorageCommitmentProvider,
  type StorageCommitmentProviderOptions,
} from './workflow/storage-commitment/storage-commitment-provider.ts';
export {
  type CommitmentReport,
  type CommitmentRequestOptions,
  CommitmentTimeoutError,
  StorageCommitmentUser,
  type StorageCommitmentUserOptions,
} from './workflow/storage-commitment/storage-commitment-user.ts';
export type { UnifiedProcedureStepState, WorkItem } from './workflow/unified-procedure-step/unified-procedure-step.ts';
export {
  WORK_ITEM_ATTRIBUTES,
  type WorkItemAttribute,
} from './workflow/unified-procedure-step/unified-procedure-step-attributes.ts';
export {
  UnifiedProcedureStepProvider,
  type UnifiedProcedureStepProviderOptions,
} from './workflow/unified-procedure-step/unified-procedure-step-provider.ts';
export {
  type SubscriptionRequest,
  UnifiedProcedureStepUser,
  type UnifiedProcedureStepUserOptions,
  type WorkItemEvent,
} from './workflow/unified-procedure-step/unified-procedure-step-user.ts';
export {
  createWorkItemStore,
  type WorkItemStore,
  type WorkItemSubscription,
} from './workflow/unified-procedure-step/work-item-store.ts';
