import { rpc } from '@tradepost/messaging/contract';
import { IsEmail, IsInt, IsString, IsUUID, Length, Min } from 'class-validator';

/** The answer: what a shop asks of a customer when it confirms an order. */
export class Customer {
  @IsUUID()
  customerId!: string;

  @IsString()
  @Length(1, 200)
  name!: string;

  @IsEmail()
  email!: string;

  @IsString()
  @Length(2, 2)
  country!: string;

  @IsInt()
  @Min(0)
  creditLimit!: number;
}

export class GetCustomer {
  static readonly route = rpc('bench.get-customer', Customer, { readOnly: true });

  @IsUUID()
  customerId!: string;
}

/** The same for a handler that answers many: a queue of its own. */
export class GetCustomerOfBatch extends GetCustomer {
  static override readonly route = rpc('bench.get-customers', Customer, { readOnly: true });
}

const known = 1_000;
const customers = Array.from({ length: known }, (_, i) => ({
  name: `Customer ${i}`,
  email: `customer.${i}@example.com`,
  country: 'DE',
  creditLimit: i * 100,
}));

/** Each number asks something else, so that no two questions are the same. */
export function questionOf(number: number): GetCustomer {
  return { customerId: `0190c2a4-1f00-7d2b-9b6e-${number.toString(16).padStart(12, '0')}` };
}

/** From memory: what is measured is the way of the question and of its answer. */
export function customerOf({ customerId }: GetCustomer): Customer {
  const found = customers[parseInt(customerId.slice(-6), 16) % known];
  if (found === undefined) throw new Error(`no customer ${customerId}`);
  return { customerId, ...found };
}
