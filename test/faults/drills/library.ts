import { join, resolve } from 'node:path';
import type { Mode } from '@tradepost/messaging';
import type { Contract } from '@tradepost/messaging/contract';
import type { TestBroker } from '@tradepost/test-kit';
import type { DrillSubject } from './drill-subject';

export const modes = ['strict', 'simple'] as const satisfies Mode[];
export const libraryNames = ['ours', 'golevelup', 'nest', 'nest-strategy'] as const;

/** The service that sends to the handlers under drill. */
export const sender = 'drill-sender';

/** What is drilled: our runtime with some handlers, or a library to compare it with. */
export interface Library {
  /** As reports name it. */
  name: string;
  /** What each of its processes runs, in dist. */
  program: string;
  /** Of ours: the file with the handlers. */
  module: string;
  subject: DrillSubject;
  /** Its handlers are on our runtime. */
  onRuntime: boolean;
  /** In strict mode both processes have a user with the least permissions. */
  mode: Mode;
  hasClassicQueue: boolean;
  /** What is sent is sent through an outbox. */
  hasOutbox: boolean;
  /** What a plain client publishes so that it reaches the handler. */
  encode(body: unknown): unknown;
  /** That of its messages, where it is not that of a contract. */
  exchange?: string;
  listener?: Listener;
}

/** Whoever hears what the handlers say: a job is done when it has been heard of. */
export interface Listener {
  declare(client: TestBroker): Promise<void>;
  /** @returns the jobs */
  heard(client: TestBroker): Promise<number[]>;
}

/** @param mode of ours: the others declare what they need, by a user that may do all */
export function libraryOf(
  name: (typeof libraryNames)[number],
  mode: Mode,
  given?: string,
): Library {
  const module = given === undefined ? join(__dirname, 'own-handlers.js') : builtFileOf(given);
  const subject = subjectOf(module);
  const onRuntime = name === 'ours' || name === 'nest-strategy';
  const encode = (body: unknown) => body;
  const hasClassicQueue = name !== 'ours';
  const common = { name, module, onRuntime, hasClassicQueue, hasOutbox: onRuntime, encode };
  const ours = { ...common, mode, program: 'test/faults/drills/ours.js', subject };
  if (name === 'ours') return ours;
  const base = { ...common, mode: 'simple' as const };
  const { service, providers, main } = subject;
  const poison = { ...main, body: (job: number) => ({ ...main.body(job), poison: true }) };
  const program = `test/faults/drills/baselines/${name}.js`;
  // Neither has batches. To golevelup work and fanout are the same; Nest's documentation begins
  // with a queue and no exchange.
  const baseline = { ...base, program, subject: { service, providers, main, poison } };
  if (name !== 'golevelup') return { ...baseline, encode: (data) => ({ pattern: 'do-job', data }) };
  return { ...baseline, subject: { ...baseline.subject, fanout: main }, exchange: 'drill' };
}

/** What either process sends: they share an outbox, and each sends what the other left there. */
export function sentBy({
  main,
  batch,
  fanout,
  poison,
  inOrder,
  sends = [],
}: DrillSubject): Contract[] {
  const flows = [main, batch, fanout, poison, inOrder].flatMap((flow) => flow?.contract ?? []);
  return [...flows, ...sends];
}

/** @throws when the file exports none */
export function subjectOf(module: string): DrillSubject {
  // A path that is known at run time only.
  const { subject } = require(module) as { subject?: DrillSubject };
  if (subject === undefined) throw new Error(`${module} exports no \`subject\` (DrillSubject)`);
  return subject;
}

// Sources are built into dist before any command runs; anything else is loaded as it is.
function builtFileOf(module: string): string {
  const path = resolve(module);
  if (!path.endsWith('.ts')) return path;
  const root = resolve('.');
  if (!path.startsWith(root)) throw new Error(`${module}: a .ts file outside the repository`);
  return join(root, 'dist', path.slice(root.length).replace(/\.ts$/, '.js'));
}
