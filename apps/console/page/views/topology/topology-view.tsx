import { Button, CopyButton, Group } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useState } from 'react';
import type {
  TopologyApplied,
  TopologyDifference,
  TopologyReport,
} from '../../../src/api/topology';
import { useApi } from '../../api/queries';
import { StateBadge } from '../../parts/badge';
import { Chip } from '../../parts/chip';
import { LateSkeleton } from '../../parts/late-skeleton';
import { ErrorState } from '../../parts/states';
import { TimeAgo } from '../../parts/time-ago';
import { View } from '../../parts/view';
import { useUrl } from '../../url/search-params';
import { ApplyDialog } from './apply-dialog';
import { Applied } from './applied';
import { differenceWords, topologySummary, topologyText } from './topology-words';
import classes from './topology.module.css';

export default function TopologyView() {
  const report = useApi<TopologyReport>('/api/topology', {}, { staleMs: 30_000 });
  const { data } = report;
  const [asks, setAsks] = useState(false);
  const [applied, setApplied] = useState<TopologyApplied>();
  const safe = data?.differences.filter((one) => one.safe) ?? [];
  return (
    <View
      title="Topology"
      line="What the code declares, against what the broker has."
      chips={
        <Button
          variant="default"
          loading={report.isFetching && data !== undefined}
          onClick={() => void report.refetch()}
        >
          Look again
        </Button>
      }
    >
      {applied && <Applied applied={applied} onHide={() => setApplied(undefined)} />}
      {report.isPending && <LateSkeleton />}
      {report.isError && (
        <ErrorState
          what="The broker could not be compared"
          error={report.error}
          still={data ? 'What is below is what was read last.' : 'Nothing was changed.'}
          onRetry={() => void report.refetch()}
        />
      )}
      {data && (
        <div className={classes.report} data-stale={report.isError}>
          <Summary report={data} onApply={safe.length > 0 ? () => setAsks(true) : undefined} />
          <Differences differences={data.differences} />
          <Unchecked unchecked={data.unchecked} />
          <Advice advice={data.advice} />
        </div>
      )}
      {asks && (
        <ApplyDialog
          safe={safe}
          onClose={() => setAsks(false)}
          onApplied={(outcome) => {
            setAsks(false);
            setApplied(outcome);
            void report.refetch();
          }}
        />
      )}
    </View>
  );
}

function Summary({ report, onApply }: { report: TopologyReport; onApply?: () => void }) {
  const { broker, at, differences, unchecked } = report;
  const same = differences.length === 0 && unchecked.length === 0;
  return (
    <section aria-label="Summary">
      <p className={classes.summary}>
        {same && <IconCheck size={18} aria-hidden />} {topologySummary(report)}
      </p>
      <p className="muted">
        {broker.version ? `RabbitMQ ${broker.version}` : 'The broker does not say its version'}
        {' · looked at '}
        <TimeAgo at={at} />
      </p>
      {broker.alarms.map((alarm) => (
        <p key={alarm} className={classes.alarm}>
          <StateBadge tone="failed">alarm</StateBadge> {alarm}
        </p>
      ))}
      <Group gap="xs" mt="xs">
        {onApply && <Button onClick={onApply}>Apply what is safe…</Button>}
        <CopyButton value={topologyText(report)}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? 'Copied' : 'Copy as text'}
            </Button>
          )}
        </CopyButton>
      </Group>
    </section>
  );
}

const signs = { '+': 'missing', '-': 'extra', '~': 'different' } as const;

function Differences({ differences }: { differences: TopologyDifference[] }) {
  const { get, set } = useUrl();
  const only = get('sign');
  if (differences.length === 0) return null;
  const shown = differences.filter(({ sign }) => only === undefined || signs[sign] === only);
  return (
    <section aria-label="Differences">
      <h2 className="subtitle">Differences</h2>
      <div className={classes.chips}>
        {Object.values(signs).map((name) => (
          <Chip
            key={name}
            on={only === name}
            onClick={() => set({ sign: only === name ? undefined : name }, { replace: true })}
          >
            {name}
          </Chip>
        ))}
      </div>
      <table className={`rows ${classes.differences}`}>
        <thead>
          <tr>
            <th scope="col">Difference</th>
            <th scope="col">Why</th>
            <th scope="col">What to do</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((one) => (
            <tr key={`${one.sign} ${one.what} ${one.name}`}>
              <td data-sign={one.sign}>
                <span className={classes.sign} aria-hidden>
                  {one.sign === '-' ? '−' : one.sign}
                </span>{' '}
                {differenceWords(one)}
              </td>
              <td className="muted">{one.reason}</td>
              <td>
                {one.remedy}
                {one.safe && <div className="muted">Safe: apply does it.</div>}
              </td>
            </tr>
          ))}
          {shown.length === 0 && (
            <tr>
              <td colSpan={3} className="muted">
                None is {only}.
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </section>
  );
}

function Unchecked({ unchecked }: { unchecked: string[] }) {
  if (unchecked.length === 0) return null;
  return (
    <section aria-label="Not looked at">
      <h2 className="subtitle">Not looked at</h2>
      <ul className={classes.list}>
        {unchecked.map((why) => (
          <li key={why}>{why}</li>
        ))}
      </ul>
    </section>
  );
}

function Advice({ advice }: { advice: TopologyReport['advice'] }) {
  return (
    <section aria-label="Advice">
      <h2 className="subtitle">Advice on the broker</h2>
      {advice.length === 0 && <p className="muted">None.</p>}
      <ul className={classes.list}>
        {advice.map(({ level, code, text }) => (
          <li key={`${code} ${text}`}>
            <StateBadge tone={level === 'warning' ? 'retry' : 'waiting'}>{level}</StateBadge>
            <span>{text}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
