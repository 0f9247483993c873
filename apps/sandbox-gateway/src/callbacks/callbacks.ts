import { Injectable } from '@nestjs/common';
import type { Tx } from '@tradepost/database';
import type { AskedCharge } from '../charges/charge';
import { v7 as uuidv7 } from 'uuid';
import { CallbacksStore, type NewCallback } from './callbacks.store';
import { Chance } from '../faults/chance';
import { SandboxGatewayConfig } from '../sandbox-gateway.config';

export type CallbackType = 'charge.pending' | 'charge.approved' | 'charge.declined';

/** Puts callbacks down to be sent: once, twice or never, each at some time or other. */
@Injectable()
export class Callbacks {
  constructor(
    private readonly config: SandboxGatewayConfig,
    private readonly store: CallbacksStore,
    private readonly chance: Chance,
  ) {}

  async announce(
    type: CallbackType,
    charge: AskedCharge & { reason: string | null },
    tx?: Tx,
  ): Promise<void> {
    if (this.config.CALLBACK_URL === undefined) return;
    const { paymentId, currency, amount, reason } = charge;
    const data = { paymentId, currency, amount, ...(reason !== null && { reason }) };
    const body = JSON.stringify({ type, timestamp: new Date().toISOString(), data });
    await this.store.add(this.copiesOf({ webhookId: `msg_${uuidv7()}`, body }), tx);
  }

  private copiesOf(callback: Omit<NewCallback, 'inMs'>): NewCallback[] {
    const { CALLBACK_LOST_RATE, CALLBACK_DUPLICATE_RATE, CALLBACK_DELAY_MAX_MS } = this.config;
    if (this.chance.happens(CALLBACK_LOST_RATE)) return [];
    const count = this.chance.happens(CALLBACK_DUPLICATE_RATE) ? 2 : 1;
    return Array.from({ length: count }, () => {
      return { ...callback, inMs: this.chance.within(CALLBACK_DELAY_MAX_MS) };
    });
  }
}
