import { readFile } from 'node:fs/promises';
import { contractsOf, type Speaker } from '../speakers';
import { channelsOf } from './channels';
import { anyMessage, anyObject, messagesOf } from './messages';
import { operationsOf } from './operations';

const description = `What the services of the shop tell each other over RabbitMQ.

A message comes at least once: the second of a message has the same id. Order is not guaranteed.
Fields that the schemas do not name are dropped, but for names that every JavaScript object has,
such as \`constructor\`: those are refused, at any depth. No text may have U+0000 or half of a
surrogate pair in it, but in log lines.

Where the name of a channel is that of an exchange, its address is the routing key. A queue that is
sent to by its name has \`x-send-to\`, and so have answers: in strict mode, in which the shop runs,
through an exchange that leads to this queue alone, and answers through \`replies\`; in simple mode
through the default exchange.`;

const correlationIds = {
  flow: {
    description: 'The property correlation_id: the message or request that began the flow.',
    location: '$message.header#/correlation_id',
  },
  event: {
    description: 'Of each event of the list: the message or request that began the flow.',
    location: '$message.payload#/0/correlationid',
  },
  question: {
    description: 'The property correlation_id: the same in a question and its answer.',
    location: '$message.header#/correlation_id',
  },
};

/** AsyncAPI 3, of what the modules of the services declare. */
export async function asyncApiOf(all: readonly Speaker[]): Promise<object> {
  const { version, license } = JSON.parse(await readFile('package.json', 'utf8')) as {
    version: string;
    license: string;
  };
  const wirings = all.flatMap((one) => one.wirings);
  const sent = [...new Set(all.flatMap(({ sends }) => sends))];
  const { messages, schemas } = messagesOf(contractsOf(all));
  const isAnyTaken = wirings.some(({ contract }) => contract === undefined);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Tradepost',
      version,
      description,
      license: { name: license },
      tags: all.map(({ name, about }) => ({ name, description: about })),
    },
    defaultContentType: 'application/json',
    servers: {
      rabbitmq: {
        host: 'localhost:5672',
        pathname: '/',
        protocol: 'amqp',
        protocolVersion: '0-9-1',
        description: 'RabbitMQ of `docker compose up`; AMQP_URL says where another one is.',
        security: [{ $ref: '#/components/securitySchemes/user' }],
      },
    },
    channels: channelsOf(sent, wirings),
    operations: operationsOf(all),
    components: {
      messages: { ...messages, ...(isAnyTaken ? { [anyObject]: anyMessage } : {}) },
      schemas,
      correlationIds,
      securitySchemes: {
        user: { type: 'userPassword', description: 'A user of the broker, in AMQP_URL.' },
      },
    },
  };
}
