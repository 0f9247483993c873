/** What ends a process, or stops it for a while. */
export const processKinds = ['kill', 'stop', 'freeze'] as const;

/**
 * What happens to the wires between a service and a server. cut: closed, and new ones refused.
 * silent: open, and nothing passes for a while. dead: nothing passes ever again on the wires of
 * now, new ones work.
 */
export const linkKinds = ['cut', 'silent', 'dead'] as const;

export type ProcessKind = (typeof processKinds)[number];
export type LinkKind = (typeof linkKinds)[number];

export interface Way {
  kind: ProcessKind | LinkKind;
  /** Of a link: what is at its other end. */
  link?: string;
}

/** Something that faults hit. */
export interface Target {
  name: string;
  /** 0: a server that is not ours, and that there is one of. */
  processes: number;
  /** What is at the far ends of its wires. */
  links: readonly string[];
  /** How it is hit the first time in every run; missing: as it falls. */
  first?: Way;
}

const both = ['broker', 'database'];

/**
 * What a run is to show whatever its seed is. Without the inbox a witness that dies with messages
 * in its hands counts them twice; without the relay's confirm what payments says into dead wires
 * is lost.
 */
const firsts: Readonly<Record<string, Way>> = {
  witness: { kind: 'kill' },
  payments: { kind: 'dead', link: 'broker' },
};

/** Everything there is. @param scale processes of each service */
export function targetsOf(scale: Readonly<Record<string, number>>): Target[] {
  const services = Object.entries(scale).map(([name, processes]): Target => {
    const links = name === 'payments' ? [...both, 'gateway'] : both;
    return { name, processes, links, first: firsts[name] };
  });
  return [
    ...services,
    { name: 'witness', processes: 1, links: both, first: firsts.witness },
    { name: 'gateway', processes: 1, links: ['database'] },
    { name: 'broker', processes: 0, links: [] },
    { name: 'database', processes: 0, links: [] },
  ];
}
