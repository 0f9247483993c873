import { useState } from 'react';
import type { DrillsState } from '../../../src/api/drills';
import { queryClient, useApi } from '../../api/queries';
import { LateSkeleton } from '../../parts/late-skeleton';
import { EmptyState, ErrorState } from '../../parts/states';
import { View } from '../../parts/view';
import { Audit } from './audit';
import { Course } from './course';
import { DrillCard } from './drill-card';
import { DrillDialog, type AskedDrill } from './drill-dialog';
import classes from './drills.module.css';
import { Recovery } from './recovery';
import { Workers } from './workers';

const path = '/api/drills';

export default function DrillsView() {
  const drills = useApi<DrillsState>(path, {}, { everyMs: 1_000 });
  const [asked, ask] = useState<AskedDrill>();
  const { data } = drills;
  const heard = (state: DrillsState) => queryClient.setQueryData([path, {}], state);
  return (
    <View title="Drills" line="Break something on purpose, and see whether anything is lost.">
      {drills.isPending && <LateSkeleton />}
      {drills.isError && (
        <ErrorState
          what="What runs here could not be asked"
          error={drills.error}
          still={data ? 'What is below is what was heard last.' : undefined}
          onRetry={() => void drills.refetch()}
        />
      )}
      {data && !data.available && (
        <EmptyState
          title="Nothing can be broken from here"
          hint="Drills are there where `npm start` runs the system: on a machine of your own."
        />
      )}
      {data?.available && (
        <div className={classes.columns} data-stale={drills.isError}>
          <div>
            <Course state={data} />
            <ul className={classes.drills}>
              {data.drills.map((drill) => (
                <DrillCard
                  key={drill.name}
                  drill={drill}
                  busy={data.running !== undefined}
                  onAsk={ask}
                />
              ))}
            </ul>
          </div>
          <div>
            <Recovery />
            <Audit audit={data.audit} onHeard={heard} />
            <Workers workers={data.workers} />
          </div>
        </div>
      )}
      {asked && <DrillDialog asked={asked} onClose={() => ask(undefined)} onHeard={heard} />}
    </View>
  );
}
