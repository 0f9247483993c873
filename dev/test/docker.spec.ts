import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dockerEngineWith } from '../local/docker';

const image = 'rabbitmq:4-management';

/** A container engine that has these images, and no way to a registry. */
function engineWith(images: readonly string[]): Server {
  return createServer(({ url = '' }, response) => {
    const lookup = 'Get "https://registry-1.docker.io/v2/": dial tcp: lookup failed';
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (url.includes('/images/create')) answer(500, { message: lookup });
    else if (images.some((one) => url.includes(`/images/${one}/`))) answer(200, {});
    else if (url.includes('/images/')) answer(404, { message: 'no such image' });
    else answer(200, { OperatingSystem: 'linux', OSType: 'linux', Networks: [] });
  });
}

describe('a container engine', () => {
  const images: string[] = [];
  const server = engineWith(images);
  const given = process.env.DOCKER_HOST;
  const lines: string[] = [];
  const engine = () => dockerEngineWith({ image, log: (line) => lines.push(line) });

  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    process.env.DOCKER_HOST = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
    if (given === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = given;
  });

  it('that cannot get an image is left out in a sentence', async () => {
    await expect(engine()).rejects.toMatchObject({
      message: `the engine cannot get ${image}: \`docker pull ${image}\` says why`,
    });
    expect(lines).toEqual([`pulling ${image} (once)`]);
  });

  it('that cannot get the image of Ryuk is taken without it, which is said in a sentence', async () => {
    images.push(image);
    lines.length = 0;
    const without = process.env.TESTCONTAINERS_RYUK_DISABLED;
    delete process.env.TESTCONTAINERS_RYUK_DISABLED;

    await expect(engine()).resolves.toBeDefined();
    expect(lines).toEqual([
      'going without Ryuk, which cleans up after a killed process: the engine cannot start it',
    ]);
    if (without === undefined) delete process.env.TESTCONTAINERS_RYUK_DISABLED;
    else process.env.TESTCONTAINERS_RYUK_DISABLED = without;
  });

  it('that does not answer is left out in a sentence', async () => {
    process.env.DOCKER_HOST = 'tcp://127.0.0.1:1';

    await expect(engine()).rejects.toMatchObject({
      message: 'DOCKER_HOST is tcp://127.0.0.1:1, which does not answer',
    });
  });
});
