import { ROOT_CONTEXT, type SpanContext, SpanKind, trace } from '@opentelemetry/api';
import { SamplingDecision } from '@opentelemetry/sdk-trace-node';
import { samplerOf } from '../src/telemetry/sampler';
import { isUntraced } from '../src/telemetry/untraced';

// Of its four parts, all of them count: `ffffffff` twice would be nothing.
const high = `${'f'.repeat(8)}${'0'.repeat(24)}`;
const low = `${'0'.repeat(31)}1`;

/** Whether a span of the trace is sampled. */
function samples(
  env: NodeJS.ProcessEnv,
  {
    traceId = high,
    parent,
    links = [],
  }: { traceId?: string; parent?: number; links?: number[] } = {},
): boolean {
  const contextOf = (traceFlags: number): SpanContext => ({
    traceId,
    spanId: '1'.repeat(16),
    traceFlags,
  });
  const above =
    parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, contextOf(parent));
  const all = links.map((flags) => ({ context: contextOf(flags) }));
  const { decision } = samplerOf(env).shouldSample(
    above,
    traceId,
    'span',
    SpanKind.INTERNAL,
    {},
    all,
  );
  return decision === SamplingDecision.RECORD_AND_SAMPLED;
}

const percent = {
  OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
  OTEL_TRACES_SAMPLER_ARG: '0.01',
};

describe('which spans are kept', () => {
  it('is said as OpenTelemetry has it: all, none, a share by the trace id, or as the parent', () => {
    expect(samples({})).toBe(true);
    expect(samples({}, { parent: 0 })).toBe(false);
    expect(samples({ OTEL_TRACES_SAMPLER: 'always_on' }, { parent: 0 })).toBe(true);
    expect(samples({ OTEL_TRACES_SAMPLER: 'always_off' }, { parent: 1 })).toBe(false);
    expect(samples({ OTEL_TRACES_SAMPLER: 'parentbased_always_off' })).toBe(false);
    expect(samples({ OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, { parent: 1 })).toBe(true);
    expect(samples(percent)).toBe(false);
    expect(samples(percent, { traceId: low })).toBe(true);
    expect(samples(percent, { parent: 1 })).toBe(true);
    expect(samples(percent, { traceId: low, parent: 0 })).toBe(false);
    expect(samples({ ...percent, OTEL_TRACES_SAMPLER: 'traceidratio' }, { parent: 1 })).toBe(false);
    expect(samples({ ...percent, OTEL_TRACES_SAMPLER_ARG: 'many' })).toBe(true);
  });

  it('is, of a batch, what one of its messages is', () => {
    expect(samples(percent, { links: [0, 1] })).toBe(true);
    expect(samples(percent, { traceId: low, links: [0, 0] })).toBe(false);
    expect(samples(percent, { parent: 1, links: [0] })).toBe(true);
  });

  it('leaves out what is asked all the time', () => {
    const asked = [
      '/health/ready',
      '/health',
      '/metrics?x=1',
      '/ops/service',
      '/v1/orders',
      '/opsy',
    ];
    expect(asked.filter((url) => isUntraced('GET', url))).toEqual(asked.slice(0, 4));
    expect(isUntraced('POST', '/ops/replays')).toBe(false);
  });
});
