import { BulkClient } from '@tradepost/test-kit';
import { finding, type Finding } from './finding';
import { BodyJudge } from './http/body-judge';
import type { Makings } from './http/case';
import { apis as allApis } from './http/operations';
import { runHttp, type HttpRun } from './http/phase';
import { buySome, leaveDeadLetters } from './known';
import { growth, measure, type Memory } from './memory';
import { inletsOf, type Inlet } from './messages/inlets';
import { MessageJudge } from './messages/message-judge';
import { MessagePhase, type MessageRun } from './messages/phase';
import type { Options } from './options';
import { quiet } from './quiet';
import { System, type Place } from './system';
import { GoodValues, type Known } from './values/good';
import { OddValues } from './values/odd';

/** Of the cases: what a service needs to be warm. */
const warmShare = 0.2;

export interface Run {
  http: HttpRun;
  messages: MessageRun;
  /** Bytes of each service: early in the load, and after it. */
  memory: { early: Memory; late: Memory }[];
  findings: Finding[];
}

export interface RunOptions {
  options: Options;
  place: Place;
  say: (line: string) => void;
  signal: AbortSignal;
}

/** Starts the system, sends all, and accounts for it. */
export async function fuzz({ options, place, say, signal }: RunOptions): Promise<Run> {
  const system = await System.start(place);
  const client = await BulkClient.connect(place.amqpUrl);
  try {
    say('the services are ready');
    const { seed } = options;
    const odd = new OddValues(seed);
    const inlets = await inletsOf();
    const known = await knownOf(system, client, inlets);
    const apis = allApis();
    const { callers } = system;
    const asking = { seed, apis, known, odd, callers, judge: new BodyJudge(apis) };
    const [http, ofHttp] = await httpPhase(system, asking, options, signal);
    say(`${http.requests} requests sent`);
    await quiet(system);
    const judge = new MessageJudge('docs/asyncapi.json');
    const values = new GoodValues(judge.schemas, odd, known);
    const sending = { seed, inlets, values, odd, judge };
    const phase = await MessagePhase.open(client, system, sending);
    const [messages, ofMessages] = await messagePhase(system, phase, options, signal);
    say(`${messages.messages} messages sent`);
    const findings = [...system.crashes, ...http.findings, ...messages.findings];
    findings.push(...(await unwell(system)), ...system.warnings());
    const memory = [ofHttp, ofMessages];
    for (const { early, late } of memory) findings.push(...growth(early, late));
    return { http, messages, memory, findings };
  } finally {
    await client.close();
    await system.stop();
  }
}

async function knownOf(system: System, client: BulkClient, inlets: Inlet[]): Promise<Known> {
  const bought = await buySome(system);
  const ids = await leaveDeadLetters(client, inlets);
  return { ...bought, ids, queue: inlets.map(({ queue }) => queue) };
}

type Measured = Run['memory'][number];

async function httpPhase(
  system: System,
  makings: Makings,
  { only, requests }: Options,
  signal: AbortSignal,
): Promise<[HttpRun, Measured]> {
  const [first, rest] = numbersOf('http', only, requests);
  const warm = await runHttp(first, system, makings, signal);
  const early = await measure(system.processes);
  const run = await runHttp(rest, system, makings, signal);
  const late = await measure(system.processes);
  const statuses = { ...warm.statuses };
  for (const [status, count] of Object.entries(run.statuses)) {
    statuses[Number(status)] = (statuses[Number(status)] ?? 0) + count;
  }
  const whole = {
    connections: warm.connections + run.connections,
    requests: warm.requests + run.requests,
    statuses,
    seconds: warm.seconds + run.seconds,
    findings: [...warm.findings, ...run.findings],
  };
  return [whole, { early, late }];
}

async function messagePhase(
  system: System,
  phase: MessagePhase,
  { only, messages }: Options,
  signal: AbortSignal,
): Promise<[MessageRun, Measured]> {
  const [first, rest] = numbersOf('message', only, messages);
  const began = performance.now();
  await phase.run(first, signal);
  const early = await measure(system.processes);
  await phase.run(rest, signal);
  const seconds = (performance.now() - began) / 1_000;
  const late = await measure(system.processes);
  const findings = await phase.close();
  return [
    { ...phase.accounts.counts, seconds, findings },
    { early, late },
  ];
}

/** Those that warm the services, and the rest. */
function numbersOf(
  kind: 'http' | 'message',
  only: Options['only'],
  count: number,
): [warm: number[], rest: number[]] {
  if (only) return [[], only.kind === kind ? [only.number] : []];
  const all = Array.from({ length: count }, (_, index) => index);
  const warm = Math.ceil(count * warmShare);
  return [all.slice(0, warm), all.slice(warm)];
}

/** What does not say of itself that it is well. */
async function unwell(system: System): Promise<Finding[]> {
  const found = system.processes.map(async ({ app, name }): Promise<Finding[]> => {
    try {
      await system.call(app as Parameters<System['call']>[0], '/health/ready');
      return [];
    } catch (error) {
      return [finding(name, 'ready', String(error))];
    }
  });
  return (await Promise.all(found)).flat();
}
