/** Something that faults hit. */
export interface Target {
  name: string;
  /** 0: a server that is not ours, and that there is one of. */
  processes: number;
  /** What is at the far ends of its wires. */
  links: readonly string[];
}

const both = ['broker', 'database'];

/** Everything there is. @param scale processes of each service */
export function targetsOf(scale: Readonly<Record<string, number>>): Target[] {
  const services = Object.entries(scale).map(([name, processes]): Target => {
    return { name, processes, links: name === 'payments' ? [...both, 'gateway'] : both };
  });
  return [
    ...services,
    { name: 'witness', processes: 1, links: both },
    { name: 'gateway', processes: 1, links: ['database'] },
    { name: 'broker', processes: 0, links: [] },
    { name: 'database', processes: 0, links: [] },
  ];
}
