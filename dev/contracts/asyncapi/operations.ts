import type { Wiring } from '@tradepost/messaging';
import type { Contract, RpcContract } from '@tradepost/messaging/contract';
import type { Speaker } from '../speakers';
import { channelKeys, keyOfSent } from './channels';
import { replyToText } from './envelope';
import { anyObject, isRpc, messageNames, replyNames, takenNames } from './messages';
import { bindingVersion, type Operation, ref } from './parts';

/** What each service sends and takes: `orders.send.SaleFinalized`, `users.receive.UsersRpc.ask`. */
export function operationsOf(all: readonly Speaker[]): Record<string, Operation> {
  return Object.fromEntries(
    all.flatMap((speaker) => [
      ...speaker.sends.map((one) => named(speaker, 'send', one, sendOf(speaker.name, one))),
      ...speaker.wirings.map((one) => named(speaker, 'receive', one, takeOf(speaker, one))),
    ]),
  );
}

function named(
  { name: service }: Speaker,
  action: Operation['action'],
  { name }: { name: string },
  operation: Operation,
): [string, Operation] {
  return [`${service}.${action}.${name}`, operation];
}

function sendOf(service: string, contract: Contract): Operation {
  const key = keyOfSent(contract);
  const { kind } = contract.route;
  const verb = { work: 'sends', fanout: 'sends', topic: 'tells', rpc: 'asks' }[kind];
  const isKept = kind === 'work' || kind === 'fanout';
  return {
    action: 'send',
    channel: ref('channels', key),
    title: `${service} ${verb} ${contract.name}`,
    tags: [{ name: service }],
    messages: messageNames(contract).map((name) => ref('channels', key, 'messages', name)),
    ...(isRpc(contract) ? { reply: replyTo(contract) } : {}),
    bindings: {
      amqp: {
        deliveryMode: isKept ? 2 : 1,
        mandatory: kind !== 'topic',
        timestamp: true,
        bindingVersion,
      },
    },
  };
}

function takeOf({ name: service, useCases }: Speaker, wiring: Wiring): Operation {
  const { name, kind, queue, contract, retry } = wiring;
  const key = channelKeys.queue(queue);
  const names = contract === undefined ? [anyObject] : takenNames(contract);
  return {
    action: 'receive',
    channel: ref('channels', key),
    title: `${service} ${kind === 'rpc' ? 'answers' : 'takes'} ${contract?.name ?? 'any object'}`,
    tags: [{ name: service }],
    messages: names.map((one) => ref('channels', key, 'messages', one)),
    ...(contract !== undefined && isRpc(contract) ? { reply: replyTo(contract) } : {}),
    bindings: { amqp: { ack: true, bindingVersion } },
    'x-handler': name,
    'x-use-case': useCases?.get(name),
    ...(kind === 'rpc' ? {} : { 'x-retry': retry }),
  };
}

function replyTo(contract: RpcContract): Operation['reply'] {
  const key = channelKeys.reply(contract.route.queue);
  return {
    address: {
      location: '$message.header#/reply_to',
      description: `The property reply_to. ${replyToText}`,
    },
    channel: ref('channels', key),
    messages: replyNames(contract).map((name) => ref('channels', key, 'messages', name)),
  };
}
