import { RABBIT_CONFIG_TOKEN } from '@golevelup/nestjs-rabbitmq';
import type { Type } from '@nestjs/common';
import { WiringError } from '../wiring-error';
import type { Wiring } from '../handlers/handler';
import { listedIn, methodsOf, refuseSharedQueues } from '../handlers/wiring';
import { merge } from '../topology/topology';
import { problemsOf, refuse, type RabbitMQOptions } from './config';
import { Places } from './places';
import { problemsOfHandler, registrationsOf, wiringOf } from './registration';

/**
 * The handlers of a service with golevelup's `RabbitMQModule`, its own or the runtime's, read off
 * its module: nothing is created, nothing runs.
 * @returns undefined for a service without one
 * @throws WiringError its options are made at its start, or one that cannot keep the guarantee
 */
export function configuredWirings(module: Type): Wiring[] | undefined {
  const { others, providers, controllers } = listedIn(module);
  const given = others.find(({ provide }) => provide === RABBIT_CONFIG_TOKEN);
  if (given === undefined) return undefined;
  if (!('useValue' in given)) {
    throw new WiringError(`${module.name}: its options are made at its start: import forRoot`);
  }
  const config = given.useValue as RabbitMQOptions;
  const places = new Places(config);
  const inControllers = config.enableControllerDiscovery ? controllers : [];
  const registrations = [...providers, ...inControllers]
    .flatMap(methodsOf)
    .flatMap((one) => registrationsOf(one, config));
  refuse([...problemsOf(config), ...places.problems, ...registrations.flatMap(problemsOfHandler)]);
  const wirings = registrations.map((one) => {
    const wiring = wiringOf(one, places, config);
    return { ...wiring, places: merge([places.all, wiring.places ?? {}]) };
  });
  refuseSharedQueues(wirings.filter(({ kind }) => kind !== 'rpc'));
  return wirings;
}
