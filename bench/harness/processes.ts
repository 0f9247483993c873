import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts the time of a process in hundredths of a second. */
const tickMs = 10;
const pageBytes = 4_096;

export interface Process {
  pid: number;
  parent: number;
  command: string;
  /** Of its own. */
  cpuMs: number;
  /** Of its children that have ended. */
  endedCpuMs: number;
  rssMiB: number;
}

/** Every process of this machine; undefined where no /proc tells. */
export function processes(): Process[] | undefined {
  if (process.platform !== 'linux') return undefined;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => readProcess(Number(pid)) ?? []);
}

// Its fields follow the name, which may hold spaces, in parentheses: man 5 proc.
function readProcess(pid: number): Process | undefined {
  try {
    const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(/\) (?!.*\) )/);
    const numbers = fields.split(' ').map(Number);
    const at = (field: number) => numbers[field - 3] ?? 0;
    return {
      pid,
      parent: at(4),
      command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '),
      cpuMs: (at(14) + at(15)) * tickMs,
      endedCpuMs: (at(16) + at(17)) * tickMs,
      rssMiB: (at(24) * pageBytes) / 1_048_576,
    };
  } catch {
    // Gone meanwhile.
    return undefined;
  }
}

/** Its resident memory, with its share of what it shares with others. */
export function proportionalMiB(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1_024;
  } catch {
    return 0;
  }
}

/** Milliseconds that the processors of this machine have worked, whoever for. */
export function machineBusyMs(): number {
  const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = first
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softIrq) * tickMs;
}

export const serverGroups = ['postgres', 'broker'] as const;
export type ServerGroup = (typeof serverGroups)[number];

/** PostgreSQL's and the broker's processes: those below `root`, or else the one of Docker. */
export function serverProcesses(all: Process[], root: number): Record<ServerGroup, Process[]> {
  const ours = descendantsOf(root, all);
  const looks: Record<ServerGroup, RegExp> = {
    postgres: /^postgres:|\/postgres /,
    broker: /beam|rabbitmq|epmd|erl_child_setup|inet_gethost/,
  };
  const found = (look: RegExp) => {
    const own = ours.filter(({ command }) => look.test(command));
    return own.length > 0 ? own : containerOf(look, all);
  };
  return { postgres: found(looks.postgres), broker: found(looks.broker) };
}

/** Processes of one container are all below one that is ours in nothing but its looks. */
function containerOf(look: RegExp, all: Process[]): Process[] {
  const alike = all.filter(({ command }) => look.test(command));
  const roots = alike.filter(({ parent }) => !alike.some(({ pid }) => pid === parent));
  return roots.length === 1 ? alike : [];
}

function descendantsOf(root: number, all: Process[]): Process[] {
  const children = all.filter(({ parent }) => parent === root);
  return children.flatMap((child) => [child, ...descendantsOf(child.pid, all)]);
}
