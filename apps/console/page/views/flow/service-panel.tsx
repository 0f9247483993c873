import type { ServiceState } from '../../../src/api/live';
import { useLive } from '../../live/use-live';
import { StateBadge } from '../../parts/badge';
import { bytes, duration } from '../../parts/format';
import { Facts, PanelSection, SidePanel } from '../../parts/side-panel';
import { TimeAgo } from '../../parts/time-ago';
import { HandlerTable, useHandlers } from './handler-table';
import { HistoryCharts } from './history-charts';
import classes from './panels.module.css';

export default function ServicePanel({ name, onClose }: { name: string; onClose: () => void }) {
  const service = useLive((live) => live.services.get(name));
  const handlers = useHandlers(name);
  return (
    <SidePanel title={name} label={`Service ${name}`} onClose={onClose}>
      {service ? (
        <>
          <Health service={service} />
          {handlers.length > 0 && (
            <PanelSection title="Handlers">
              <HandlerTable service={name} handlers={handlers} />
            </PanelSection>
          )}
          <PanelSection title="Instances">
            <Instances service={service} />
          </PanelSection>
          <PanelSection title="Last 15 minutes">
            <HistoryCharts of={{ service: name }} />
          </PanelSection>
        </>
      ) : (
        <p className="muted">Nothing is known of this service now.</p>
      )}
    </SidePanel>
  );
}

const tones = { ready: 'ok', stopping: 'waiting', failing: 'failed', down: 'failed' } as const;

function Health({ service }: { service: ServiceState }) {
  const { state, problems, warnings, outboxLagSeconds: lag } = service;
  return (
    <>
      {problems.length > 0 && <Sentences tone="failed" sentences={problems} />}
      {warnings.length > 0 && <Sentences tone="waiting" sentences={warnings} />}
      <Facts
        facts={[
          ['State', <StateBadge tone={tones[state]}>{state}</StateBadge>],
          ['Outbox waits', lag === null ? undefined : duration(lag * 1_000)],
        ]}
      />
    </>
  );
}

function Sentences({ tone, sentences }: { tone: string; sentences: string[] }) {
  return (
    <ul className={classes.problems} data-tone={tone}>
      {sentences.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}

function Instances({ service }: { service: ServiceState }) {
  if (service.instances.length === 0) return <p className="muted">None answers.</p>;
  return (
    <table className={`rows ${classes.instances}`}>
      <thead>
        <tr>
          <th>Instance</th>
          <th>Since</th>
          <th className="right">Memory</th>
          <th className="right">CPU</th>
          <th className="right">Loop</th>
        </tr>
      </thead>
      <tbody>
        {service.instances.map((instance) => (
          <tr key={instance.id}>
            <td title={`${instance.url}, Node ${instance.node}`}>
              <code>{instance.id}</code>
            </td>
            <td>
              <TimeAgo at={instance.startedAt} />
            </td>
            <td className="right">{bytes(instance.memory.rssBytes)}</td>
            <td className="right">{Math.round(instance.cpu * 100)} %</td>
            <td className="right">{duration(instance.eventLoopDelayMs)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
