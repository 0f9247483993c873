import { Injectable } from '@nestjs/common';
import { PaymentCaptured, PaymentDeclined, PaymentRefunded } from '@tradepost/contracts';
import { Db } from '@tradepost/database';
import { once, OnFanout, type Message } from '@tradepost/messaging';
import { setTimeout as delay } from 'node:timers/promises';
import { HeardStore } from './heard.store';

/** Between commit and ack, where a death makes a copy: long enough for some to fall there. */
const lingerMs = 2_000;

/** Counts what it hears of each payment, as any handler does its work: once for each message. */
@Injectable()
export class PaymentNewsFanout {
  constructor(
    private readonly db: Db,
    private readonly heard: HeardStore,
  ) {}

  @OnFanout(PaymentCaptured)
  async captured({ paymentId }: PaymentCaptured, message: Message): Promise<void> {
    await this.count(paymentId, 'captured', message);
  }

  @OnFanout(PaymentDeclined)
  async declined({ paymentId }: PaymentDeclined, message: Message): Promise<void> {
    await this.count(paymentId, 'declined', message);
  }

  @OnFanout(PaymentRefunded)
  async refunded({ paymentId }: PaymentRefunded, message: Message): Promise<void> {
    await this.count(paymentId, 'refunded', message);
  }

  private async count(paymentId: string, event: string, message: Message): Promise<void> {
    await this.db.transaction(async (tx) => {
      if (await once(tx, message)) await this.heard.add(tx, paymentId, event);
      else await this.heard.addCopy(tx, paymentId, event);
    });
    await delay(lingerMs);
  }
}
