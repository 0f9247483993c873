import { wiringsOfServices } from '@tradepost/messaging';
import { services } from '../../apps/services';
import { scaledObjectOf } from '../../dev/k8s/scaled-objects';
import { shop } from '../../ops/shop/messaging';
import { untilNone } from '../harness/until-none';
import type { Setting } from '../harness/work';
import { placeInSteps, type Pace } from '../sale/client';
import { ShopSystem } from '../sale/shop-system';
import { accountsOf } from './accounts';
import { wave } from './load';
import type { Rule } from './rule';
import { ScaledService } from './scaled-service';
import { untilOver } from './until-over';

export interface Options extends Rule {
  /** Sales a second. */
  peak: number;
  seconds: number;
  /** So long after the load all has to be sold, and the replicas that came be gone. */
  settleMs: number;
}

export interface Sample {
  second: number;
  perSecond: number;
  /** Messages that are ready or held, of each service. */
  depth: Record<string, number>;
  replicas: Record<string, number>;
}

export type Scaling = Awaited<ReturnType<typeof scaleShop>>;

const lookMs = 1_000;
const pollMs = 100;
/** A worker of payments waits for it most of its time: this machine has room for others. */
const slowGateway = { SANDBOX_LATENCY_MS: '2500', GATEWAY_TIMEOUT_MS: '20000' };

/**
 * A shop whose services have as many replicas as their queues are deep, under a load that rises and
 * falls, until all is sold and the replicas that came are gone.
 */
export async function scaleShop(
  setting: Setting,
  options: Options,
  onSample: (sample: Sample) => void,
) {
  const system = new ShopSystem('scale', setting, undefined, { early: slowGateway });
  try {
    await system.start();
    const scaled = await scaledServices(system, options);
    await Promise.all(scaled.map((one) => one.start()));
    const steps = wave(options);
    let isSold = false;
    const selling = sell(system, steps).finally(() => (isSold = true));
    // It is awaited after the last sample.
    selling.catch(() => undefined);
    const samples: Sample[] = [];
    const look = async (second: number) => {
      const depths = await system.host.depths();
      for (const one of scaled) one.follow(depths);
      const sample = sampleOf(scaled, { second, perSecond: steps[second]?.perSecond ?? 0 });
      samples.push(sample);
      onSample(sample);
    };
    await untilOver(look, {
      everyMs: lookMs,
      maxMs: options.seconds * 1_000 + options.settleMs,
      signal: setting.signal,
      isOver: () => isSold && scaled.every(({ replicas }) => replicas === options.from),
      left: () => leftOf(scaled, options, isSold),
    });
    const accepted = await selling;
    await Promise.all(scaled.map((one) => one.settled()));
    return { ...(await accountsOf(system, accepted)), samples };
  } finally {
    await system.stop();
  }
}

/** Each looks at the queues of its ScaledObject. */
async function scaledServices(system: ShopSystem, rule: Rule): Promise<ScaledService[]> {
  const wirings = await wiringsOfServices(shop);
  return services.map((name) => {
    const [trigger] = scaledObjectOf(name, wirings[name] ?? []).spec.triggers;
    return new ScaledService(name, new RegExp(trigger?.metadata.queueName ?? '^$'), {
      shop: system.shop,
      rule,
    });
  });
}

/** @returns the orders that were accepted, when all have ended */
async function sell(system: ShopSystem, steps: readonly Pace[]): Promise<string[]> {
  const { begun } = await placeInSteps(system.orders, steps);
  await untilNone(() => system.unfinished(), { everyMs: pollMs, what: system.name });
  return [...begun.keys()];
}

/** `orders are unfinished; payments: 41 messages, 3 replicas` */
function leftOf(scaled: readonly ScaledService[], { from }: Rule, isSold: boolean): string {
  const busy = scaled.filter(({ replicas, depth }) => replicas !== from || depth > 0);
  const each = busy.map(({ name, replicas, depth }) => {
    return `${name}: ${depth} messages, ${replicas} replicas`;
  });
  return [...(isSold ? [] : ['orders are unfinished']), ...each].join('; ');
}

function sampleOf(
  scaled: readonly ScaledService[],
  at: Pick<Sample, 'second' | 'perSecond'>,
): Sample {
  const each = <T>(of: (one: ScaledService) => T) =>
    Object.fromEntries(scaled.map((one) => [one.name, of(one)])) as Record<string, T>;
  return { ...at, depth: each(({ depth }) => depth), replicas: each(({ replicas }) => replicas) };
}
