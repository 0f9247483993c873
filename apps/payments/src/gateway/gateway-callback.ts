import { InvalidBody, toInstance } from '@tradepost/messaging';
import { invalidRequest } from '@tradepost/service';
import { Transform, Type } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsISO4217CurrencyCode,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  ValidateNested,
} from 'class-validator';
import { declineReason } from './decline-reason';

const callbackTypes = ['charge.approved', 'charge.declined', 'charge.pending'] as const;
const ours: readonly string[] = callbackTypes;

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
  @Transform(({ value }) => declineReason(value))
  @IsString()
  reason?: string;
}

/** What the gateway reports unasked of a charge. */
export class GatewayCallback {
  @IsIn(callbackTypes)
  type!: (typeof callbackTypes)[number];

  // Without it ValidateNested lets an empty list pass for a charge.
  @IsObject()
  @ValidateNested()
  @Type(() => CallbackCharge)
  data!: CallbackCharge;
}

/** Of what this shop has no use for: providers report much more than charges. */
interface OtherCallback {
  type: string;
}

/** Ignores unknown fields: a provider adds them when it likes. @throws Problem 400 */
export function readCallback(body: unknown): GatewayCallback | OtherCallback {
  const { type } = Object(body) as Partial<OtherCallback>;
  if (typeof type === 'string' && !ours.includes(type)) return { type };
  try {
    return toInstance(GatewayCallback, Object(body) as object);
  } catch (error) {
    if (!(error instanceof InvalidBody)) throw error;
    throw invalidRequest(error.problems.map(faultOf));
  }
}

/** @param problem `/data/amount must be an integer number` */
function faultOf(problem: string) {
  const [pointer = '', ...words] = problem.split(' ');
  return { pointer, detail: words.join(' ') };
}
