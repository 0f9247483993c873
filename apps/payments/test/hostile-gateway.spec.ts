import { Logger } from '@nestjs/common';
import { eventually, type HostileAnswer, hostileAnswers, HostileServer } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { GatewayGuards } from '../src/gateway/gateway-guards';
import { HttpGateway } from '../src/gateway/http-gateway';
import { PaymentsConfig } from '../src/payments.config';

/** What is still being said when the time is over. */
const late: HostileAnswer[] = [
  'silence',
  'hints without end',
  'a tunnel',
  'headers without end',
  'a body that drips',
  'a body of chunks that drip',
];

describe('OWASP API10 upstream: a call of the payment gateway ends in time', () => {
  let server: HostileServer | undefined;
  let collecting: NodeJS.Timeout;

  beforeAll(() => Logger.overrideLogger(false));

  // With garbage the fetch of Node 20 collects its signal too, once it reads a body.
  beforeEach(() => {
    setFlagsFromString('--expose-gc');
    collecting = setInterval(runInNewContext('gc') as () => void, 100);
  });

  afterEach(async () => {
    clearInterval(collecting);
    await server?.stop();
  });

  /** The connection is gone as well: it would be the next call's. */
  async function endsWith(name: string, url: string): Promise<void> {
    const given = { GATEWAY_URL: url, GATEWAY_TIMEOUT_MS: 1_000 };
    const config = Object.assign(new PaymentsConfig(), given);
    const gateway = new HttpGateway(config, new GatewayGuards(config));
    await expect(gateway.find(randomUUID())).rejects.toMatchObject({ name });
    await eventually(() => expect(server?.connections).toBe(0));
  }

  it.each(hostileAnswers)('though it answers with %s', async (answer) => {
    server = await HostileServer.start(answer);
    await endsWith(late.includes(answer) ? 'GatewayTimeout' : 'GatewayUnavailable', server.url());
  });

  it('though it never shakes hands', async () => {
    server = await HostileServer.start('silence');
    await endsWith('GatewayTimeout', server.url('https'));
  });
});
