import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Customers } from '../traffic/customers';
import { OrderWatch } from '../traffic/order-watch';
import { purchasesOf } from '../traffic/purchases';
import { Tally } from '../traffic/tally';

const products = [{ sku: 'MUG', prices: { USD: 100 } }];
let server: Server;
let customers: Customers | undefined;
let tally: Tally;

async function shopThat(answers: RequestListener): Promise<void> {
  server = createServer(answers);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const ordersUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  tally = new Tally();
  const watch = new OrderWatch(ordersUrl, tally, 1_000);
  customers = new Customers({ ordersUrl, purchases: purchasesOf(products, 1), watch, tally });
}

async function buy(orders: number): Promise<void> {
  for (let order = 0; order < orders; order += 1) customers?.buy(performance.now());
  await customers?.idle();
}

afterEach(async () => {
  customers?.close();
  server.closeAllConnections();
  await customers?.idle();
  await new Promise((resolve) => server.close(resolve));
});

it('whoever is turned away is counted, and does not come back', async () => {
  let requests = 0;
  await shopThat((_request, response) => {
    requests += 1;
    response.writeHead(503, { 'retry-after': '1' });
    response.end(JSON.stringify({ type: 'https://tradepost.dev/problems/too-busy', status: 503 }));
  });
  await buy(20);
  expect(requests).toBe(20);
  expect(tally).toMatchObject({ sent: 20, accepted: 0, tooBusy: 20, refused: 0 });
  expect([...tally.problems]).toEqual([['503 too-busy', 20]]);
});

it('what is not answered is sent once more with its key', async () => {
  const keys: unknown[] = [];
  await shopThat((request) => {
    keys.push(request.headers['idempotency-key']);
    request.socket.destroy();
  });
  await buy(3);
  expect(keys).toHaveLength(6);
  expect(new Set(keys).size).toBe(3);
  expect(tally).toMatchObject({ sent: 3, unanswered: 3 });
});

it.each(['', 'no JSON', '{"title":"no id"}'])('a 201 that says %j is no order', async (text) => {
  await shopThat((_request, response) => response.writeHead(201).end(text));
  await buy(1);
  expect(tally).toMatchObject({ sent: 1, accepted: 0, refused: 1 });
});

it('sends no more while two thousand wait for their answers', async () => {
  const waiting: (() => void)[] = [];
  await shopThat((_request, response) => waiting.push(() => response.writeHead(500).end()));
  for (let order = 0; order < 2_010; order += 1) customers?.buy(performance.now());
  expect(tally).toMatchObject({ sent: 2_000, notSent: 10 });
});
