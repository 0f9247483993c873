import { trace, TraceFlags } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node';

/**
 * As OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG say; but what is linked to others, as a batch
 * is to its messages, is sampled when one of them is: by a chance of its own it would be missing
 * where somebody looks for it.
 */
export function samplerOf(env: NodeJS.ProcessEnv): Sampler {
  const given = namedSampler(env.OTEL_TRACES_SAMPLER, ratioOf(env.OTEL_TRACES_SAMPLER_ARG));
  return {
    shouldSample: (context, traceId, name, kind, attributes, links) => {
      if (trace.getSpanContext(context) !== undefined || links.length === 0) {
        return given.shouldSample(context, traceId, name, kind, attributes, links);
      }
      const isSampled = links.some((link) => link.context.traceFlags & TraceFlags.SAMPLED);
      const { RECORD_AND_SAMPLED, NOT_RECORD } = SamplingDecision;
      return { decision: isSampled ? RECORD_AND_SAMPLED : NOT_RECORD };
    },
    toString: () => `LinkBased{${given.toString()}}`,
  };
}

function namedSampler(name = 'parentbased_always_on', ratio: number): Sampler {
  const byRatio = new TraceIdRatioBasedSampler(ratio);
  switch (name) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return byRatio;
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: byRatio });
    default:
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
  }
}

// As the specification has it: all, for what is no ratio.
function ratioOf(text: string | undefined): number {
  const ratio = Number(text || 1);
  return ratio >= 0 && ratio <= 1 ? ratio : 1;
}
