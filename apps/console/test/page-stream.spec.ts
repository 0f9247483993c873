import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PageStream } from '../src/sse/page-stream';

describe('a stream to a page', () => {
  const server = createServer();
  let url: string;

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  /** A page that has asked, and reads nothing until it is told to. */
  async function open(): Promise<{ stream: PageStream; page: IncomingMessage }> {
    const asked = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
    const request = get(url, { agent: false });
    const [, raw] = await asked;
    const stream = new PageStream({ hijack: () => undefined, raw });
    const [page] = (await once(request, 'response')) as [IncomingMessage];
    request.on('error', () => undefined);
    return { stream, page };
  }

  it('leaves out what a page that is behind cannot take, and goes on when it can', async () => {
    const { stream, page } = await open();
    const large = { text: 'x'.repeat(100_000) };
    let sent = 0;
    while (stream.send('system', large) && sent < 1_000) sent += 1;
    expect(stream.isBehind).toBe(true);
    expect(sent).toBeLessThan(1_000);

    page.resume();
    const drained = new Promise<void>((resolve) =>
      page.on('data', () => stream.isBehind || resolve()),
    );
    await drained;
    expect(stream.send('system', {})).toBe(true);
  });

  it('tells nothing to a page that has gone', async () => {
    const { stream, page } = await open();
    const closed = new Promise<void>((resolve) => stream.onClose(resolve));
    page.destroy();
    await closed;
    expect(stream.send('system', {})).toBe(false);
  });

  it('ends whole', async () => {
    const { stream, page } = await open();
    stream.send('steps', { steps: [] });
    stream.end();
    let text = '';
    page.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    await once(page, 'end');
    expect(text).toBe('retry: 1000\n\nevent: steps\ndata: {"steps":[]}\n\n');
  });
});
