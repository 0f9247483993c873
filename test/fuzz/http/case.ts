import { Random } from '../../../dev/random';
import type { AppName } from '../../../apps/services';
import { contentOf } from '../values/content';
import { GoodValues, type Known } from '../values/good';
import { mutated } from '../values/mutate';
import type { OddValues } from '../values/odd';
import { goodAddress, oddAddress } from './address';
import type { BodyJudge } from './body-judge';
import type { Callers, Shown } from './callers';
import { brokenBytes } from './framing';
import { bytesOf, makeOdd, type Header } from './head';
import type { Api, Operation } from './operations';
import { withoutTimeouts } from './outside';

/** A request, and what may come of it. */
export interface Asked {
  method: string;
  /** Without its query. */
  path: string;
  bytes: Buffer;
  /** By its body alone: `refused`: no 2xx; `taken`: neither 400 nor 415. */
  expects: 'any' | 'refused' | 'taken';
  /** By its token alone. */
  caller: Shown['is'];
}

/** What is sent on one connection, at once. */
export interface HttpCase {
  at: string;
  service: AppName;
  asked: Asked[];
  /** It is no HTTP, or breaks off. */
  isBroken: boolean;
}

export interface Makings {
  seed: number;
  apis: readonly Api[];
  known: Known;
  odd: OddValues;
  callers: Callers;
  judge: BodyJudge;
}

type Fault = 'none' | 'body' | 'address' | 'head' | 'method';

const faults: Fault[] = [
  'none',
  'none',
  'none',
  'body',
  'body',
  'body',
  'address',
  'head',
  'method',
];
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'];
const shares = { broken: 0.07, pipelined: 0.1, operators: 0.25, unwanted: 0.05 };

/** The same for the same seed and number, but for the ids of what is there. */
export function httpCase(number: number, makings: Makings): HttpCase {
  const random = new Random(makings.seed, `http ${number}`);
  const api = random.pick(makings.apis);
  const isBroken = random.chance(shares.broken);
  const count = !isBroken && random.chance(shares.pipelined) ? random.int(2, 4) : 1;
  const asked = Array.from({ length: count }, () => ask(api, random, isBroken, makings));
  return { at: `http:${number}`, service: api.service, asked, isBroken };
}

function ask(api: Api, random: Random, isBroken: boolean, makings: Makings): Asked {
  const { odd, known, callers, judge } = makings;
  const values = new GoodValues(api.schemas, odd, known);
  const operation = pickOperation(api, random);
  const fault = isBroken ? 'none' : random.pick(faults);
  const good = goodAddress(operation, values, random);
  const { path, query } = fault === 'address' ? oddAddress(operation, good, random, odd) : good;
  const method = fault === 'method' ? random.pick(methods) : operation.method;
  const content = bodyFor(operation, fault, random, { values, odd });
  const caller = callers.for(operation, random, odd);
  const headers: Header[] = [
    ['host', 'localhost'],
    ...Object.entries(caller.headers),
    ...headersOf(operation, values, random),
    ...(content ? json(content) : []),
  ];
  if (fault === 'head') makeOdd(headers, random, odd);
  const line = `${method} ${path}${query && `?${query}`} HTTP/1.1`;
  const bytes = isBroken ? brokenBytes(line, headers, random) : bytesOf(line, headers, content);
  const plain = !isBroken && (fault === 'none' || fault === 'body');
  const isLetIn = caller.is === 'any';
  const expects = plain && isLetIn && operation.body ? expected(operation, content, judge) : 'any';
  return { method, path, bytes, expects, caller: plain ? caller.is : 'any' };
}

function pickOperation({ operations }: Api, random: Random): Operation {
  const isForOperators = random.chance(shares.operators);
  const some = operations.filter((one) => one.isForOperators === isForOperators);
  // What changes something has more to go wrong.
  const first = random.pick(some.length > 0 ? some : operations);
  return first.body ? first : random.pick(some.length > 0 ? some : operations);
}

function bodyFor(
  { path, body }: Operation,
  fault: Fault,
  random: Random,
  { values, odd }: { values: GoodValues; odd: OddValues },
): Buffer | undefined {
  if (!body && !random.chance(shares.unwanted)) return undefined;
  const good = withoutTimeouts(path, values.of(body ?? {}, random));
  if (fault !== 'body') return contentOf(good, random, 0);
  if (random.chance(0.05)) return undefined;
  return contentOf(withoutTimeouts(path, mutated(good, random, odd)), random);
}

function headersOf({ parameters }: Operation, values: GoodValues, random: Random): Header[] {
  return parameters
    .filter((one) => one.in === 'header' && (one.required || random.chance(0.4)))
    .map(({ name, schema }): Header => [name.toLowerCase(), ascii(values.of(schema, random))]);
}

function ascii(value: unknown): string {
  return String(value).replace(/[^!-~]/g, '-') || '-';
}

function json(content: Buffer): Header[] {
  return [
    ['content-type', 'application/json'],
    ['content-length', `${content.length}`],
  ];
}

function expected(
  operation: Operation,
  content: Buffer | undefined,
  judge: BodyJudge,
): Asked['expects'] {
  // An empty body is none, and none is an object without fields.
  const given = content && content.length > 0 ? content : Buffer.from('{}');
  return judge.verdict(operation, given);
}
