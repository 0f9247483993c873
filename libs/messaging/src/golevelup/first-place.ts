import type { ConsumeMessage } from 'amqplib';
import { PropertyList, withList } from '../connection/property-list';
import { headerNames, stringHeader } from '../envelope';

/**
 * Handlers of golevelup's read the exchange and the key off the message. A retry and a replay come
 * by others, and so carry the first ones.
 * @returns the message as it first came
 */
export function asFirstCame(raw: ConsumeMessage): ConsumeMessage {
  const exchange = stringHeader(raw.properties.headers, headerNames.firstExchange);
  const routingKey = stringHeader(raw.properties.headers, headerNames.firstRoutingKey);
  if (exchange === undefined || routingKey === undefined) return raw;
  return { ...raw, fields: { ...raw.fields, exchange, routingKey } };
}

/** As it goes on when it has failed. */
export function withFirstPlace(raw: ConsumeMessage): ConsumeMessage {
  const { exchange, routingKey } = raw.fields;
  const list = PropertyList.of(raw.properties);
  const headers = {
    [headerNames.firstExchange]: exchange,
    [headerNames.firstRoutingKey]: routingKey,
  };
  list.set({ headers });
  return { ...raw, properties: withList({ ...raw.properties }, list) };
}
