import { request } from 'node:http';

/** Places an order with a header for each of `keys`, which fetch would make one. */
export async function sendTwice(
  url: string,
  order: object,
  keys: string[],
): Promise<{ status: number; body: string }> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': keys };
  const sent = request(`${url}/v1/orders`, { method: 'POST', headers, agent: false });
  return new Promise((resolve, reject) => {
    sent.once('error', reject);
    sent.once('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (piece: string) => (body += piece));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sent.end(JSON.stringify(order));
  });
}
