import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Histogram, Named } from '@tradepost/messaging';
import type { Family } from './family';
import { Metrics } from './metrics';

const duration: Family = {
  name: 'http_server_request_duration_seconds',
  type: 'histogram',
  help: 'Answered requests by route, none for an unknown address; no streams of events',
};

/** Routes times methods times statuses; a service has some fifty. */
const seriesMax = 200;

/** Times each request, by the pattern of its route. */
export function timeRequests(app: NestFastifyApplication): void {
  const times = new Named(seriesMax, () => new Histogram());
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onResponse', (request, reply, done) => {
    done();
    // One lasts as long as somebody looks.
    if (String(reply.getHeader('content-type')).startsWith('text/event-stream')) return;
    const { method, routeOptions, is404 } = request;
    const route = is404 ? '' : (routeOptions.url ?? '');
    times.of(`${method} ${reply.statusCode} ${route}`).add(reply.elapsedTime / 1_000);
  });
  app.get(Metrics).own([duration], () => {
    const points = [...times.all()].map(([name, value]) => {
      const [method = '', status = '', route = ''] = name.split(' ');
      const labels = {
        http_request_method: method,
        http_response_status_code: status,
        http_route: route,
      };
      return { labels, value };
    });
    return [[duration, points]];
  });
}
