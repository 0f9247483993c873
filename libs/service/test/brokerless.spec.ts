import { Body, Controller, Module, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { openToAll } from '@tradepost/test-kit';
import { createService, KeepRawBody, Open, RawBody, ServerConfig, ServiceModule } from '../src';

@Controller()
@Open('this is a test')
class EchoController {
  @Post('signed')
  @KeepRawBody()
  signed(@RawBody() raw: string, @Body() body: Record<string, unknown>): object {
    return { raw, body };
  }

  @Post('plain')
  plain(@RawBody() raw: string): object {
    return { raw };
  }
}

@Module({
  imports: [ServiceModule.forRoot({ name: 'till', config: ServerConfig, broker: false })],
  controllers: [EchoController],
})
class TillModule {}

describe('a server without a broker', () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    const env = {
      ...openToAll,
      POSTGRES_URL: 'postgres://till:pw@127.0.0.1:1/till',
      LOG_LEVEL: 'critical',
    };
    app = await createService(TillModule, env);
    await app.listen(0, '127.0.0.1');
  });
  afterAll(() => app.close());

  it('has the health of its database alone', async () => {
    const answer = await app.inject({ url: '/health/ready' });
    expect(answer.statusCode).toBe(503);
    const database = { status: 'failing', problems: [expect.stringContaining('ECONNREFUSED')] };
    expect(answer.json()).toEqual({ status: 'failing', checks: { database } });
    expect((await app.inject({ url: '/health/live' })).json()).toEqual({ status: 'ok' });
  });

  it('has metrics of its requests and its pool, and none of messages', async () => {
    await app.inject({ url: '/health/live' });
    const { payload } = await app.inject({ url: '/metrics' });
    const live =
      'http_request_method="GET",http_response_status_code="200",http_route="/health/live"';
    expect(payload).toContain(`http_server_request_duration_seconds_count{${live}}`);
    expect(payload).toContain('db_client_connection_max 10');
    expect(payload).toContain('process_resident_memory_bytes ');
    expect(payload).not.toContain('messaging_');
  });

  it('has no dead letters to look into', async () => {
    const answer = await app.inject({ url: '/ops/dead-letters' });
    expect(answer.statusCode).toBe(404);
  });

  it('says where its document would be, when it has none', async () => {
    const answer = await app.inject({ url: '/openapi.json' });
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({
      type: expect.stringMatching(/document-not-found$/) as string,
      detail: 'docs/openapi/till.json is not there: `npm run contracts -- write` writes it',
    });
  });

  const post = (url: string, payload: string) =>
    app.inject({ method: 'POST', url, payload, headers: { 'content-type': 'application/json' } });

  it('gives a handler that asks for it the body as it came', async () => {
    const text = '{ "amount":  1.0,\n "amount": 2, "name": "\\u0041é" }';
    const answer = await post('/signed', text);
    expect(answer.json()).toEqual({ raw: text, body: { amount: 2, name: 'Aé' } });
  });

  it('keeps no body for one that does not', async () => {
    expect((await post('/plain', '{}')).statusCode).toBe(500);
  });
});
