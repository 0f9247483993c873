import { useElementSize, useMediaQuery } from '@mantine/hooks';
import { lazy, Suspense, useEffect, useState } from 'react';
import type { Pattern } from '@tradepost/messaging/ops';
import type { Flow } from '../../../src/api/flow';
import { useApi } from '../../api/queries';
import { useConnection } from '../../frame/connection';
import { useLive } from '../../live/use-live';
import { LateSkeleton } from '../../parts/late-skeleton';
import { ErrorState } from '../../parts/states';
import { View } from '../../parts/view';
import { useUrl } from '../../url/search-params';
import classes from './flow.module.css';
import { Legend, LineKey } from './legend';
import { Lit } from './lit';
import { QueueList } from './queue-list';

/** A phone shows the list, and loads no graph. */
const FlowGraph = lazy(() => import('./flow-graph'));
const QueuePanel = lazy(() => import('./queue-panel'));
const ServicePanel = lazy(() => import('./service-panel'));

export default function FlowView() {
  const { get, set } = useUrl();
  const phone = useMediaQuery('(width < 600px)', false, { getInitialValueInEffect: false });
  const pattern = get('pattern') as Pattern | undefined;
  const [hovered, setHovered] = useState<string>();
  const share = useLive((live) => live.share);
  const close = () => set({ queue: undefined, service: undefined });
  const queue = get('queue');
  const service = get('service');
  return (
    <View
      title="Flow"
      line={lineOf(share)}
      fill={!phone}
      panel={
        <Suspense>
          {queue ? (
            <QueuePanel key={queue} name={queue} onClose={close} />
          ) : service ? (
            <ServicePanel key={service} name={service} onClose={close} />
          ) : null}
        </Suspense>
      }
    >
      <Lit value={{ contract: hovered, pattern, setContract: setHovered }}>
        {phone ? <QueueList /> : <Graph />}
        <Legend pattern={pattern} onPattern={(chosen) => set({ pattern: chosen })} />
        <LineKey />
      </Lit>
    </View>
  );
}

function lineOf(share: number): string {
  const sampled = share < 1 ? ` Dots tell one flow in ${Math.round(1 / share)}.` : '';
  return `The system as its code declares it, with what is seen on it now.${sampled}`;
}

function Graph() {
  const { ref, width, height } = useElementSize();
  const version = useLive(({ system }) => system?.flow);
  const flow = useApi<Flow>('/api/flow', {}, { staleMs: Infinity });
  const { data, refetch } = flow;
  const { state } = useConnection();
  useEffect(() => {
    if (version !== undefined && data && version !== data.version) void refetch();
  }, [version, data, refetch]);
  return (
    <div ref={ref} className={classes.graph} data-stale={state === 'lost'}>
      {flow.error && !data ? (
        <ErrorState
          what="The topology could not be read"
          error={flow.error}
          still="What is above the line on top is still true."
          onRetry={() => void refetch()}
        />
      ) : data && width > 0 ? (
        <Suspense fallback={<LateSkeleton />}>
          <FlowGraph key={data.version} flow={data} width={width} height={height} />
        </Suspense>
      ) : (
        <LateSkeleton />
      )}
    </div>
  );
}
