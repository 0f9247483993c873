import type { Schema } from '../schema';

const text = (description: string, more: Schema = {}): Schema => ({
  type: 'string',
  description,
  ...more,
});
const count = (description: string): Schema => ({ type: 'integer', minimum: 1, description });
const time = (description: string) => text(description, { format: 'date-time' });

const traceparent = text('W3C Trace Context: the flow that the message is a step of.', {
  pattern: '^[\\da-f]{2}-[\\da-f]{32}-[\\da-f]{16}-[\\da-f]{2}$',
});

/** CloudEvents 1.0, AMQP binding. */
const cloudEvents: Record<string, Schema> = {
  'cloudEvents:specversion': { type: 'string', const: '1.0' },
  'cloudEvents:id': text('As message_id.'),
  'cloudEvents:source': text('The service, after a slash.'),
  'cloudEvents:type': text('The name of the contract.'),
  'cloudEvents:time': time('When it was sent.'),
  traceparent,
};

const headers = (description: string, properties: Record<string, Schema>): Schema => ({
  type: 'object',
  description,
  properties,
});

const properties = (own: Record<string, Schema>, required: string[], example: object): Schema => ({
  type: 'object',
  description: 'Properties of AMQP 0-9-1, as clients name them.',
  properties: own,
  required,
  examples: [example],
});

const flow = 'The message or request that began the flow.';

/** What every message has: its own names and values come from the contract. */
const common: Record<string, Schema> = {
  message_id: text('Unique to the message; the same in each copy and retry of it.', {
    minLength: 1,
    maxLength: 255,
  }),
  type: text('The name of the contract.'),
  content_type: text('As contentType of the message.'),
  app_id: text('The service that sent it.'),
  timestamp: { type: 'integer', description: 'Seconds since 1970.' },
};

/** What the property reply_to says. */
export const replyToText =
  'In strict mode the name of a queue that is bound to the exchange `replies` by that name; ' +
  'in simple mode the name of any queue, or amq.rabbitmq.reply-to.';

const example = {
  message_id: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e00',
  app_id: 'example',
  timestamp: 1_769_860_800,
};

/** The schemas of headers and properties, by what is sent. */
export const envelopeSchemas: Record<string, Schema> = {
  EventHeaders: headers('None is needed to be understood; the services send the first six.', {
    ...cloudEvents,
    'x-attempt': count('The number of this try; missing: the first.'),
    'x-error-code': text('Of the last failure.'),
    'x-error-message': text('Of the last failure.'),
    'x-first-failed-at': time('Of a message that is tried again.'),
    'x-last-failed-at': time('Of a message that is tried again.'),
    'x-replays': count('How often it was brought back from the dead letters.'),
  }),
  EventProperties: properties(
    { ...common, correlation_id: text(flow), delivery_mode: { type: 'integer', enum: [1, 2] } },
    ['message_id'],
    { ...example, correlation_id: example.message_id },
  ),
  QuestionHeaders: headers('None is needed to be answered.', {
    ...cloudEvents,
    'x-deadline': {
      type: 'number',
      description: 'Milliseconds since 1970, when nobody waits any more: it is not answered then.',
    },
  }),
  QuestionProperties: properties(
    {
      ...common,
      correlation_id: text('Comes back with the answer.'),
      reply_to: text(`Where the answer goes. ${replyToText}`),
      expiration: text('Milliseconds until it is dropped from the queue, as a text.', {
        pattern: '^\\d+$',
      }),
    },
    ['correlation_id', 'reply_to'],
    {
      ...example,
      correlation_id: example.message_id,
      reply_to: 'example.reply.0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0c',
      expiration: '5000',
    },
  ),
  AnswerHeaders: headers('An answer has none.', {}),
  RefusalHeaders: {
    ...headers('This one tells a refusal from an answer.', {
      'x-error-code': text('As code in the body.'),
    }),
    required: ['x-error-code'],
  },
  AnswerProperties: properties(
    { correlation_id: text('That of the question.'), content_type: text('application/json') },
    ['correlation_id'],
    { correlation_id: example.message_id },
  ),
  Refusal: {
    type: 'object',
    description: 'Why there is no answer: what was asked cannot be, or `internal_error`.',
    properties: {
      error: {
        type: 'object',
        properties: {
          code: text('For programs, such as `user_unknown`.'),
          message: text('For people.'),
        },
        required: ['code', 'message'],
      },
    },
    required: ['error'],
  },
};

const sampleTime = '2026-01-31T12:00:00.000Z';
const sampleTraceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

export function sampleHeaders(type: string): Record<string, unknown> {
  return {
    'cloudEvents:specversion': '1.0',
    'cloudEvents:id': example.message_id,
    'cloudEvents:source': `/${example.app_id}`,
    'cloudEvents:type': type,
    'cloudEvents:time': sampleTime,
    traceparent: sampleTraceparent,
  };
}

/** One of a bundle: a CloudEvent in the JSON format. @param data its body */
export function eventSchema(data: Schema): Schema {
  return {
    type: 'object',
    description: 'A CloudEvent: the message as it would have come alone.',
    properties: {
      specversion: { type: 'string', const: '1.0' },
      id: text('As message_id of one that comes alone.', { minLength: 1, maxLength: 255 }),
      source: text('The service, after a slash.'),
      type: text('The name of the contract.'),
      time: time('When it was sent.'),
      correlationid: text(flow),
      traceparent,
      data,
    },
    required: ['id', 'data'],
  };
}

export function sampleEvent(type: string, data: unknown, number: number): object {
  const id = `${example.message_id.slice(0, -1)}${number}`;
  return {
    specversion: '1.0',
    id,
    source: `/${example.app_id}`,
    type,
    time: sampleTime,
    correlationid: id,
    traceparent: sampleTraceparent,
    data,
  };
}
