/**
 * What the console's page and its server say to each other, as JSON. Times are epoch milliseconds
 * where the name ends in `At` or is `at`, ISO 8601 strings where they are copied from a service.
 * Money is in minor units with an ISO 4217 code. Errors are `application/problem+json`.
 *
 * | request | answer |
 * |---|---|
 * | GET  /api/session | Session |
 * | POST /api/session {token} | Session, and a cookie; 401 when the token is wrong |
 * | GET  /api/live | server-sent events: `system` (System, each second), `steps` (StepsSeen) |
 * | GET  /api/flow | Flow: the declared topology, laid out; changes only when `System.flow` does |
 * | GET  /api/history?queue= or ?service= | History: the last 15 minutes, as far as they were seen |
 * | GET  /api/queues/:queue/messages?limit= | { items: PeekedMessage[] } |
 * | POST /api/handlers/pause, /api/handlers/resume {service, queue} | PauseOutcome |
 * | GET  /api/products | { items: Product[] } |
 * | GET  /api/customers | { items: {id, name}[] } |
 * | GET  /api/orders?status=&customerId=&cursor=&limit= | { items: Order[], nextCursor } |
 * | POST /api/orders NewOrder | 201 OrderDetails |
 * | POST /api/orders/:id/cancel {reason} | OrderDetails |
 * | POST /api/bursts NewBurst | 202 Burst; GET /api/bursts/:id Burst; POST /api/bursts/:id/stop |
 * | GET  /api/orders/:id/journey | Journey |
 * | GET  /api/orders/:id/journey/live | server-sent events: `journey` (Journey) whenever it changes |
 * | GET  /api/dead-letters?DeadLetterSearch | DeadLetterOverview |
 * | GET  /api/dead-letters/messages?DeadLetterSearch&cursor=&limit= | { items: DeadLetter[], nextCursor } |
 * | POST /api/dead-letters/check {selection, body?} | ReplayCheck |
 * | POST /api/dead-letters/replay {selection, rate?, body?} | 202 Replay |
 * | GET  /api/dead-letters/replays/:id | Replay; GET /api/dead-letters/replays { items } |
 * | POST /api/dead-letters/replays/:id/pause, /resume, /stop | Replay |
 * | POST /api/dead-letters/discard {selection} | OperationResult |
 * | POST /api/dead-letters/undo {service, operation} | OperationResult |
 * | GET  /api/logs?LogSearch&cursor=&limit= | { items: LogEntry[], nextCursor } |
 * | GET  /api/logs/tail?LogSearch | server-sent events: `entry` (LogEntry), `skipped` ({count}) |
 * | GET  /api/alerts?acknowledged=&cursor=&limit= | { items: Alert[], nextCursor } |
 * | POST /api/alerts/:id/acknowledge {note?} | Alert |
 * | GET  /api/ledger | Ledger |
 * | GET  /api/ledger/entries?orderId= | { items: LedgerEntry[] } |
 * | GET  /api/ledger/series?currency=&from=&to= | LedgerSeries |
 * | GET  /api/topology | TopologyReport |
 * | POST /api/topology/apply | TopologyApplied |
 * | GET  /api/operations | { items: OperationRecord[] }, newest first |
 * | GET  /api/drills | DrillsState; POST /api/drills/:name {…} DrillsState |
 * | POST /api/drills/audit | 202 DrillsState, whose `audit` then changes |
 */

export interface Session {
  /** No token is asked for: development on this machine. */
  open: boolean;
  signedIn: boolean;
  /** `npm start` runs the system: drills can break it. */
  drills: boolean;
  /** The version of the page that this server serves; another one means: load anew. */
  page: string;
}

// ---- the system, each second ----------------------------------------------------------------

export type Pattern = 'work' | 'fanout' | 'topic' | 'rpc';
export type Tone = 'ok' | 'waiting' | 'failed';

/** The one sentence on top, and where it leads. */
export interface Headline {
  tone: Tone;
  text: string;
  /** A path of the page: `/dead-letters?queue=…`. */
  to: string;
}

export interface System {
  at: number;
  headline: Headline;
  /** Of the topology as it is declared now: `Flow.version`. */
  flow: string;
  broker: { up: boolean; version?: string; problem?: string; alarms: string[] };
  services: ServiceState[];
  queues: QueueState[];
  /** Messages a second on each edge that anything was seen on, by `FlowEdge.id`. */
  edges: Record<string, EdgeState>;
  /** Sales (orders placed) a minute, as of the last minute. */
  salesPerMinute: number;
  deadLetters: number;
  alerts: { critical: number; warning: number };
  /** Undefined: financial does not answer. */
  booksBalance?: boolean;
}

export interface EdgeState {
  rate: number;
  /** Since its senders started. */
  count: number;
}

export interface ServiceState {
  name: string;
  state: 'ready' | 'failing' | 'stopping' | 'down';
  /** Why it is not ready, a sentence each. */
  problems: string[];
  /** What deserves a look although it works. */
  warnings: string[];
  outboxLagSeconds: number | null;
  instances: InstanceState[];
}

export interface InstanceState {
  /** `<host>:<pid>` */
  id: string;
  url: string;
  startedAt: number;
  node: string;
  memory: { rssBytes: number; heapUsedBytes: number };
  /** Of one core, 0 to 1 and more. */
  cpu: number;
  eventLoopDelayMs: number;
  handlers: HandlerState[];
}

export interface HandlerState {
  /** `ChargePaymentWork.handle` */
  name: string;
  pattern: Pattern;
  contract?: string;
  queue: string;
  paused: boolean;
  prefetch: number;
  /** Messages in its hands now; the longest for so long. */
  inHand: number;
  heldForMs: number;
  /** Since its process started. */
  handled: number;
  retried: number;
  deadLettered: number;
  /** Messages a second, over the last seconds. */
  rate: number;
  /** Of its calls in the last minute; null: none. */
  p50Ms: number | null;
  p99Ms: number | null;
  /** How long the messages of the last call had waited since they were sent; null: not known. */
  waitedMs: number | null;
}

export interface QueueState {
  name: string;
  pattern: Pattern;
  service: string;
  /** Null: the broker's management API does not say. */
  depth: number | null;
  unacked: number | null;
  consumers: number | null;
  /** As many consumers as its running service's instances have. */
  consumersExpected: number;
  /** Messages a second that come, and that are done. */
  inRate: number;
  outRate: number;
  /** How long its oldest message has waited at least; null: not known, 0: none waits. */
  oldestMs: number | null;
  /** Messages that wait for their next try, by tier, those of all queues in a tier being together. */
  retries: { tier: string; count: number }[];
  deadLetters: number;
  /** The largest depth of the last hour, as far as it was seen. */
  depthMax: number;
}

export interface History {
  /** One value each second or five; null where nothing was seen. */
  at: number[];
  series: Record<string, (number | null)[]>;
}

export interface PeekedMessage {
  messageId?: string;
  contract?: string;
  redelivered: boolean;
  sentAt?: string;
  body: unknown;
  headers: Record<string, unknown>;
}

export interface PauseOutcome {
  /** What each instance said. */
  instances: { id: string; ok: boolean; problem?: string }[];
}

// ---- the flow -------------------------------------------------------------------------------

export interface Flow {
  /** A digest of the declared topology: while it is the same, so is the layout. */
  version: string;
  width: number;
  height: number;
  nodes: FlowNode[];
  edges: FlowEdge[];
}

export interface FlowNode {
  /** `service:orders`, `exchange:sale-finalized`, `queue:payments.charge-payment`, `http:orders` */
  id: string;
  kind: 'http' | 'service' | 'exchange' | 'queue' | 'handler';
  /** Handlers of a service stand beside its queues: `ChargePaymentWork.handle`. */
  label: string;
  service?: string;
  pattern?: Pattern;
  contract?: string;
  queue?: string;
  x: number;
  y: number;
  width: number;
  height: number;
  /** False: the broker has it, no code declares it. */
  declared: boolean;
}

export interface FlowEdge {
  id: string;
  from: string;
  to: string;
  pattern?: Pattern;
  contract?: string;
  /** The whole way, first and last point included, orthogonal. */
  points: { x: number; y: number }[];
  /** False: messages were seen on it, no code declares it. */
  declared: boolean;
}

// ---- steps and journeys ---------------------------------------------------------------------

/** One thing that a service did in a flow. */
export interface Step {
  /** Unique. */
  id: string;
  traceId: string;
  orderId?: string;
  kind: 'http' | 'sent' | 'handled';
  service: string;
  instance: string;
  /** When it began, epoch milliseconds with fractions. */
  at: number;
  tookMs: number;
  /** Of a message. */
  messageId?: string;
  contract?: string;
  pattern?: Pattern;
  /** Where it was sent to, or taken from. */
  exchange?: string;
  queue?: string;
  /** `ChargePaymentWork.handle` */
  handler?: string;
  attempt?: number;
  attemptsMax?: number;
  redelivered?: boolean;
  /** From when it was sent until its handler had it. */
  waitedMs?: number;
  /** Messages that were handled in the same call. */
  batch?: number;
  /**
   * `absorbed`: a copy of what was done before; `retried`: failed, comes again after `retryTier`;
   * `dead`: dead-lettered; `answered`, `refused`: a question.
   */
  outcome: 'ok' | 'absorbed' | 'retried' | 'dead' | 'answered' | 'refused' | 'failed';
  retryTier?: string;
  error?: { code: string; message: string };
  /** Of http: `POST /v1/orders`, and the answer's status. */
  route?: string;
  status?: number;
  /** At most some kilobytes, secrets masked; undefined: not kept. */
  body?: unknown;
  headers?: Record<string, unknown>;
}

/** Above 100 a second not all steps are told: whole flows are left out, so that those told are whole. */
export interface StepsSeen {
  steps: Step[];
  /** The share of flows that is told now, 0 to 1. */
  share: number;
}

/** A step of an order's journey, or what is known of it from records. */
export interface Hop extends Step {
  /** `seen` as it happened; `recorded`: made from what services keep, so that some facts lack. */
  source: 'seen' | 'recorded';
  /** Money that moved with it. */
  money?: { what: string; amount: number; currency: string };
  /** In words: "paid", "sale booked", "payment captured by worker host:12". */
  note?: string;
}

export interface Journey {
  order: OrderDetails;
  /** "Paid after 212 ms; payments tried twice because the gateway timed out." */
  sentence: string;
  traceIds: string[];
  /** In time. */
  hops: Hop[];
  deadLetters: DeadLetter[];
  payments: Payment[];
  entries: LedgerEntry[];
  /** Log lines of its traces, oldest first, at most 500. */
  logs: LogEntry[];
  /** Services that did not answer: what they know is missing here. */
  missing: string[];
  /** Nothing of it changes any more. */
  ended: boolean;
}

// ---- the shop -------------------------------------------------------------------------------

export interface Product {
  sku: string;
  name: string;
  /** Minor units by currency. */
  prices: Record<string, number>;
}

export interface Order {
  id: string;
  status: string;
  customerId: string;
  customerName: string | null;
  currency: string;
  total: number;
  items: { sku: string; quantity: number; [more: string]: unknown }[];
  createdAt: string;
}

export interface OrderDetails extends Order {
  timeline: { state: string; at: string; cause: string }[];
}

export interface NewOrder {
  customerId: string;
  currency: string;
  items: { sku: string; quantity: number }[];
  /** How the payment should end. */
  payment: 'approve' | 'decline' | 'timeout-once' | 'timeout' | 'unknown-customer';
}

export interface NewBurst extends NewOrder {
  /** 1 to 5,000 */
  count: number;
  /** A second, 1 to 500 */
  rate: number;
}

export interface Burst {
  id: string;
  count: number;
  rate: number;
  sent: number;
  accepted: number;
  refused: number;
  state: 'running' | 'stopped' | 'done';
  problem?: string;
}

export interface Payment {
  id: string;
  orderId: string;
  status: string;
  amount: number;
  currency: string;
  attempts: {
    number: number;
    outcome: string;
    worker: string;
    at: string;
    [more: string]: unknown;
  }[];
  [more: string]: unknown;
}

// ---- dead letters ---------------------------------------------------------------------------

/** What the search box says; all of it must hold. */
export interface DeadLetterSearch {
  queue?: string;
  code?: string;
  messageId?: string;
  contract?: string;
  /** `field.<name>=value`: a field of the body, at any depth; up to 5. */
  field?: Record<string, string>;
  /** Anywhere in body or error. */
  q?: string;
  /** ISO 8601: last failed from, and before. */
  from?: string;
  to?: string;
}

export interface DeadLetterSelection extends DeadLetterSearch {
  ids?: string[];
}

export interface DeadLetterGroup {
  service: string;
  queue: string;
  contract?: string;
  errorCode: string;
  handler: string;
  /** Of one of them. */
  errorMessage: string;
  count: number;
  firstFailedAt?: string;
  lastFailedAt?: string;
  /** How many failed in each of the last 24 hours, oldest first. */
  trend: number[];
}

export interface DeadLetterOverview {
  total: number;
  groups: DeadLetterGroup[];
  /** Services that did not answer. */
  missing: string[];
}

export interface DeadLetter {
  service: string;
  id: string;
  queue: string;
  contract?: string;
  errorCode: string;
  errorMessage: string;
  /** Of the error, when its handler's process kept one. */
  stack?: string;
  handler: string;
  attempts?: number;
  replays: number;
  firstFailedAt?: string;
  lastFailedAt?: string;
  traceId?: string;
  orderId?: string;
  body: string;
  bodyEncoding?: 'base64';
  headers: Record<string, unknown>;
}

export interface ReplayCheck {
  wouldSend: number;
  /** What today's contracts refuse. */
  invalid: { id: string; queue: string; problem: string }[];
  unchecked: number;
}

/** A replay on its way, and what became of the messages. */
export interface Replay {
  id: string;
  service: string;
  startedAt: number;
  by: string;
  state: 'running' | 'paused' | 'stopped' | 'done' | 'failed';
  /** Its number in the service's record, which undo takes. */
  operation?: number;
  rate?: number;
  selected: number;
  /** Confirmed by the broker, on their queue again. */
  sent: number;
  /** Of those: their mark is in the inbox; a dead letter again; neither yet. */
  handled: number;
  failedAgain: number;
  waiting: number;
  /** Left where they were, and why. */
  stayed: { id: string; queue: string; problem: string }[];
  /** The first 1,000 of them, one by one. */
  messages: { id: string; queue: string; state: 'waiting' | 'handled' | 'failed-again' }[];
  problem?: string;
}

export interface OperationResult {
  service: string;
  operation: number;
  done: number;
  stayed: { id: string; queue: string; problem: string }[];
}

// ---- logs -----------------------------------------------------------------------------------

export interface LogSearch {
  level?: string;
  service?: string;
  traceId?: string;
  q?: string;
  field?: Record<string, string>;
  from?: string;
  to?: string;
}

export interface LogEntry {
  id: string;
  time: string;
  level: 'debug' | 'info' | 'warning' | 'error' | 'critical';
  service: string;
  message: string;
  context: string | null;
  traceId: string | null;
  data: Record<string, unknown> | null;
}

export interface Alert {
  id: string;
  time: string;
  level: string;
  service: string;
  message: string;
  count?: number;
  acknowledged?: { by: string; at: string; note?: string } | null;
  [more: string]: unknown;
}

// ---- ledger ---------------------------------------------------------------------------------

export interface Ledger {
  currencies: {
    currency: string;
    balanced: boolean;
    debit: number;
    credit: number;
    accounts: { account: string; debit: number; credit: number; balance: number }[];
  }[];
}

export interface LedgerEntry {
  id: string;
  kind: string;
  orderId: string;
  currency: string;
  postings: { account: string; debit?: number; credit?: number; [more: string]: unknown }[];
  bookedAt: string;
  [more: string]: unknown;
}

/** The balance of each account at the end of each step of time. */
export interface LedgerSeries {
  currency: string;
  at: number[];
  accounts: Record<string, number[]>;
}

// ---- topology, operations, drills -----------------------------------------------------------

export interface TopologyDifference {
  /** `+` declared and not on the broker, `-` on the broker and not declared, `~` different. */
  sign: '+' | '-' | '~';
  what: 'exchange' | 'queue' | 'binding';
  name: string;
  reason: string;
  remedy: string;
  /** `apply` does it. */
  safe: boolean;
}

export interface TopologyReport {
  at: number;
  differences: TopologyDifference[];
  /** What could not be looked at, and why. */
  unchecked: string[];
  advice: { level: string; code: string; text: string }[];
  broker: { version?: string; alarms: string[] };
}

export interface TopologyApplied {
  did: string[];
  left: TopologyDifference[];
}

export interface OperationRecord {
  at: string;
  by: string;
  service: string;
  /** `replay`, `discard`, `undo`, `pause handler`, `apply topology`, `acknowledge alert`, a drill. */
  action: string;
  /** In words: "412 messages of payments.charge-payment, code gateway_timeout". */
  text: string;
  outcome: string;
  /** An operation on dead letters that can be undone. */
  undo?: { service: string; operation: number };
}

export type DrillName =
  | 'stop-worker'
  | 'start-worker'
  | 'add-worker'
  | 'remove-worker'
  | 'freeze-database'
  | 'kill-connections'
  | 'kill-broker';

export interface DrillsState {
  available: boolean;
  /** What can be broken now: each says what it does, for how long, and what should happen. */
  drills: {
    name: DrillName;
    title: string;
    breaks: string;
    expect: string;
    /** Of a drill with a choice: `service=payments`. */
    services?: string[];
    seconds?: number;
    enabled: boolean;
  }[];
  /** The worker processes of each service. */
  workers: { service: string; instance: string; pid: number; url: string; state: string }[];
  running?: { name: DrillName; text: string; startedAt: number; endsAt?: number };
  last?: { name: DrillName; text: string; startedAt: number; endedAt: number; outcome: string };
  audit?: {
    state: 'running' | 'clean' | 'violated' | 'failed';
    at: number;
    /** The lines that `npm run audit` prints. */
    lines: string[];
  };
}
