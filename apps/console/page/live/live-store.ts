import type { Step, StepsSeen } from '@tradepost/messaging/ops';
import type { QueueState, ServiceState, System } from '../../src/api/live';
import { openEvents, type StreamState } from './event-stream';

/** What is known of the system now; replaced as a whole, at most ten times a second. */
export interface Live {
  stream: StreamState;
  /** When the last `system` came, by this machine's clock; 0: none yet. */
  heardAt: number;
  system?: System;
  services: ReadonlyMap<string, ServiceState>;
  queues: ReadonlyMap<string, QueueState>;
  /** Edges on which anything was seen since the page is open: who is down does not tell. */
  used: ReadonlySet<string>;
  /** The newest last; at most `stepsMax`. */
  steps: readonly Step[];
  /** The share of flows that `steps` tells. */
  share: number;
}

const drawEveryMs = 100;
const stepsMax = 500;

const nothing: Live = {
  stream: 'connecting',
  heardAt: 0,
  services: new Map(),
  queues: new Map(),
  used: new Set(),
  steps: [],
  share: 1,
};

let shown = nothing;
let next = nothing;
let timer: number | undefined;
let lastDrawnAt = 0;
let close: (() => void) | undefined;
const readers = new Set<() => void>();
const stepReaders = new Set<(steps: readonly Step[]) => void>();

export function snapshot(): Live {
  return shown;
}

/** The stream is open while anybody reads. */
export function subscribe(reader: () => void): () => void {
  readers.add(reader);
  close ??= open();
  return () => {
    readers.delete(reader);
    if (readers.size > 0) return;
    close?.();
    close = undefined;
  };
}

/** Each step as it comes, past React: for what moves. */
export function onSteps(reader: (steps: readonly Step[]) => void): () => void {
  stepReaders.add(reader);
  return () => stepReaders.delete(reader);
}

function open(): () => void {
  return openEvents('/api/live', {
    silenceMs: 8_000,
    onState: (stream) => change({ stream }),
    on: { system: heardSystem, steps: heardSteps },
  });
}

function heardSystem(system: System): void {
  change({
    used: usedWith(system),
    system,
    heardAt: Date.now(),
    services: new Map(system.services.map((service) => [service.name, service])),
    queues: new Map(system.queues.map((queue) => [queue.name, queue])),
  });
}

/** The same set, unless there are new ones. */
function usedWith({ edges, flow }: System): ReadonlySet<string> {
  const before = next.system?.flow === flow ? next.used : nothing.used;
  const more = Object.keys(edges).filter((id) => (edges[id]?.count ?? 0) > 0 && !before.has(id));
  return more.length > 0 ? new Set([...before, ...more]) : before;
}

function heardSteps({ steps, share }: StepsSeen): void {
  for (const reader of stepReaders) reader(steps);
  change({ steps: [...next.steps, ...steps].slice(-stepsMax), share });
}

function change(changes: Partial<Live>): void {
  next = { ...next, ...changes };
  timer ??= window.setTimeout(draw, Math.max(0, lastDrawnAt + drawEveryMs - Date.now()));
}

function draw(): void {
  timer = undefined;
  lastDrawnAt = Date.now();
  shown = next;
  for (const reader of readers) reader();
}
