import { Injectable } from '@nestjs/common';
import type { Tx } from '@tradepost/database';

// Not idempotent, on purpose: a message that is handled twice is seen.
const addHeard = {
  name: 'witness-add-heard',
  text: `
    INSERT INTO heard AS known (payment_id, event, times) VALUES ($1, $2, 1)
    ON CONFLICT (payment_id, event) DO UPDATE SET times = known.times + 1, heard_at = now()`,
};

const addCopy = {
  name: 'witness-add-copy',
  text: 'UPDATE heard SET copies = copies + 1 WHERE payment_id = $1 AND event = $2',
};

@Injectable()
export class HeardStore {
  async add(tx: Tx, paymentId: string, event: string): Promise<void> {
    await tx.query(addHeard, [paymentId, event]);
  }

  /** It came again, and was known. */
  async addCopy(tx: Tx, paymentId: string, event: string): Promise<void> {
    await tx.query(addCopy, [paymentId, event]);
  }
}
