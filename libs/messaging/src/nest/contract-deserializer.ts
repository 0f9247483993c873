import type { ConsumerDeserializer, IncomingEvent } from '@nestjs/microservices';
import { bundleType, type Event } from '../bundle';

/** What a message says of itself, as the transport hands it on. */
interface Said {
  type?: unknown;
  contentType?: unknown;
}

/**
 * For a listener on Nest's own transport: reads what `send` and `tell` say. The pattern is the
 * contract's name, the data a list of its bodies: of one, or of those that travel together.
 */
export class ContractDeserializer implements ConsumerDeserializer {
  deserialize(value: unknown, said: Said = {}): IncomingEvent {
    const pattern = typeof said.type === 'string' ? said.type : '';
    const isBundle = said.contentType === bundleType && Array.isArray(value);
    return { pattern, data: isBundle ? (value as Event[]).map(({ data }) => data) : [value] };
  }
}
