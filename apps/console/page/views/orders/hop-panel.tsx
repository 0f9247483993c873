import { Link } from 'wouter';
import type { Hop, Journey } from '../../../src/api/journey';
import { absolute, clock, duration, money } from '../../parts/format';
import { Id } from '../../parts/id';
import { JsonView } from '../../parts/json-view';
import { PatternMark } from '../../parts/pattern-mark';
import { Facts, PanelSection, SidePanel } from '../../parts/side-panel';
import { ContractLink } from '../nav-link';
import { nameOf } from './hop-chip';
import { codeOf } from './code-place';
import classes from './journey.module.css';

interface Props {
  hop: Hop;
  journey: Journey;
  onClose: () => void;
}

/** All that is known of one hop. */
export function HopPanel({ hop, journey, onClose }: Props) {
  const name = nameOf(hop);
  return (
    <SidePanel
      title={
        <>
          {hop.pattern && <PatternMark pattern={hop.pattern} />} {name}
        </>
      }
      label={`${name} in ${hop.service}`}
      onClose={onClose}
      width={390}
    >
      <p className={classes.source}>{sourceOf(hop)}</p>
      {hop.error && (
        <p className={classes.bad}>
          <code>{hop.error.code}</code> {hop.error.message}
        </p>
      )}
      <HopFacts hop={hop} />
      <HopBody hop={hop} />
      <HopRecords hop={hop} />
      {hop.headers && (
        <PanelSection title="Headers">
          <JsonView value={hop.headers} label="Headers" open={1} />
        </PanelSection>
      )}
      <HopLogs hop={hop} journey={journey} />
      {hop.handler && <Code service={hop.service} handler={hop.handler} />}
    </SidePanel>
  );
}

function sourceOf({ source, records = [] }: Hop): string {
  if (source === 'recorded') return 'Not seen: made from what services keep.';
  return records.length > 0
    ? 'Seen as it happened; what was recorded of it is below.'
    : 'Seen as it happened.';
}

/** As it was seen, or made again; a dead letter has its own. */
function HopBody({ hop: { body, bodyMade, source } }: { hop: Hop }) {
  const without = bodyMade?.without.join(', ');
  return (
    <PanelSection
      title={<>Body {bodyMade && <span className={classes.made}>made again from records</span>}</>}
    >
      {body === undefined ? (
        <p className="muted">
          {source === 'recorded' ? 'Records do not hold it.' : 'It has none, or it was not kept.'}
        </p>
      ) : (
        <JsonView value={body} label="Body" />
      )}
      {without && <p className="muted">Without {without}, if it had one: no service shows it.</p>}
    </PanelSection>
  );
}

function HopRecords({ hop: { records = [] } }: { hop: Hop }) {
  return records.map(({ what, value }, index) => (
    <PanelSection key={`${what} ${index}`} title={`Record: ${what}`}>
      <JsonView value={value} label={`Record: ${what}`} open={1} />
    </PanelSection>
  ));
}

function HopFacts({ hop }: { hop: Hop }) {
  const { since } = hop;
  const seen = hop.source === 'seen';
  const tries = hop.attemptsMax ? `${hop.attempt} of ${hop.attemptsMax}` : hop.attempt;
  return (
    <Facts
      facts={[
        ['Contract', hop.contract && <ContractLink name={hop.contract} />],
        ['Service', hop.instance ? `${hop.service}, ${hop.instance}` : hop.service],
        [seen ? 'Began' : 'Recorded', absolute(hop.at)],
        ['Waited', hop.waitedMs === undefined ? undefined : duration(hop.waitedMs)],
        ['Worked', seen ? duration(hop.tookMs) : undefined],
        [
          'Waited, worked',
          since && `${duration(since.ms)} in all, not told apart, since ${since.what}`,
        ],
        ['Outcome', outcomeOf(hop)],
        ['Try', tries],
        ['Exchange', hop.exchange && <code>{hop.exchange}</code>],
        [
          'Queue',
          hop.queue && (
            <Link href={`/flow?queue=${encodeURIComponent(hop.queue)}`}>
              <code>{hop.queue}</code>
            </Link>
          ),
        ],
        ['Handler', hop.handler && <code>{hop.handler}</code>],
        ['In one call with', hop.batch && hop.batch > 1 ? `${hop.batch - 1} others` : undefined],
        ['Money', hop.money && `${money(hop.money.amount, hop.money.currency)} ${hop.money.what}`],
        ['Message', hop.messageId && <Id id={hop.messageId} />],
        [
          'Trace',
          hop.traceId && (
            <>
              <Id id={hop.traceId} /> <Link href={`/logs?traceId=${hop.traceId}`}>its log</Link>
            </>
          ),
        ],
      ]}
    />
  );
}

function outcomeOf({ outcome, retryTier, status, redelivered, dueAt }: Hop): string {
  const again = redelivered ? ', delivered before' : '';
  if (outcome === 'retried') {
    const due = dueAt === undefined ? '' : `, due ${clock(dueAt)}`;
    return `failed, comes again after ${retryTier ?? 'its tier'}${due}${again}`;
  }
  if (outcome === 'absorbed') return `already done: this copy changed nothing${again}`;
  if (outcome === 'dead') return `dead-lettered${again}`;
  return `${outcome}${status ? ` (${status})` : ''}${again}`;
}

/** What clocks and the log's own way may differ by. */
const slackMs = 20;

/** Those that are known to tell of it, and what its service wrote for its trace while it worked. */
function HopLogs({ hop, journey }: { hop: Hop; journey: Journey }) {
  const lines = journey.logs.filter(
    ({ id, service, traceId, time }) =>
      hop.lines?.includes(id) ||
      (hop.source === 'seen' &&
        service === hop.service &&
        traceId === hop.traceId &&
        Date.parse(time) >= hop.at - slackMs &&
        Date.parse(time) <= hop.at + hop.tookMs + slackMs),
  );
  return (
    <PanelSection title="Log lines of this step">
      {lines.length === 0 && <p className="muted">None.</p>}
      {lines.map((line) => (
        <div key={line.id} className={classes.log} data-level={line.level}>
          <code>{line.level}</code> {line.message}
          {line.data && <JsonView value={line.data} open={0} label="Fields" />}
        </div>
      ))}
    </PanelSection>
  );
}

function Code({ service, handler }: { service: string; handler: string }) {
  const { file, method } = codeOf(service, handler);
  return (
    <PanelSection title="Open the code">
      <Id id={file} ends={40} /> <span className="muted">method</span> <code>{method}</code>
    </PanelSection>
  );
}
