import type {
  ConsumerDeserializer,
  IncomingEvent,
  IncomingResponse,
  OutgoingRequest,
  ProducerDeserializer,
  ProducerSerializer,
} from '@nestjs/microservices';
import { bundleType, type Event } from '../bundle';

// For services on Nest's own transport, beside services whose messages have contracts.

/** What a message says of itself, as the transport hands it on. */
interface Said {
  type?: unknown;
  contentType?: unknown;
}

/**
 * A listener's: reads what `send` and `tell` say. The pattern is the contract's name, the data a
 * list of its bodies: of one, or of those that travel together.
 */
export class ContractDeserializer implements ConsumerDeserializer {
  deserialize(value: unknown, said: Said = {}): IncomingEvent {
    const pattern = typeof said.type === 'string' ? said.type : '';
    const isBundle = said.contentType === bundleType && Array.isArray(value);
    return { pattern, data: isBundle ? (value as Event[]).map(({ data }) => data) : [value] };
  }
}

/** A client's, for `client.send(pattern, body)`: the queue knows the question, not its pattern. */
export class ContractSerializer implements ProducerSerializer {
  serialize({ data }: OutgoingRequest): unknown {
    return { ...(data as object) };
  }
}

/** A client's: the answer as `@OnRpc` gives it, or its error, `{ status, code, message }`. */
export class ReplyDeserializer implements ProducerDeserializer {
  deserialize(answer: unknown): IncomingResponse {
    const { error } = Object(answer) as { error?: { code?: unknown; message?: unknown } };
    const { code, message } = Object(error) as { code?: unknown; message?: unknown };
    const isError = typeof code === 'string' && typeof message === 'string';
    const outcome = isError ? { err: { status: 'error', code, message } } : { response: answer };
    return { id: '', isDisposed: true, ...outcome };
  }
}
