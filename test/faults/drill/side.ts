import { join, resolve } from 'node:path';
import type { DrillFlow, DrillSubject } from './drill-subject';
import type { FlowName } from './protocol';

/** Who is drilled: our runtime with some handlers, or another library. */
export interface Side {
  name: 'ours' | 'golevelup' | 'nest';
  /** The file that each of its processes runs. */
  program: string;
  /** Of ours: the file with the handlers. */
  module: string;
  subject: DrillSubject;
  /** What a plain client publishes so that it reaches the handler. */
  wire(body: unknown): unknown;
}

export const sideNames = ['ours', 'golevelup', 'nest'] as const;

export function sideOf(name: Side['name'], module?: string): Side {
  const file = module === undefined ? join(__dirname, 'own-handlers.js') : built(module);
  // A path that is known at run time only.
  const { subject } = require(file) as { subject?: DrillSubject };
  if (subject === undefined) throw new Error(`${module} exports no \`subject\` (DrillSubject)`);
  const program = join(__dirname, name === 'ours' ? 'subject.js' : `rivals/${name}.js`);
  if (name === 'ours') return { name, program, module: file, subject, wire: (body) => body };
  // Batches are no word of theirs; what is heard and what is worked on is one thing to them.
  const { service, providers, main } = subject;
  const poison = { ...main, body: (job: number) => ({ ...main.body(job), poison: true }) };
  // Nest's documentation begins with a queue and no exchange.
  const fanout = name === 'golevelup' ? main : undefined;
  const wire = (body: unknown) => (name === 'nest' ? { pattern: 'do-job', data: body } : body);
  return {
    name,
    program,
    module: file,
    subject: { service, providers, main, fanout, poison },
    wire,
  };
}

export function queueOf({ subject }: Side, flow: FlowName): string {
  const { route } = flowOf(subject, flow).contract;
  return route.kind === 'work' ? route.queue : `${subject.service}.${route.exchange}`;
}

export function flowOf(subject: DrillSubject, name: FlowName): DrillFlow {
  const flow = subject[name];
  if (flow === undefined) throw new Error(`the module has no ${name} flow`);
  return flow;
}

// Sources are built into dist before any command runs; anything else is loaded as it is.
function built(module: string): string {
  const path = resolve(module);
  if (!path.endsWith('.ts')) return path;
  const root = resolve('.');
  if (!path.startsWith(root)) throw new Error(`${module}: a .ts file outside the repository`);
  return join(root, 'dist', path.slice(root.length).replace(/\.ts$/, '.js'));
}
