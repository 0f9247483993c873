import { Parser } from '@asyncapi/parser';
import { serviceOptionsOf } from '@tradepost/service';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { appNames, apps } from '../../../apps/services';
import { file, messagesIn, readAsyncApi } from './document';

const document = readAsyncApi();
const operations = Object.values(document.operations);

/** `service Contract`, of the operations of a kind; a plain handler has no contract. */
function said(action: 'send' | 'receive'): string[] {
  return operations
    .filter((one) => one.action === action)
    .map(({ tags: [service], messages }) => {
      const [first] = messagesIn(document, messages);
      return `${service?.name} ${first?.name}`;
    })
    .filter((text) => !text.endsWith(' AnyObject'))
    .sort();
}

/** `service Contract`, of each decorator of a handler in the sources. */
function decorated(): string[] {
  const sources = (app: string) => readdirSync(`apps/${app}/src`, { recursive: true }).map(String);
  const found = appNames.flatMap((app) =>
    sources(app)
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => [
        ...readFileSync(join('apps', app, 'src', name), 'utf8').matchAll(
          /^ *@On(?:Work|Fanout|Topic|Rpc)\((\w+)/gm,
        ),
      ])
      .map(([, contract]) => `${app} ${contract}`),
  );
  return found.sort();
}

async function declaredSends(): Promise<string[]> {
  const all = await Promise.all(
    appNames.map(async (name) => {
      const { sends = [], broker = true } = serviceOptionsOf(await apps[name].module());
      // Every service tells its log lines.
      return broker
        ? [...sends.map((one) => one.name), 'LogEntries'].map((one) => `${name} ${one}`)
        : [];
    }),
  );
  return all.flat().sort();
}

// They load all services, and the parser.
jest.setTimeout(60_000);

it('is AsyncAPI', async () => {
  const { document: parsed, diagnostics } = await new Parser().parse(readFileSync(file, 'utf8'));

  expect(parsed?.version()).toBe('3.0.0');
  // There is a 3.1.0; renderers and generators read 3.0.0.
  expect(diagnostics.map(({ code }) => code)).toEqual(['asyncapi-latest-version']);
});

it('has every handler, and nothing else that is received', () => {
  expect(said('receive')).toEqual(decorated());
});

it('has all that a service says it sends, and nothing else that is sent', async () => {
  expect(said('send')).toEqual(await declaredSends());
});

it('has a sender of whatever is received: name it in `sends` of a module', () => {
  const typesIn = (action: string) =>
    operations
      .filter((one) => one.action === action)
      .flatMap(({ messages }) => messagesIn(document, messages))
      .map(({ name, bindings }) => bindings?.amqp.messageType ?? name);
  const sent = new Set(typesIn('send'));
  expect(typesIn('receive').filter((type) => !sent.has(type))).toEqual([]);
});

it('has no channel, message or schema that is not used', () => {
  const text = JSON.stringify(document);
  const isUsed = (path: string) => text.includes(`"$ref":"#/${path}`);
  const unused = [
    ...Object.keys(document.channels).map((key) => `channels/${key}`),
    ...Object.keys(document.components.messages).map((key) => `components/messages/${key}`),
    ...Object.keys(document.components.schemas).map((key) => `components/schemas/${key}`),
  ].filter((path) => !isUsed(`${path}"`) && !isUsed(`${path}/`));
  expect(unused).toEqual([]);
});

it('says of each bound queue what it is bound to', () => {
  const bindings = Object.fromEntries(
    Object.values(document.channels).flatMap(({ title, bindings }) => {
      const amqp = bindings?.amqp;
      return amqp?.is === 'queue' && amqp['x-bindings'] ? [[title, amqp['x-bindings']]] : [];
    }),
  );
  expect(bindings).toMatchObject({
    'financial.sale-finalized': [{ exchange: 'sale-finalized', routingKey: '' }],
    'warning.logs': [{ exchange: 'logs', routingKey: '#.warning.#' }],
  });
  expect(bindings).not.toHaveProperty(['orders.confirm-order']);
});

it('describes a message and its fields in the words of the contract', () => {
  const { messages, schemas } = document.components;
  expect(messages['PaymentDeclined']?.description).toMatch(/^Sent by payments when the gateway/);
  expect(schemas['PaymentDeclined']?.properties?.['amount']?.description).toBe(
    'What the payment is for, in minor units of `currency`.',
  );
});
