import { topic } from '@tradepost/messaging/contract';
import { IsString } from 'class-validator';

/** Told with a key such as `payments.critical.gateway`; who listens says which keys it wants. */
export class LogLine {
  static readonly route = topic('lines');

  @IsString()
  text!: string;
}
