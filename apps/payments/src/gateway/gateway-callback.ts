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

class CallbackCharge {
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

/** What the gateway reports unasked. */
export class GatewayCallback {
  /** `charge.approved`, `charge.declined`, or another one such as `charge.pending`. */
  @IsString()
  @Length(1, 100)
  type!: string;

  @ValidateNested()
  @Type(() => CallbackCharge)
  data!: CallbackCharge;
}

/** Ignores unknown fields: a provider adds them when it likes. @throws Problem 400 */
export function readCallback(raw: string): GatewayCallback {
  const callback = plainToInstance(GatewayCallback, JSON.parse(raw) as object);
  const errors = callback instanceof GatewayCallback ? validateSync(callback) : undefined;
  if (errors?.length === 0 && callback.data instanceof CallbackCharge) return callback;
  const [first] = errors ?? [];
  const pointer = first ? `/${first.property}` : '';
  throw invalidRequest([{ pointer, detail: 'is no callback of the gateway' }]);
}
