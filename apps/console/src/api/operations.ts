/**
 * | request | answer |
 * |---|---|
 * | GET  /api/operations | { items: OperationRecord[] }, newest first |
 */

export interface OperationRecord {
  at: string;
  by: string;
  service: string;
  /** `replay`, `discard`, `undo`, `pause handler`, `apply topology`, a drill, … */
  action: string;
  /** In words: "412 messages of payments.charge-payment, code gateway_timeout". */
  text: string;
  outcome: string;
  /** An operation on dead letters that can be undone. */
  undo?: { service: string; operation: number };
}
