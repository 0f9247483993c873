import { Tooltip } from '@mantine/core';
import { Handle, Position, type NodeProps } from '@xyflow/react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { ServiceState } from '../../../src/api/live';
import { useLive } from '../../live/use-live';
import { count, counted } from '../../parts/format';
import { PatternMark } from '../../parts/pattern-mark';
import { colourOf } from '../../parts/patterns';
import { useUrl } from '../../url/search-params';
import type { NodeData } from './flow-graph';
import classes from './flow.module.css';
import { useLit } from './lit';
import { Consumers, fillOf, Retries, Waiting } from './queue-marks';

type Props = NodeProps & { data: NodeData };

/** By the kinds of the API. */
export const nodeTypes = {
  http: HttpNode,
  service: ServiceNode,
  exchange: ExchangeNode,
  queue: QueueNode,
  handler: HandlerNode,
};

/** What all nodes are: a box with the ends of its lines. */
function Box({ data, selected, children, ...more }: BoxProps) {
  const lit = useLit({
    contract: data.node.contract,
    pattern: data.node.pattern,
    carries: data.carries,
    patterns: data.patterns,
  });
  return (
    <div
      className={`${classes.node} ${classes[data.node.kind]}`}
      data-lit={lit}
      data-declared={data.node.declared}
      data-selected={selected}
      {...more}
    >
      <Handle type="target" position={Position.Left} isConnectable={false} />
      {children}
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </div>
  );
}

interface BoxProps {
  data: NodeData;
  children: ReactNode;
  selected?: boolean;
  'data-state'?: string;
}

function HttpNode({ data }: Props) {
  return (
    <Box data={data}>
      <span className="ellipsis">{data.node.label}</span>
    </Box>
  );
}

function ServiceNode({ data }: Props) {
  const name = data.node.service ?? data.node.label;
  const state = useLive((live) => live.services.get(name));
  const { get, set } = useUrl();
  const problem = state?.problems[0] ?? state?.warnings[0];
  return (
    <Box data={data} data-state={state?.state} selected={get('service') === name}>
      <button
        type="button"
        className={`nodrag nopan ${classes.open}`}
        onClick={() => set({ service: name, queue: undefined })}
        title={problem}
      >
        <b>{data.node.label}</b>
        <small className={state && state.state !== 'ready' ? classes.bad : 'muted'}>
          {stateOf(state)}
          {state?.warnings.length ? <span aria-label="with warnings"> !</span> : null}
        </small>
      </button>
    </Box>
  );
}

function stateOf(state: ServiceState | undefined): string {
  if (!state) return '…';
  if (state.state !== 'ready') return state.state;
  const { length } = state.instances;
  return length === 0 ? 'ready' : counted(length, 'instance');
}

function ExchangeNode({ data }: Props) {
  const { pattern, label } = data.node;
  return (
    <Box data={data}>
      {pattern && <PatternMark pattern={pattern} size={11} />}
      <code className="ellipsis">{label}</code>
    </Box>
  );
}

function QueueNode({ data }: Props) {
  const { label, pattern, declared } = data.node;
  const name = data.node.queue ?? label;
  const queue = useLive((live) => live.queues.get(name));
  const { get, set } = useUrl();
  return (
    <Box data={data} selected={get('queue') === name}>
      <span
        className={classes.fill}
        style={{ width: `${fillOf(queue) * 100}%`, background: colourOf(pattern) }}
      />
      <button
        type="button"
        className={`nodrag nopan ${classes.open}`}
        onClick={() => set({ queue: name, service: undefined })}
        title={declared ? name : `${name}: seen on the broker, no code declares it`}
      >
        <span className={classes.name}>
          {pattern && <PatternMark pattern={pattern} size={11} />}
          <code className="ellipsis">{label}</code>
        </span>
        <small className={classes.marks}>
          {!declared && <span className={classes.bad}>not declared</span>}
          {queue && (
            <>
              <Consumers queue={queue} />
              <Waiting queue={queue} />
              <Retries queue={queue} />
            </>
          )}
        </small>
      </button>
      {queue !== undefined && queue.deadLetters > 0 && (
        <Tooltip label={`${counted(queue.deadLetters, 'dead letter')}: look at them`}>
          <Link
            className={`nodrag nopan ${classes.dead}`}
            href={`/dead-letters?queue=${encodeURIComponent(name)}`}
            aria-label={`${counted(queue.deadLetters, 'dead letter')} of ${name}`}
          >
            {count(queue.deadLetters)}
          </Link>
        </Tooltip>
      )}
    </Box>
  );
}

function HandlerNode({ data }: Props) {
  const { label, queue, service = '' } = data.node;
  // A word that changes seldom, so that it is drawn seldom.
  const state = useLive(({ services }) => {
    const state = services.get(service);
    if (!state || state.state === 'down') return 'down';
    const all = state.instances.flatMap(({ handlers }) => handlers);
    const mine = all.filter((handler) => handler.queue === queue);
    if (mine.length === 0) return undefined;
    const paused = mine.filter((handler) => handler.paused).length;
    return paused === 0 ? 'runs' : paused === mine.length ? 'paused' : 'partly paused';
  });
  return (
    <Box data={data} data-state={state}>
      <code className="ellipsis" title={label}>
        {label.replace(/\.handle$/, '')}
      </code>
      {state?.includes('paused') && <small className={classes.paused}>‖ {state}</small>}
    </Box>
  );
}
