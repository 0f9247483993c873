import { join, resolve } from 'node:path';
import type { TestBroker } from '@tradepost/test-kit';
import type { DrillSubject } from './drill-subject';

export const libraryNames = ['ours', 'golevelup', 'nest', 'nest-strategy'] as const;

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

export function libraryOf(name: (typeof libraryNames)[number], given?: string): Library {
  const module = given === undefined ? join(__dirname, 'own-handlers.js') : builtFileOf(given);
  const subject = subjectOf(module);
  const onRuntime = name === 'ours' || name === 'nest-strategy';
  const encode = (body: unknown) => body;
  const hasClassicQueue = name !== 'ours';
  const base = { name, module, onRuntime, hasClassicQueue, hasOutbox: onRuntime, encode };
  if (name === 'ours') return { ...base, program: 'test/faults/drills/ours.js', subject };
  const { service, providers, main } = subject;
  const poison = { ...main, body: (job: number) => ({ ...main.body(job), poison: true }) };
  const program = `test/faults/drills/baselines/${name}.js`;
  // Neither has batches. To golevelup work and fanout are the same; Nest's documentation begins
  // with a queue and no exchange.
  const baseline = { ...base, program, subject: { service, providers, main, poison } };
  if (name !== 'golevelup') return { ...baseline, encode: (data) => ({ pattern: 'do-job', data }) };
  return { ...baseline, subject: { ...baseline.subject, fanout: main }, exchange: 'drill' };
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
