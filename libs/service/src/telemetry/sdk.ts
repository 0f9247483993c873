import { diag, DiagLogLevel } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { hostname } from 'node:os';
import { version } from '../version';
import { Complaints } from './complaints';
import { samplerOf } from './sampler';
import type { Telemetry } from './telemetry';
import { isUntraced } from './untraced';

/** A stop waits no longer for a collector. */
const stopTimeoutMs = 1_500;

/**
 * Registers an SDK that sends spans by OTLP (HTTP, protobuf), as the OTEL_ variables say, and
 * instruments HTTP and pg. Nothing waits for the collector: what it does not take is dropped.
 */
export function startSdk(): Telemetry {
  // Today's names of attributes, where a library still has its old ones by default.
  process.env.OTEL_SEMCONV_STABILITY_OPT_IN ??= 'http,database';
  const complaints = new Complaints();
  diag.setLogger(complaints, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  let identify: (service: string) => void = () => undefined;
  const service = new Promise<string>((resolve) => (identify = resolve));
  const own = resourceFromAttributes({
    'service.name': service,
    'service.version': version,
    'service.instance.id': `${hostname()}:${process.pid}`,
  });
  const provider = new NodeTracerProvider({
    resource: own.merge(detectResources({ detectors: [envDetector] })),
    sampler: samplerOf(process.env),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  // Without a parent there is nothing to tell: polls, sweeps and checks go on all the time.
  registerInstrumentations({
    instrumentations: [
      new HttpInstrumentation({
        ignoreIncomingRequestHook: ({ method, url }) => isUntraced(method, url),
        requireParentforOutgoingSpans: true,
      }),
      new UndiciInstrumentation({ requireParentforSpans: true }),
      new PgInstrumentation({ requireParentSpan: true, ignoreConnectSpans: true }),
    ],
  });
  return {
    identify,
    stop: async () => {
      complaints.isStopping = true;
      const late = new Promise<void>((resolve) => setTimeout(resolve, stopTimeoutMs));
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
    },
  };
}
