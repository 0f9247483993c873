import { Injectable, type INestApplicationContext, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type Message,
  MessagingHealth,
  MessagingModule,
  type Mode,
  OnFanout,
  OnRpc,
  OnTopic,
  OnWork,
  type Wiring,
} from '@tradepost/messaging';
import type {
  FanoutContract,
  RpcContract,
  TopicContract,
  WorkContract,
} from '@tradepost/messaging/contract';
import { eventually } from '@tradepost/messaging/testing';
import type { Speaker } from '../speakers';

/** A message as a handler got it. */
export interface Taken {
  queue: string;
  id: string;
  type: string;
  body: object;
}

/** A service whose handlers take what the real ones take, and do nothing; resolves when it consumes. */
export async function startProbe(
  { name: service, wirings }: Speaker,
  { amqpUrl, mode }: { amqpUrl: string; mode: Mode },
  taken: Taken[],
): Promise<INestApplicationContext> {
  const options = { service, amqpUrl, mode, prefetch: 20, drainTimeoutMs: 5_000 };
  const module = {
    module: class Probes {},
    imports: [MessagingModule.forRoot(options)],
    providers: wirings
      .filter(({ contract }) => contract !== undefined)
      .map((wiring) => probeOf(wiring, taken)),
  };
  const settings = { logger: false, abortOnError: false } as const;
  const app = await NestFactory.createApplicationContext(module, settings);
  const health = app.get(MessagingHealth);
  await eventually(async () => expect(await health.check()).toMatchObject({ ok: true }));
  return app;
}

function probeOf({ kind, queue, contract, bindings }: Wiring, taken: Taken[]): Type {
  class Probe {
    async handle(body: object, { id, type }: Message): Promise<object | undefined> {
      taken.push({ queue, id, type, body: { ...body } });
      return Promise.resolve(kind === 'rpc' ? answer : undefined);
    }
  }
  const rpc = contract as RpcContract | undefined;
  const answer = (rpc?.route.reply as { sample?: object } | undefined)?.sample;
  const key = bindings[0]?.key ?? '';
  const decorators = {
    work: () => OnWork(contract as WorkContract),
    fanout: () => OnFanout(contract as FanoutContract),
    topic: () => OnTopic(contract as TopicContract, { queue, key }),
    rpc: () => OnRpc(contract as RpcContract),
  };
  const method = Object.getOwnPropertyDescriptor(Probe.prototype, 'handle');
  // Each takes the body of its own contract, which no type can say here.
  const decorate = decorators[kind]() as (...args: unknown[]) => void;
  decorate(Probe.prototype, 'handle', method);
  Injectable()(Probe);
  return Probe;
}
