import 'reflect-metadata';
import { obey } from '../harness/obey';
import { saleOf, type Sale } from '../messages/sale';
import { questionOf } from '../rpc/customer';
import type { Ask, Publish } from './peer';
import { peers } from './peers';
import type { Asked, Asking, Command, Handled, Load, Part, Published } from './protocol';

/** One part of a peer as a process: starts it, and serves the bench's commands. */

const { peer: name, role, setup } = JSON.parse(process.env['BENCH_PEER'] ?? '{}') as Part;

let publish: Publish | undefined;
let ask: Ask | undefined;

async function start(): Promise<void> {
  const { publisher, consumer, server, caller } = await peers[name]();
  if (role === 'publisher') publish = await publisher?.(setup);
  else if (role === 'consumer') await consumer?.(setup, (sale) => count(sale));
  else if (role === 'server') await server?.(setup);
  else ask = await caller?.(setup);
}

const seen = new Set<number>();
let copies = 0;
let expected: (Load & { left: number; done: () => void }) | undefined;

function count({ number }: Sale): void {
  if (seen.has(number)) {
    copies += 1;
    return;
  }
  seen.add(number);
  if (expected === undefined || number < expected.from) return;
  expected.left -= 1;
  if (expected.left === 0) expected.done();
}

async function awaitHandled(load: Load): Promise<Handled> {
  const had = [...seen].filter((number) => number >= load.from).length;
  if (had < load.count) {
    await new Promise<void>((done) => (expected = { ...load, left: load.count - had, done }));
  }
  return { lastAt: now(), copies };
}

/** Works as long as `more` allows. @returns how many failed, and why the first one did */
async function each(
  { from, inFlight }: Omit<Load, 'count'>,
  more: (number: number) => boolean,
  work: (number: number) => unknown,
) {
  const outcome: { failed: number; firstFailure?: string } = { failed: 0 };
  let next = from;
  const lane = async () => {
    while (more(next)) {
      const number = next;
      next += 1;
      try {
        await work(number);
      } catch (error) {
        outcome.failed += 1;
        outcome.firstFailure ??= String(error);
      }
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return outcome;
}

async function publishEach(load: Load): Promise<Published> {
  const firstAt = now();
  const more = (number: number) => number < load.from + load.count;
  const outcome = await each(load, more, (number) => publish?.(saleOf(number)));
  return { firstAt, confirmedAt: now(), ...outcome };
}

async function askEach({ forMs, ...load }: Asking): Promise<Asked> {
  const latenciesMs: number[] = [];
  const firstAt = now();
  const more = () => now() < firstAt + forMs;
  const outcome = await each(load, more, async (number) => {
    const asked = performance.now();
    const question = questionOf(number);
    const answer = await ask?.(question);
    latenciesMs.push(performance.now() - asked);
    if (answer?.customerId !== question.customerId) throw new Error('the answer of another');
  });
  return { firstAt, lastAt: now(), latenciesMs, ...outcome };
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

const ready = start();

obey<Command>(async (command) => {
  switch (command.do) {
    case 'report-ready':
      return ready;
    case 'publish':
      return publishEach(command);
    case 'await-handled':
      return awaitHandled(command);
    case 'count-handled':
      return seen.size;
    case 'ask':
      return askEach(command);
  }
});
