import { useElementSize, useMediaQuery } from '@mantine/hooks';
import { useParams } from 'wouter';
import type { Hop, Journey } from '../../../src/api/journey';
import { Id } from '../../parts/id';
import { LateSkeleton } from '../../parts/late-skeleton';
import { ErrorState } from '../../parts/states';
import { useListKeys } from '../../parts/use-list-keys';
import { View } from '../../parts/view';
import { useUrl } from '../../url/search-params';
import { HopList } from './hop-list';
import { HopPanel } from './hop-panel';
import { JourneyHead } from './journey-head';
import { JourneyLegend } from './journey-legend';
import { JourneyLanes } from './journey-lanes';
import { JourneyMoney } from './journey-money';
import classes from './journey.module.css';
import { useJourney } from './use-journey';

export default function JourneyView() {
  const { id = '' } = useParams<{ id: string }>();
  const { data, error, refetch, follows, live } = useJourney(id);
  const { get, set } = useUrl();
  const hops = data?.hops ?? [];
  const selected = hops.find((hop) => hop.id === get('hop'));
  useListKeys({
    items: hops.filter(({ kind }) => kind !== 'sent'),
    idOf: (hop) => hop.id,
    selected: selected?.id,
    onMove: (hop) => set({ hop }, { replace: true }),
  });
  return (
    <View
      title="Order"
      line={
        <>
          <Id id={id} /> {follows && <span>{live ? '· live' : '· connecting'}</span>}
        </>
      }
      panel={
        data &&
        selected && (
          <HopPanel hop={selected} journey={data} onClose={() => set({ hop: undefined })} />
        )
      }
    >
      {error && !data ? (
        <ErrorState
          what="This journey could not be told"
          error={error}
          still="The order, if there is one, goes on without it."
          onRetry={() => void refetch()}
        />
      ) : data ? (
        <Told journey={data} selected={selected} onSelect={(hop) => set({ hop })} />
      ) : (
        <LateSkeleton lines={10} />
      )}
    </View>
  );
}

interface ToldProps {
  journey: Journey;
  selected?: Hop;
  onSelect: (id: string) => void;
}

function Told({ journey, selected, onSelect }: ToldProps) {
  const phone = useMediaQuery('(width < 600px)', false, { getInitialValueInEffect: false });
  const { ref, width } = useElementSize();
  return (
    <>
      <JourneyHead journey={journey} />
      {phone ? (
        <HopList hops={journey.hops} selected={selected?.id} onSelect={onSelect} />
      ) : (
        <div ref={ref} className={classes.lanesBox}>
          {width > 0 && (
            <JourneyLanes
              hops={journey.hops}
              width={width}
              selected={selected?.id}
              onSelect={onSelect}
            />
          )}
        </div>
      )}
      <JourneyLegend />
      <JourneyMoney journey={journey} />
    </>
  );
}
