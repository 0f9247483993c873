import { currentTrace, inFlowOf, withTrace } from '../src/context';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
const wellFormed = /^00-([0-9a-f]{32})-([0-9a-f]{16})-01$/;

it('a step goes on with its trace, in a span of its own', () => {
  const [one, other] = [1, 2].map(() => withTrace(traceparent, currentTrace, 'c'));
  for (const trace of [one, other]) {
    expect(trace).toMatchObject({ traceId, correlationId: 'c' });
    expect(wellFormed.exec(trace?.traceparent ?? '')?.[1]).toBe(traceId);
  }
  expect(new Set([traceparent, one?.traceparent, other?.traceparent]).size).toBe(3);
  expect(currentTrace()).toBeUndefined();
});

it.each([undefined, '', traceparent.toUpperCase(), `${traceparent}-`, traceparent.slice(0, -1)])(
  'of a trace that is %j a new one begins',
  (given) => {
    const trace = withTrace(given, currentTrace);
    expect(trace?.traceId).not.toBe(traceId);
    expect(wellFormed.exec(trace?.traceparent ?? '')?.[1]).toBe(trace?.traceId);
  },
);

it('no two traces are one, however many there are', () => {
  const traces = Array.from({ length: 1_000 }, () => withTrace(undefined, currentTrace));
  expect(traces.filter((trace) => !wellFormed.test(trace?.traceparent ?? ''))).toEqual([]);
  expect(new Set(traces.map((trace) => trace?.traceId)).size).toBe(traces.length);
});

it('a flow is that of its first message', () => {
  expect(inFlowOf({ id: 'm', correlationId: 'c', traceparent }, currentTrace)).toMatchObject({
    ...{ traceId, correlationId: 'c' },
  });
  expect(inFlowOf({ id: 'm' }, currentTrace)).toMatchObject({ correlationId: 'm' });
});
