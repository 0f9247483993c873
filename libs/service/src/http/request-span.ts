import { trace } from '@opentelemetry/api';

interface Routed {
  method: string;
  routeOptions: { url?: string };
}

/** Names the span of the request that runs by its route, which Node's HTTP server does not know. */
export function nameRequestSpan({ method, routeOptions: { url } }: Routed): void {
  const span = trace.getActiveSpan();
  if (span === undefined || url === undefined) return;
  span.updateName(`${method} ${url}`);
  span.setAttribute('http.route', url);
}
