/**
 * What a service tells who operates it, as plain types: for a page or a program that has neither
 * decorators nor Node.
 */
export type {
  DeadLetterDetails,
  DeadLetterGroup,
  OperationResult,
  ReplayPreview,
  ReplayState,
  Selection,
} from './dead-letters/shapes';
export type { Pattern } from './handlers/pattern';
export type { HandlerState } from './observe/handler-state';
export type { Step, StepsSeen } from './observe/step';
export type { HeldKey } from './ordered/held-key';
export type { Advice } from './topology/advice';
