import { PageQuery } from '@tradepost/service';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsOptional,
  IsString,
  Length,
} from 'class-validator';
import { deliveryStatuses, type DeliveryStatus, type WebhookType, webhookTypes } from './webhook';

/** The body of `POST /v1/webhooks`. */
export class WebhookRequest {
  static readonly sample: WebhookRequest = {
    url: 'https://example.com/hooks',
    events: ['order.paid', 'order.cancelled'],
  };

  @IsString()
  @Length(1, 2_000)
  url!: string;

  /** Absent or null: all of them. */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(webhookTypes.length)
  @ArrayUnique()
  @IsIn(webhookTypes, { each: true })
  events?: WebhookType[] | null;
}

/** The query of `GET /v1/webhooks/{id}/deliveries`. */
export class DeliveriesQuery extends PageQuery {
  static readonly sample: DeliveriesQuery = { status: 'parked', limit: 20 };

  @IsOptional()
  @IsIn(deliveryStatuses)
  status?: DeliveryStatus;
}
