import type { Type } from '@nestjs/common';
import type { Wiring } from '../handlers/handler';
import { functionsOf, listedIn } from '../handlers/wiring';
import { refuse, type StrategyOptions, wiringOf } from './strategy-options';

/** Nest's own key; importing it would need `@nestjs/microservices` of every service. */
const patternKey = 'microservices:pattern';

/**
 * What a `RabbitStrategy` with these options takes from, for the controllers of this module:
 * nothing is created, nothing runs.
 * @throws WiringError an option that cannot keep the guarantee
 */
export function strategyWiring(options: StrategyOptions, module: Type): Wiring {
  refuse(options);
  const methods = [...listedIn(module).controllers].flatMap((one) => [
    ...functionsOf(one).values(),
  ]);
  const patterns = methods.flatMap((method) => {
    return (Reflect.getMetadata(patternKey, method) ?? []) as unknown[];
  });
  // A wildcard is a text.
  return wiringOf(
    options,
    patterns.filter((one) => typeof one === 'string'),
  );
}
