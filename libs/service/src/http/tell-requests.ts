import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ServiceHandlers } from '@tradepost/messaging';

/** Tells who watches the steps of this service what changed something by HTTP. */
export function tellRequests(app: NestFastifyApplication): void {
  const handlers = app.get(ServiceHandlers);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onResponse', (request, reply, done) => {
    done();
    if (request.method === 'GET' || !handlers.isWatched) return;
    // The trace has ended by now; its answer names it.
    const traceparent = reply.getHeader('traceresponse');
    if (typeof traceparent !== 'string') return;
    const { elapsedTime: tookMs, statusCode: status } = reply;
    const path = request.routeOptions.url ?? request.url.split('?', 1)[0];
    handlers.tell(traceparent, (traceId) => ({
      traceId,
      kind: 'http',
      at: performance.timeOrigin + performance.now() - tookMs,
      tookMs,
      route: `${request.method} ${path}`,
      status,
      outcome: status < 400 ? 'ok' : status < 500 ? 'refused' : 'failed',
      body: request.body,
    }));
  });
}
