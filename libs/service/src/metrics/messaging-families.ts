import type { Family } from './family';

const seconds = 'messaging_client_operation_duration_seconds';

/** By OpenTelemetry's semantic conventions, where they have a name; a queue is a handler. */
export const process = {
  operations: {
    name: seconds,
    type: 'histogram',
    help: 'From publishing a message to its confirm, and from a question to its answer',
  },
  calls: {
    name: 'messaging_process_duration_seconds',
    type: 'histogram',
    help: 'Calls of handlers; one may have many messages',
  },
  batches: {
    name: 'messaging_process_batch_messages',
    type: 'histogram',
    help: 'Messages of a call',
  },
  sent: {
    name: 'messaging_client_sent_messages_total',
    type: 'counter',
    help: 'Messages sent: from the outbox, told, asked; each of a bundle',
  },
  consumed: {
    name: 'messaging_client_consumed_messages_total',
    type: 'counter',
    help: 'Messages whose try has ended here; error_type says why one failed',
  },
  retried: {
    name: 'messaging_retried_messages_total',
    type: 'counter',
    help: 'Failed messages that went to a retry tier',
  },
  deadLettered: {
    name: 'messaging_dead_lettered_messages_total',
    type: 'counter',
    help: 'Messages that this process made dead letters',
  },
  absorbed: {
    name: 'messaging_absorbed_messages_total',
    type: 'counter',
    help: 'Copies that the inbox has refused, not those that an effect refuses itself',
  },
  redelivered: {
    name: 'messaging_redelivered_total',
    type: 'counter',
    help: 'Deliveries that the broker has made before; a bundle is one',
  },
  inHand: {
    name: 'messaging_messages_in_hand',
    type: 'gauge',
    help: 'Deliveries taken and not settled',
  },
  paused: {
    name: 'messaging_handler_paused',
    type: 'gauge',
    help: 'Whether an operator has paused the handler in this process',
  },
  inFlight: {
    name: 'messaging_rpc_in_flight',
    type: 'gauge',
    help: 'Questions that wait for their answer',
  },
  late: {
    name: 'messaging_rpc_late_replies_total',
    type: 'counter',
    help: 'Answers that came after their deadline',
  },
  expired: {
    name: 'messaging_rpc_expired_total',
    type: 'counter',
    help: 'Questions not answered here, because their callers had given up',
  },
  up: {
    name: 'messaging_connection_up',
    type: 'gauge',
    help: 'Whether the connection to the broker stands',
  },
  blocked: {
    name: 'messaging_connection_blocked',
    type: 'gauge',
    help: 'Whether the broker takes nothing from the connection: an alarm',
  },
} satisfies Record<string, Family>;

export const stored = {
  outbox: {
    name: 'messaging_outbox_messages',
    type: 'gauge',
    help: 'Rows of the outbox, counted up to 100,000; a bundle is one',
  },
  lag: {
    name: 'messaging_outbox_lag_seconds',
    type: 'gauge',
    help: 'Age of the oldest message of the outbox; 0: there is none',
  },
  inbox: {
    name: 'messaging_inbox_messages',
    type: 'gauge',
    help: "Messages that the inbox knows: PostgreSQL's estimate of its last vacuum or analyze",
  },
  held: {
    name: 'messaging_held_messages',
    type: 'gauge',
    help: 'Messages of a handler in order that wait in the database, counted up to 100,000',
  },
  heldKeys: {
    name: 'messaging_held_keys',
    type: 'gauge',
    help: 'Keys of held messages; stopped: until the dead letter is replayed or discarded',
  },
  heldLag: {
    name: 'messaging_held_lag_seconds',
    type: 'gauge',
    help: 'How long the oldest held message has waited; 0: there is none',
  },
} satisfies Record<string, Family>;

export const queues = {
  consumers: {
    name: 'messaging_queue_consumers',
    type: 'gauge',
    help: "Consumers of the handler's queue that the broker knows, of all replicas",
  },
  deadLetters: {
    name: 'messaging_dead_letters',
    type: 'gauge',
    help: 'Messages of the dead-letter queue, as the broker counts them',
  },
} satisfies Record<string, Family>;
