import type {
  MessageDeserializer,
  MessageHandlerOptions,
  MessageSerializer,
} from '@golevelup/nestjs-rabbitmq';
import type { ConsumeMessage } from 'amqplib';
import { jsonOf } from '../body';
import { plainContent } from '../content';

/** No content is no JSON either, as to golevelup. @throws BadJson */
const fromJson: MessageDeserializer = (content, raw) =>
  jsonOf(plainContent({ content, properties: raw.properties }));

type Reading = Pick<MessageHandlerOptions, 'allowNonJsonMessages' | 'deserializer'>;

/** @throws what the deserializer throws */
export function read(raw: ConsumeMessage, reading: Reading): unknown {
  const { deserializer = fromJson, allowNonJsonMessages } = reading;
  try {
    return deserializer(raw.content, raw);
  } catch (error) {
    if (allowNonJsonMessages) return raw.content.toString();
    throw error;
  }
}

/** Bytes as they are, nothing as no content. */
export function write(message: unknown, serializer?: MessageSerializer): Buffer {
  if (Buffer.isBuffer(message)) return message;
  if (message instanceof Uint8Array) return Buffer.from(message);
  if (message === undefined || message === null) return Buffer.alloc(0);
  return serializer?.(message) ?? Buffer.from(JSON.stringify(message));
}
