import { Random } from '../../../dev/random';
import { withoutLate } from '../http/outside';
import { contentOf } from '../values/content';
import { uuidOf, type GoodValues } from '../values/good';
import { mutated } from '../values/mutate';
import type { OddValues } from '../values/odd';
import type { Inlet } from './inlets';
import type { MessageJudge, Verdict } from './message-judge';
import { goodProperties, isReadable, makeOdd, type Properties } from './properties';

/** Which message it is, in every copy of it. */
export const caseHeader = 'x-fuzz-case';
/** Of a message that is no case: it is there to be looked at. */
export const ownHeader = { [caseHeader]: '-1' };

const bundleType = 'application/cloudevents-batch+json';
const shares = { bad: 0.5, odd: 0.2, bundle: 0.12 };

export interface MessageCase {
  at: string;
  number: number;
  inlet: Inlet;
  content: Buffer;
  properties: Properties;
  /** So many messages it is for its handler: of a bundle each event. */
  parts: number;
  /** Of those; -1: the document does not say. */
  bad: number;
  /** Its sender waits for no answer. */
  isUnasked: boolean;
}

export interface Makings {
  seed: number;
  inlets: readonly Inlet[];
  values: GoodValues;
  odd: OddValues;
  judge: MessageJudge;
}

/** The same for the same seed and number, but for the ids of what is there. */
export function messageCase(number: number, makings: Makings): MessageCase {
  const random = new Random(makings.seed, `message ${number}`);
  const inlet = random.pick(makings.inlets);
  const properties = goodProperties(inlet.contract, random);
  const isBundle = !inlet.isQuestion && random.chance(shares.bundle);
  const made = isBundle ? bundle(inlet, random, makings) : single(inlet, random, makings);
  if (isBundle) properties.contentType = bundleType;
  if (random.chance(shares.odd) && !isBundle) makeOdd(properties, random, makings.odd);
  properties.headers[caseHeader] = `${number}`;
  const bad = isReadable(properties, inlet.isQuestion) ? made.bad : 1;
  const isUnasked = inlet.isQuestion && 'x-deadline' in properties.headers;
  return { at: `message:${number}`, number, inlet, properties, ...made, bad, isUnasked };
}

type Made = Pick<MessageCase, 'content' | 'parts' | 'bad'>;

const badOf: Record<Verdict, number> = { good: 0, bad: 1, either: -1 };

function single(inlet: Inlet, random: Random, makings: Makings): Made {
  const { values, odd, judge } = makings;
  const body = values.of({ $ref: inlet.contract }, random) as object;
  if (!random.chance(shares.bad)) {
    const content = contentOf(withoutLate(body), random, 0);
    return { content, parts: 1, bad: badOf[judge.ofContent(inlet, content)] };
  }
  const changed = mutated(body, random, odd);
  const content = contentOf(isObject(changed) ? withoutLate(changed) : changed, random);
  return { content, parts: 1, bad: badOf[judge.ofContent(inlet, content)] };
}

/** CloudEvents in the JSON batch format. */
function bundle(inlet: Inlet, random: Random, { values, odd, judge }: Makings): Made {
  const type = inlet.contract;
  const events = Array.from({ length: random.pick([0, 1, 2, 3, 8]) }, () => {
    const body = values.of({ $ref: type }, random) as object;
    const changed = random.chance(0.3) ? mutated(body, random, odd) : body;
    const data = isObject(changed) ? withoutLate(changed) : changed;
    const id = random.chance(0.05) ? random.pick(['', 7, null, 'x'.repeat(300)]) : uuidOf(random);
    return { specversion: '1.0', id, source: '/fuzz', type, data };
  });
  const content = contentOf(events, random, 0.05);
  const sent = parsed(content);
  // It is one message that nobody can open.
  if (!Array.isArray(sent) || !sent.every(isObject)) return { content, parts: 1, bad: 1 };
  const verdicts = (sent as typeof events).map(({ id, data }) =>
    isId(id) ? judge.ofBody(inlet, data) : 'bad',
  );
  const bad = verdicts.filter((one) => one === 'bad').length;
  return { content, parts: sent.length, bad: verdicts.includes('either') ? -1 : bad };
}

function isId(id: unknown): boolean {
  return typeof id === 'string' && id !== '' && id.length <= 255;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(content: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(content));
  } catch {
    return undefined;
  }
}
