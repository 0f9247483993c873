import type { Peer } from './peer';

/** By the names of the tables. Loaded in its own processes alone: a process has one library. */
export const peers = {
  tradepost: async () => (await import('./tradepost')).tradepost,
  'tradepost batch': async () => (await import('./tradepost')).tradepostBatch,
  'tradepost outbox': async () => (await import('./tradepost')).tradepostOutbox,
  'tradepost alone': async () => (await import('./tradepost')).tradepostAlone,
  'tradepost in order': async () => (await import('./tradepost')).tradepostInOrder,
  'tradepost one by one': async () => (await import('./tradepost')).tradepostOneByOne,
  amqplib: async () => (await import('./amqplib')).amqplib,
  'amqplib unchecked': async () => (await import('./amqplib')).amqplibUnchecked,
  'golevelup readme': async () => (await import('./golevelup')).golevelupReadme,
  golevelup: async () => (await import('./golevelup')).golevelup,
  'golevelup batch': async () => (await import('./golevelup')).golevelupBatch,
  nest: async () => (await import('./nest')).nest,
  'nest on tradepost': async () => (await import('./nest-strategy')).nestOnTradepost,
  rascal: async () => (await import('./rascal')).rascal,
  'rabbitmq-client': async () => (await import('./rabbitmq-client')).rabbitmqClient,
  http: async () => (await import('./http')).http,
} satisfies Record<string, () => Promise<Peer>>;

export type PeerName = keyof typeof peers;
