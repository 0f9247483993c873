import { setTimeout as delay } from 'node:timers/promises';
import type { Broker, Database, Member, ServiceProcess, TcpTap } from '@tradepost/test-kit';

/** What ends a process or a server, or stops it for a while. */
export const processFaults = ['kill', 'stop', 'freeze'] as const;

/**
 * What happens to the wires between a process and a server. cut: closed, and new ones refused.
 * silent: open, and nothing passes for a while. dead: nothing passes ever again on the wires of
 * now, new ones work.
 */
export const linkFaults = ['cut', 'silent', 'dead'] as const;

/**
 * What else happens to one node of a cluster. cut-off: it and the others hear nothing of each
 * other, clients reach all. memory-alarm: it holds up whoever publishes. lost: killed, and an
 * empty one takes its place.
 */
export const nodeFaults = ['cut-off', 'memory-alarm', 'lost'] as const;

export type ProcessFault = (typeof processFaults)[number];
export type LinkFault = (typeof linkFaults)[number];
export type NodeFault = ProcessFault | (typeof nodeFaults)[number];

interface Act<T> {
  inject(target: T): unknown;
  heal(target: T): unknown;
}

export interface Fault {
  /** Resolves to false when it could not be brought about. */
  inject(): Promise<unknown>;
  heal(): Promise<unknown>;
}

const stopMs = 10_000;

const ofProcess: Record<ProcessFault, Act<ServiceProcess>> = {
  kill: { inject: (one) => one.kill(), heal: (one) => one.start() },
  stop: { inject: (one) => one.stop({ withinMs: stopMs }), heal: (one) => one.start() },
  freeze: { inject: (one) => one.freeze(), heal: (one) => one.thaw() },
};

const ofServer: Record<ProcessFault, Act<Broker | Database>> = {
  kill: { inject: (one) => one.kill(), heal: (one) => one.resume() },
  stop: { inject: (one) => one.halt(), heal: (one) => one.resume() },
  freeze: { inject: (one) => one.freeze(), heal: (one) => one.thaw() },
};

const ofLink: Record<LinkFault, Act<TcpTap>> = {
  cut: { inject: (tap) => tap.sever(), heal: (tap) => tap.mend() },
  silent: { inject: (tap) => tap.freeze(), heal: (tap) => tap.thaw() },
  dead: { inject: (tap) => tap.silence(), heal: () => undefined },
};

export function processFault(kind: ProcessFault, processes: readonly ServiceProcess[]): Fault {
  return faultOf(ofProcess[kind], processes);
}

export function serverFault(kind: ProcessFault, server: Broker | Database): Fault {
  return faultOf(ofServer[kind], [server]);
}

export function nodeFault(kind: NodeFault, node: Member): Fault {
  switch (kind) {
    case 'cut-off':
      return faultOf({ inject: (one) => one.cutOff(), heal: (one) => one.rejoin() }, [node]);
    case 'lost':
      return faultOf({ inject: (one) => one.kill(), heal: (one) => one.startEmpty() }, [node]);
    case 'memory-alarm':
      return memoryAlarm(node);
    default:
      return serverFault(kind, node);
  }
}

export function memoryAlarm(broker: Broker): Fault {
  const limit = (share: string) => broker.control('set_vm_memory_high_watermark', share);
  return {
    async inject() {
      await limit('0.00001');
      await delay(1_000);
      return (await broker.control('eval', 'rabbit_alarm:get_alarms().')).includes('memory');
    },
    heal: () => limit('0.4'),
  };
}

/** @throws without a link */
export function linkFault(kind: LinkFault, taps: readonly TcpTap[]): Fault {
  if (taps.length === 0) throw new Error('there is no such link');
  return faultOf(ofLink[kind], taps);
}

function faultOf<T>({ inject, heal }: Act<T>, targets: readonly T[]): Fault {
  return {
    inject: async () => Promise.all(targets.map(inject)),
    heal: async () => Promise.all(targets.map(heal)),
  };
}
