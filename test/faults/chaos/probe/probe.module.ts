import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Module } from '@nestjs/common';
import { PaymentCaptured, PaymentDeclined, PaymentRefunded } from '@tradepost/contracts';
import { Db } from '@tradepost/database';
import { once, OnFanout, type Message } from '@tradepost/messaging';
import { ServiceConfig, ServiceModule } from '@tradepost/service';

/** Between commit and ack, where a death makes a copy: long enough for some to fall there. */
const lingerMs = 2_000;

// Not idempotent, on purpose: a message that is handled twice is seen.
const addHeard = {
  name: 'probe-add-heard',
  text: `
    INSERT INTO heard AS known (payment_id, event, times) VALUES ($1, $2, 1)
    ON CONFLICT (payment_id, event) DO UPDATE SET times = known.times + 1, heard_at = now()`,
};

const addCopy = {
  name: 'probe-add-copy',
  text: 'UPDATE heard SET copies = copies + 1 WHERE payment_id = $1 AND event = $2',
};

/** Counts what it hears of each payment, as any handler does its work: once for each message. */
@Injectable()
class Probe {
  constructor(private readonly db: Db) {}

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
      const add = (await once(tx, message)) ? addHeard : addCopy;
      await tx.query(add, [paymentId, event]);
    });
    await delay(lingerMs);
  }
}

@Module({
  imports: [ServiceModule.forRoot({ name: 'probe', config: ServiceConfig })],
  providers: [Probe],
})
export class ProbeModule {}
