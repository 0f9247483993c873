import type { Servers } from './servers';

/** What one run measured, by name: rates a second, times in milliseconds, counts. */
export interface Figures {
  [name: string]: number | Figures | undefined;
}

/** Counts of a work: those that are published, those of `--quick`, and those of its test. */
export type Scale = 'full' | 'quick' | 'smoke';

/** What every work stands on. */
export interface Setting {
  servers: Servers;
  scale: Scale;
  /** For the output of processes and for whatever else a work writes. */
  folder: string;
  log: (line: string) => void;
  /** Nothing more is begun. */
  signal: AbortSignal;
}

/** One of the systems that a work compares. */
export interface Subject {
  readonly name: string;
  /** Everything up and warm. */
  start(): Promise<void>;
  /** One counted run. @throws when what came of it is not right: a wrong system has no rate */
  run(): Promise<Figures>;
  /**
   * After the last run, while all still runs: figures of all runs together.
   * @throws when what they left behind is not right
   */
  finish?(): Promise<Figures>;
  /** Also after a start that failed half way. */
  stop(): Promise<void>;
}

export interface Work {
  /** As `--work` and the results name it. */
  readonly name: string;
  /** A sentence: what is done, how often, by how many at a time. */
  title(scale: Scale): string;
  /** The first is compared with each of the others. */
  subjects(setting: Setting): Subject[];
  /** The table: its columns, by the path of a figure, such as `cpu.postgres`. */
  readonly columns: Record<string, string>;
  /** Paths of the figures that are given as ratios; all columns unless given. */
  readonly ratios?: readonly string[];
  /** Counted runs of each subject, where the usual number would take too long. */
  readonly runs?: Partial<Record<Scale, number>>;
}
