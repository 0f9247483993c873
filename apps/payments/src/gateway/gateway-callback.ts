import { invalidRequest } from '@tradepost/service';
import { plainToInstance, Type } from 'class-transformer';
import {
  IsInt,
  IsISO4217CurrencyCode,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  validateSync,
  ValidateNested,
} from 'class-validator';

class ToldCharge {
  @IsUUID()
  paymentId!: string;

  @IsISO4217CurrencyCode()
  currency!: string;

  /** Minor units of `currency`. */
  @IsInt()
  amount!: number;

  /** Of a declined one. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  reason?: string;
}

/** What the gateway tells by itself. */
export class GatewayCallback {
  /** `charge.approved`, `charge.declined`, or what it may say besides, such as `charge.pending`. */
  @IsString()
  @Length(1, 100)
  type!: string;

  @ValidateNested()
  @Type(() => ToldCharge)
  data!: ToldCharge;
}

/**
 * Reads it tolerantly: a provider adds fields when it likes.
 * @throws Problem 400
 */
export function readCallback(raw: string): GatewayCallback {
  const callback = plainToInstance(GatewayCallback, JSON.parse(raw) as object);
  const wrong = callback instanceof GatewayCallback ? validateSync(callback) : undefined;
  if (wrong?.length === 0 && callback.data instanceof ToldCharge) return callback;
  const [first] = wrong ?? [];
  const pointer = first ? `/${first.property}` : '';
  throw invalidRequest([{ pointer, detail: 'is no callback of the gateway' }]);
}
