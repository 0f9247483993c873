import { createRequire } from 'node:module';

/** Spans on their way to a collector. */
export interface Telemetry {
  /** The service's name, unless OTEL_SERVICE_NAME says another. */
  identify(service: string): void;
  /** Sends what is left, in bounded time. */
  stop(): Promise<void>;
}

const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: isDisabled } = process.env;

/**
 * Undefined unless a collector is named: then nothing of the SDK is loaded. Whoever loads this file
 * does so before pg, undici and http, which it instruments.
 */
export const telemetry: Telemetry | undefined =
  endpoint && isDisabled !== 'true' ? start() : undefined;

function start(): Telemetry {
  const load = createRequire(__filename);
  return (load('./sdk') as typeof import('./sdk')).startSdk();
}
