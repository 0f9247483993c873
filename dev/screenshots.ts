import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { fetch } from 'undici';
import { readArguments } from '../ops/shop/arguments';
import { runCommand } from '../ops/shop/run-command';
import { readState } from '../ops/shop/state';
import { findBrowser, openBrowser } from './browser';

const folder = 'docs/images/console';

const usage = `Usage: npm run screenshots
Every view of the console, light and dark, at both widths, into ${folder}, from the shop
that \`npm start\` runs. It places orders, makes dead letters and stops payments for a while, so
that there is something to see. Takes no options.
  CHROMIUM  a Chromium or Chrome; one on the PATH unless set
Example: npm run screenshots`;

const sizes = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 844 } };
const schemes = ['light', 'dark'] as const;
/** Until charts have a few seconds, and a retry has come back. */
const settleMs = 6_000;
const timeoutMs = 20_000;
const order = { customerId: '1', currency: 'USD', items: [{ sku: 'MUG-BLUE', quantity: 2 }] };

interface Shot {
  name: string;
  path: string;
  /** What is to be there before the picture is taken. */
  until: (page: Page) => Promise<void>;
  before?: () => Promise<void>;
  after?: () => Promise<void>;
}

const heading = (page: Page) => page.getByRole('heading', { level: 1 }).waitFor();

async function main(): Promise<void> {
  readArguments({});
  const { managementUrl, console: { url } = {} } = (await readState()) ?? {};
  if (url === undefined || managementUrl === undefined) {
    throw new Error('nothing runs here: `npm start` first');
  }
  const program = findBrowser();
  if (program === undefined) throw new Error('no Chromium or Chrome on the PATH: install one');
  await mkdir(folder, { recursive: true });
  const browser = await openBrowser(program);
  try {
    await makeDeadLetters(managementUrl);
    const shots = shotsOf(url, await prepare(browser, url));
    for (const shot of shots) {
      await shot.before?.();
      for (const scheme of schemes) {
        for (const size of ['wide', 'narrow'] as const) {
          await take(browser, url, { shot, scheme, size });
        }
      }
      await shot.after?.();
    }
  } finally {
    await browser.close();
  }
}

function shotsOf(url: string, { orderId }: { orderId: string }): Shot[] {
  const view = (name: string, path = `/${name}`): Shot => ({ name, path, until: heading });
  return [
    {
      ...view('flow'),
      until: async (page) => page.getByText('orders.confirm-order').first().waitFor(),
    },
    view('orders'),
    view('journey', `/orders/${orderId}`),
    view('dead-letters'),
    view('logs'),
    view('ledger'),
    view('topology'),
    {
      ...view('contracts', '/contracts?contract=SaleFinalized'),
      until: async (page) => page.getByText('list of SaleItem').waitFor(),
    },
    { ...view('operations'), before: () => operate(url) },
    {
      ...view('drills'),
      before: async () => {
        await post(`${url}/api/bursts`, { ...order, payment: 'approve', count: 600, rate: 10 });
        await post(`${url}/api/drills/stop-worker`, { service: 'payments' });
      },
      after: async () => {
        await post(`${url}/api/drills/start-worker`, { service: 'payments' });
      },
    },
  ];
}

async function take(
  browser: Browser,
  url: string,
  {
    shot,
    scheme,
    size,
  }: { shot: Shot; scheme: (typeof schemes)[number]; size: keyof typeof sizes },
): Promise<void> {
  const context = await browser.newContext({ viewport: sizes[size], colorScheme: scheme });
  context.setDefaultTimeout(timeoutMs);
  const page = await context.newPage();
  await page.goto(`${url}${shot.path}`, { waitUntil: 'domcontentloaded' });
  await shot.until(page);
  await delay(settleMs);
  const path = join(folder, `${shot.name}-${scheme}-${size}.png`);
  await page.screenshot({ path });
  console.log(path);
  await context.close();
}

/** Something to see: a burst of orders that end in every way, and a journey with a second try. */
async function prepare(browser: Browser, url: string): Promise<{ orderId: string }> {
  // Steps are seen while a page is open.
  const page = await browser.newPage();
  await page.goto(`${url}/flow`, { waitUntil: 'domcontentloaded' });
  await page.getByText('orders.confirm-order').first().waitFor();
  const burst = { ...order, payment: 'approve', count: 200, rate: 10 };
  await post(`${url}/api/bursts`, burst);
  for (const payment of ['decline', 'unknown-customer']) {
    await post(`${url}/api/orders`, { ...order, payment });
  }
  const { id } = await post<{ id: string }>(`${url}/api/orders`, {
    ...order,
    payment: 'timeout-once',
  });
  await page.goto(`${url}/orders/${id}`, { waitUntil: 'domcontentloaded' });
  await page.getByText(/^Paid after/).waitFor();
  return { orderId: id };
}

/** Messages that no contract takes. */
async function makeDeadLetters(managementUrl: string): Promise<void> {
  const { origin, username, password } = new URL(managementUrl);
  const token = Buffer.from(`${username}:${password}`).toString('base64');
  const send = async (queue: string, type: string, body: object) => {
    const message = {
      properties: { message_id: randomUUID(), type, delivery_mode: 2 },
      ...{ routing_key: queue, payload: JSON.stringify(body), payload_encoding: 'string' },
    };
    const url = `${origin}/api/exchanges/%2F/amq.default/publish`;
    await post(url, message, { authorization: `Basic ${token}` });
  };
  for (const paymentId of [7, 8, 9]) {
    await send('payments.charge-payment', 'ChargePayment', { paymentId });
  }
  await send('orders.deliver-webhook', 'DeliverWebhook', { deliveryId: null });
}

async function operate(url: string): Promise<void> {
  const handler = { service: 'financial', queue: 'financial.sale-finalized' };
  await post(`${url}/api/handlers/pause`, handler);
  await post(`${url}/api/handlers/resume`, handler);
  const selection = { queue: 'orders.deliver-webhook' };
  await post(`${url}/api/dead-letters/discard`, { selection });
  await post(`${url}/api/drills/kill-connections`, {});
}

async function post<T>(url: string, body: object, headers: object = {}): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

runCommand(usage, main);
