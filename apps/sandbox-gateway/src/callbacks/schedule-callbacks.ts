import { Injectable } from '@nestjs/common';
import type { Tx } from '@tradepost/database';
import type { RequestedCharge } from '../charges/charge';
import { v7 as uuidv7 } from 'uuid';
import { CallbacksStore, type NewCallback } from './callbacks.store';
import { sample, sampleMs } from '../faults/fault-injection';
import { SandboxGatewayConfig } from '../sandbox-gateway.config';

export type CallbackType = 'charge.pending' | 'charge.approved' | 'charge.declined';

/** Schedules the callbacks of an event: one, two or none, each after a random delay. */
@Injectable()
export class ScheduleCallbacks {
  constructor(
    private readonly config: SandboxGatewayConfig,
    private readonly callbacks: CallbacksStore,
  ) {}

  async run(
    type: CallbackType,
    charge: RequestedCharge & { reason: string | null },
    tx?: Tx,
  ): Promise<void> {
    if (this.config.CALLBACK_URL === undefined) return;
    const { paymentId, currency, amount, reason } = charge;
    const data = { paymentId, currency, amount, ...(reason !== null && { reason }) };
    const body = JSON.stringify({ type, timestamp: new Date().toISOString(), data });
    await this.callbacks.add(this.copiesOf({ webhookId: `msg_${uuidv7()}`, body }), tx);
  }

  private copiesOf(callback: Omit<NewCallback, 'inMs'>): NewCallback[] {
    const { CALLBACK_LOST_RATE, CALLBACK_DUPLICATE_RATE, CALLBACK_DELAY_MAX_MS } = this.config;
    if (sample(CALLBACK_LOST_RATE)) return [];
    return Array.from({ length: sample(CALLBACK_DUPLICATE_RATE) ? 2 : 1 }, () => {
      return { ...callback, inMs: sampleMs(CALLBACK_DELAY_MAX_MS) };
    });
  }
}
