import { RabbitRPC, RabbitSubscribe } from '@golevelup/nestjs-rabbitmq';
import { SetMetadata } from '@nestjs/common';
import type {
  Body,
  Contract,
  FanoutContract,
  Reply,
  RpcContract,
  TopicContract,
  WorkContract,
} from '../contract';
import { noteDecorated } from './decorated';
import type { BatchOptions, KeepNewest } from './handler';
import type { Failed, Message, Received } from '../message';
import type { Tier } from '../consume/retry-tiers';
import type { OnDead } from '../ordered/in-order';
import type { Partitions } from '../ordered/slots';

export interface HandlerOptions {
  /** Messages handled at the same time by one process; the service's default otherwise. */
  prefetch?: number;
  /** The waits between tries; after the last a message is dead-lettered. */
  retry?: readonly Tier[];
  /** One replica has the whole queue, the others take over when it is gone. */
  singleActive?: boolean;
  /** The broker prefers consumers with a higher one (`x-priority`) while they can take more. */
  priority?: number;
}

/** Of a contract with a key. */
export interface InOrder<Key extends string = string> {
  /**
   * The contract's key: messages that have the same in it are handled one after another, in the
   * order in which they were sent, others beside them, over all replicas. A message that failed
   * waits in the service's database, which this needs, and those of its key behind it.
   */
  orderedBy?: Key;
  /** Queues that they are spread over: so many replicas can share them; 8 when not given. */
  partitions?: Partitions;
  /**
   * What follows a message that became a dead letter: the next of its key (`skip`, when not given),
   * or nothing of that key, until an operator replays or discards the dead letter (`stop`).
   */
  onDead?: OnDead;
}

export interface Batched {
  batch: BatchOptions;
}

export interface TopicOptions {
  queue: string;
  /** The pattern the queue is bound by: `*` is one word, `#` any number of words. */
  key: string;
  /** For what may be lost: beyond this the broker drops the oldest messages. */
  keepNewest?: KeepNewest;
}

/** What our decorators note on a method besides golevelup's own metadata. */
export interface ContractMeta {
  contract: Contract;
  options: HandlerOptions & InOrder & Partial<Batched> & Partial<TopicOptions>;
}

export const contractMetaKey = Symbol('messaging:contract');

/** Only methods of the type `M` can be decorated: a wrong body or no promise does not compile. */
export type HandlerDecorator<M> = <T extends M>(
  target: object,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<T>,
) => void;

type One<C extends Contract> = (body: Body<C>, message: Message) => Promise<void>;
/** Done are all but the failed ones it returns. */
type Many<C extends Contract> = (batch: Received<Body<C>>[]) => Promise<void> | Promise<Failed[]>;

type Keyed<C extends Contract> = InOrder<keyof Body<C> & string>;

/** A method that takes one message a call; with `batch`, many. */
interface Listener<Kind extends Contract> {
  <C extends Kind>(contract: C, options?: HandlerOptions & Keyed<C>): HandlerDecorator<One<C>>;
  <C extends Kind>(
    contract: C,
    options: HandlerOptions & Keyed<C> & Batched,
  ): HandlerDecorator<Many<C>>;
}

/** Someone does it, once: every replica takes from the one queue of the contract. */
export const OnWork: Listener<WorkContract> = (contract: WorkContract, options = {}) =>
  handles(RabbitSubscribe({ queue: contract.route.queue }), { contract, options });

/** Everyone hears it: this service's own queue, `<service>.<event>`, gets a copy. */
export const OnFanout: Listener<FanoutContract> = (contract: FanoutContract, options = {}) =>
  handles(RabbitSubscribe({ exchange: contract.route.exchange }), { contract, options });

/** Hear the part you want: `queue` gets what matches `key`. */
export function OnTopic<C extends TopicContract>(
  contract: C,
  options: HandlerOptions & TopicOptions,
): HandlerDecorator<One<C>>;
export function OnTopic<C extends TopicContract>(
  contract: C,
  options: HandlerOptions & TopicOptions & Batched,
): HandlerDecorator<Many<C>>;
export function OnTopic(contract: TopicContract, options: HandlerOptions & TopicOptions) {
  const { exchange } = contract.route;
  const subscribe = RabbitSubscribe({ exchange, queue: options.queue, routingKey: options.key });
  return handles(subscribe, { contract, options });
}

type RpcOptions = Pick<HandlerOptions, 'prefetch'>;
type Answer<C extends RpcContract> = (body: Body<C>, message: Message) => Promise<Reply<C>>;
/** An answer to each question, in their order; an Error, such as `Rejected`, refuses that one. */
type Answers<C extends RpcContract> = (
  questions: Received<Body<C>>[],
) => Promise<(Reply<C> | Error)[]>;

/** Ask, and get an answer or an error: what the method returns goes back to the caller. */
export function OnRpc<C extends RpcContract>(
  contract: C,
  options?: RpcOptions,
): HandlerDecorator<Answer<C>>;
export function OnRpc<C extends RpcContract>(
  contract: C,
  options: RpcOptions & Batched,
): HandlerDecorator<Answers<C>>;
export function OnRpc(contract: RpcContract, options: RpcOptions = {}) {
  const { queue } = contract.route;
  return handles(RabbitRPC({ queue }), { contract, options });
}

// No @RabbitPayload() here: a decorated parameter passes through Nest's global pipes, so that a
// ValidationPipe meant for HTTP would refuse messages which gained a field (docs/adr/0002).
function handles(golevelup: MethodDecorator, meta: ContractMeta): HandlerDecorator<unknown> {
  return (target, name, descriptor) => {
    golevelup(target, name, descriptor);
    SetMetadata(contractMetaKey, meta)(target, name, descriptor);
    noteDecorated(target, name, descriptor.value as object);
  };
}
