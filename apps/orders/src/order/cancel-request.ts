import { IsString, Matches } from 'class-validator';

/** Characters of any script, not spaces alone: a timeline and a log line can show them. */
const reason = /^(?=.*\S)[^\p{Control}\u2028\u2029]{1,500}$/u;

/** The body of `POST /v1/orders/{id}/cancel`. */
export class CancelRequest {
  @IsString()
  @Matches(reason, { message: '$property must be 1 to 500 characters on one line, not all spaces' })
  reason!: string;
}
