import { IsUUID } from 'class-validator';
import { fanout } from '@tradepost/messaging/contract';

/** Sent by financial when a sale stands in the ledger. */
export class SaleBooked {
  static readonly route = fanout('sale-booked', { bundled: true });

  @IsUUID()
  orderId!: string;

  /** The ledger transaction that books the sale. */
  @IsUUID()
  transactionId!: string;
}
