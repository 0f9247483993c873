import { Injectable } from '@nestjs/common';
import {
  MessagingMetrics,
  type OperationTime,
  type ProcessMetrics,
  type StoredMetrics,
} from '@tradepost/messaging';
import type { Point, Reading } from './family';
import { Metrics } from './metrics';
import { process, queues, stored } from './messaging-families';

/** What libs/messaging counts, under the names that Prometheus gets. */
@Injectable()
export class MessagingReading {
  constructor(metrics: Metrics, messaging: MessagingMetrics) {
    metrics.own(Object.values(process), () => readingOf(messaging.process()));
    metrics.asked('broker', Object.values(queues), async () => {
      const found = await messaging.queues();
      const deadLetters = found.flatMap(({ deadLetters: dead }) => dead ?? []);
      return [
        [queues.consumers, found.flatMap((one) => at(one.queue, one.consumers))],
        [queues.deadLetters, deadLetters.flatMap((one) => at(one.queue, one.messages))],
      ];
    });
    if (!messaging.hasDatabase) return;
    metrics.asked('outbox', Object.values(stored), async () => {
      const { outbox, outboxLagSeconds, inbox, held } = await messaging.stored();
      return [
        [stored.outbox, [{ value: outbox }]],
        [stored.lag, [{ value: outboxLagSeconds }]],
        [stored.inbox, [{ value: inbox }]],
        ...heldReading(held),
      ];
    });
  }
}

function heldReading(held: StoredMetrics['held']): Reading {
  const all = Object.entries(held);
  const keys = all.flatMap(([queue, { keys, stopped }]) =>
    Object.entries({ retrying: keys - stopped, stopped }).map(([state, value]) => {
      return { labels: { messaging_destination_name: queue, state }, value };
    }),
  );
  return [
    [stored.held, all.map(([queue, { waiting }]) => point(queue, waiting))],
    [stored.heldKeys, keys],
    [stored.heldLag, all.map(([queue, { oldestSeconds }]) => point(queue, oldestSeconds))],
  ];
}

function readingOf({ handlers, ...own }: ProcessMetrics): Reading {
  const operations = [...timed('publish', own.publishing), ...timed('ask', own.asking)];
  const ofEach = (of: (handler: (typeof handlers)[number]) => number) =>
    handlers.flatMap((handler) => at(handler.queue, of(handler)));
  const byError = (of: 'consumed' | 'retried' | 'deadLettered') =>
    handlers.flatMap((handler) =>
      handler[of].map(({ errorType, count }) => point(handler.queue, count, errorType)),
    );
  const ofConnections = (of: 'up' | 'blocked') =>
    own.connections.map(({ name, [of]: is }) => ({ labels: { connection: name }, value: +is }));
  const calls = handlers.flatMap(({ queue, calls }) =>
    calls.map(({ errorType, seconds }) => point(queue, seconds, errorType)),
  );
  return [
    [process.operations, operations],
    [process.calls, calls],
    [process.batches, handlers.map(({ queue, batches }) => point(queue, batches))],
    [process.sent, own.sent.map(({ destination, count }) => point(destination, count))],
    [process.consumed, byError('consumed')],
    [process.retried, byError('retried')],
    [process.deadLettered, byError('deadLettered')],
    [process.absorbed, ofEach(({ absorbed }) => absorbed)],
    [process.redelivered, ofEach(({ redelivered }) => redelivered)],
    [process.expired, ofEach(({ expired }) => expired)],
    [process.inHand, ofEach(({ inHand }) => inHand)],
    [process.paused, ofEach(({ paused }) => +paused)],
    [process.inFlight, [{ value: own.rpc.inFlight }]],
    [process.late, [{ value: own.rpc.lateReplies }]],
    [process.up, ofConnections('up')],
    [process.blocked, ofConnections('blocked')],
  ];
}

function timed(operation: string, times: OperationTime[]): Point[] {
  return times.map(({ destination, errorType, seconds }) => {
    const { labels, value } = point(destination, seconds, errorType);
    return { labels: { messaging_operation_name: operation, ...labels }, value };
  });
}

function at(destination: string, value: number | undefined): Point[] {
  return value === undefined ? [] : [point(destination, value)];
}

function point(destination: string, value: Point['value'], errorType = ''): Point {
  return { labels: { messaging_destination_name: destination, error_type: errorType }, value };
}
