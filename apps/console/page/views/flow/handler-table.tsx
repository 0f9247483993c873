import { useMemo, type ReactNode } from 'react';
import type { HandlerState, ServiceState } from '../../../src/api/live';
import { useLive } from '../../live/use-live';
import { count, perSecond } from '../../parts/format';
import { PatternMark } from '../../parts/pattern-mark';
import { Duration } from '../../parts/time-ago';
import { heldInWords } from './held-words';
import classes from './panels.module.css';
import { PauseButton } from './pause-button';

export interface Handler extends HandlerState {
  /** How many of its instances are paused, and how many there are. */
  pausedIn: number;
  instances: number;
}

/** A service's handlers, those of all its instances added up. */
export function useHandlers(service: string): Handler[] {
  const state = useLive((live) => live.services.get(service));
  return useMemo(() => handlersOf(state), [state]);
}

function handlersOf(service: ServiceState | undefined): Handler[] {
  const all = new Map<string, Handler>();
  for (const one of service?.instances.flatMap(({ handlers }) => handlers) ?? []) {
    const key = `${one.queue} ${one.name}`;
    const sum = all.get(key);
    const pausedIn = Number(one.paused);
    all.set(key, sum ? added(sum, one) : { ...one, pausedIn, instances: 1 });
  }
  return [...all.values()];
}

/** Percentiles do not add up: the slowest instance's stands for all. */
function added(sum: Handler, one: HandlerState): Handler {
  return {
    ...sum,
    paused: sum.paused && one.paused,
    pausedIn: sum.pausedIn + Number(one.paused),
    instances: sum.instances + 1,
    inHand: sum.inHand + one.inHand,
    handled: sum.handled + one.handled,
    retried: sum.retried + one.retried,
    deadLettered: sum.deadLettered + one.deadLettered,
    rate: sum.rate + one.rate,
    heldForMs: Math.max(sum.heldForMs, one.heldForMs),
    p50Ms: slower(sum.p50Ms, one.p50Ms),
    p99Ms: slower(sum.p99Ms, one.p99Ms),
  };
}

function slower(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b);
}

export function HandlerTable({ service, handlers }: { service: string; handlers: Handler[] }) {
  return (
    <ul className={classes.handlers}>
      {handlers.map((handler) => (
        <li key={`${handler.queue} ${handler.name}`}>
          <div className={classes.handlerHead}>
            <PatternMark pattern={handler.pattern} size={11} />
            <code className="ellipsis" title={`${handler.name} of ${handler.queue}`}>
              {handler.name}
            </code>
            <PauseButton
              service={service}
              queue={handler.queue}
              handler={handler.name}
              paused={handler.paused}
            />
          </div>
          <HandlerFigures handler={handler} />
        </li>
      ))}
    </ul>
  );
}

function HandlerFigures({ handler }: { handler: Handler }) {
  const held = useLive((live) => live.queues.get(handler.queue)?.held);
  const failures = handler.retried + handler.deadLettered;
  return (
    <dl className={classes.figures}>
      <Figure term="rate">{perSecond(handler.rate)}</Figure>
      <Figure term="p50">
        <Duration ms={handler.p50Ms} />
      </Figure>
      <Figure term="p99">
        <Duration ms={handler.p99Ms} />
      </Figure>
      <Figure term="handled">{count(handler.handled)}</Figure>
      <Figure term="failed">
        <span
          className={failures > 0 ? classes.failures : undefined}
          title={`${count(handler.retried)} retried, ${count(handler.deadLettered)} dead-lettered`}
        >
          {count(failures)}
        </span>
      </Figure>
      {held && (
        <Figure term="held">
          <span title={heldInWords(held)}>{count(held.waiting)}</span>
        </Figure>
      )}
      {handler.pausedIn > 0 && (
        <Figure term="paused">
          {handler.pausedIn} of {handler.instances}
        </Figure>
      )}
    </dl>
  );
}

function Figure({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}
