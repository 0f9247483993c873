import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createService } from '@tradepost/service';
import { openToAll } from '@tradepost/test-kit';
import { readFileSync } from 'node:fs';
import { appNames, apps, window } from '../../apps/services';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

/** Nothing is there: what a service says of itself needs nothing. */
const env = {
  ...openToAll,
  AMQP_URL: 'amqp://guest:guest@127.0.0.1:1',
  POSTGRES_URL: 'postgres://shop:pw@127.0.0.1:1/shop',
  LOG_LEVEL: 'critical',
  GATEWAY: 'sandbox',
  CALLBACK_URL: 'http://127.0.0.1:1/v1/gateway-callbacks',
  CALLBACK_SECRET: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
};

const others = appNames.filter((name) => name !== window);

describe('GET / of a service', () => {
  let app: NestFastifyApplication;

  afterEach(() => app.close());

  it.each(others)('%s says what it is and where its documents are', async (name) => {
    app = await createService(await apps[name].module(), env);
    await app.listen(0, '127.0.0.1');

    const { statusCode, body } = await app.inject('/');
    const said = JSON.parse(body) as {
      about: string;
      links: { ready: string; openapi: string; routes: string[] };
      docs: Record<string, string>;
    };

    expect(statusCode).toBe(200);
    expect(said).toMatchObject({ name, version, links: { ready: '/health/ready' } });
    expect(said.links.openapi).toBe('/openapi.json');
    const { body: document } = await app.inject('/openapi.json');
    expect(JSON.parse(document)).toMatchObject({ openapi: '3.1.1', info: { title: name } });
    expect(said.about).toMatch(/^[A-Z].{10,70}\.$/);
    expect(said.links.routes).toContainEqual(expect.stringMatching(/^\/(v1\/)?[a-z-]+/));
    expect(Object.values(said.docs).filter((place) => !isThere(place))).toEqual([]);
    expect(said.docs.api).toMatch(/^docs\/API\.md/);
    expect(body.length).toBeLessThan(1_000);
  });
});

/** A document of the repository, with a heading where it has an anchor. */
function isThere(place: string): boolean {
  const [file = '', anchor] = place.split('#');
  const headings = readFileSync(file, 'utf8').match(/^#+ .+$/gm) ?? [];
  const anchors = headings.map((one) => one.replace(/^#+ /, '').toLowerCase().replaceAll(' ', '-'));
  return anchor === undefined || anchors.includes(anchor);
}
