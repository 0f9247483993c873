import { BadRequestException, Catch, Controller, UseFilters } from '@nestjs/common';
import {
  Ctx,
  EventPattern,
  MessagePattern,
  Payload,
  RmqContext,
  RpcException,
} from '@nestjs/microservices';
import { Rejected } from '@tradepost/messaging';
import { concat, Observable, of, throwError } from 'rxjs';

interface Channel {
  ack(raw: object): void;
  nack(raw: object, allUpTo?: boolean, requeue?: boolean): void;
  reject(raw: object, requeue?: boolean): void;
  readonly connection: object;
}

const channelOf = (context: RmqContext) => context.getChannelRef() as Channel;

/** What the handlers have heard, and what the test lets them do. */
export const cats = {
  heard: [] as unknown[],
  asked: [] as number[],
  fails: undefined as (() => unknown) | undefined,
  ends: undefined as ((failure?: Error) => void) | undefined,
};

/** A filter of a service, which makes an answer of an error. */
@Catch()
class Plainly {
  catch(): Observable<never> {
    return throwError(() => ({ status: 'error', message: 'in short' }));
  }
}

/** Handlers as they are written for Nest's own transport. */
@Controller()
export class Cats {
  @EventPattern('cat-born')
  async born(@Payload() cat: object, @Ctx() context: RmqContext): Promise<void> {
    cats.heard.push([context.getPattern(), cat]);
    if (cats.fails) throw cats.fails();
  }

  @EventPattern('cat-ill', undefined, { retry: [] })
  async ill(): Promise<void> {
    throw new Error('atishoo');
  }

  /** Acks itself, as with `noAck: false`; more often than once is an error of its own elsewhere. */
  @EventPattern({ cmd: 'cat-fed' })
  async fed(@Payload() cat: object, @Ctx() context: RmqContext): Promise<void> {
    channelOf(context).ack(context.getMessage());
    cats.heard.push(cat);
    channelOf(context).ack(context.getMessage());
    if (cats.fails) throw cats.fails();
  }

  @EventPattern('cat-lost')
  lost(@Payload() cat: object, @Ctx() context: RmqContext): void {
    cats.heard.push(cat);
    channelOf(context).nack(context.getMessage(), false, false);
  }

  @EventPattern('cat-refused')
  refused(@Payload() cat: object, @Ctx() context: RmqContext): void {
    cats.heard.push(cat);
    channelOf(context).reject(context.getMessage(), false);
    channelOf(context).nack(context.getMessage());
  }

  /** Not wanted at first. */
  @EventPattern('cat-returned')
  returned(@Payload() cat: object, @Ctx() context: RmqContext): object {
    const channel = channelOf(context);
    const { connection } = channel;
    cats.heard.push(cat);
    if (cats.heard.length === 1) channel.nack(context.getMessage());
    return connection;
  }

  @EventPattern('cat-asleep')
  asleep(@Payload() cat: object): Observable<unknown> {
    return new Observable((observer) => {
      cats.heard.push(cat);
      cats.ends = (failure) => (failure ? observer.error(failure) : observer.complete());
    });
  }

  @EventPattern('cat-broken')
  broken(): Observable<unknown> {
    return concat(
      of(1),
      throwError(() => new BadRequestException(['a', 'b'])),
    );
  }

  @UseFilters(Plainly)
  @EventPattern('cat-filtered')
  filtered(): void {
    throw new Error('at length');
  }

  @MessagePattern('name-of')
  async name({ id }: { id: number }): Promise<{ name: string }> {
    cats.asked.push(id);
    if (id === 13) throw new Rejected('cat_unknown', 'no cat has this id');
    if (id === 14) throw new RpcException('not today');
    if (id === 15) throw new Error('a secret of the inside');
    return { name: `cat ${id}` };
  }

  @MessagePattern({ cmd: 'kittens' })
  kittens(count: number): Observable<number> {
    return of(...Array.from({ length: count }, (_, index) => index + 1));
  }
}

/** Wildcards, as the stock transport has them on a topic exchange. */
@Controller()
export class AnyCats {
  @EventPattern('cat.*.born')
  born(@Payload() cat: object, @Ctx() context: RmqContext): void {
    cats.heard.push(['born', context.getPattern(), cat]);
  }

  @EventPattern('dog.#')
  dog(@Payload() dog: object, @Ctx() context: RmqContext): void {
    cats.heard.push(['dog', context.getPattern(), dog]);
  }
}
