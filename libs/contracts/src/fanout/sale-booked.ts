import { IsUUID } from 'class-validator';
import { fanout } from '@tradepost/messaging/contract';

/** Sent by financial when a sale stands in the ledger. */
export class SaleBooked {
  static readonly route = fanout('sale-booked', { bundled: true });
  static readonly sample: SaleBooked = {
    orderId: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0e',
    transactionId: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0d',
  };

  @IsUUID()
  orderId!: string;

  /** The ledger transaction that books the sale. */
  @IsUUID()
  transactionId!: string;
}
