import { fetch } from 'undici';

/** A line of a scrape. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** What a service said at `GET /metrics`, in Prometheus' text format. */
export class Scrape {
  readonly samples: readonly Sample[];
  /** Of each metric, by its name. */
  readonly families: ReadonlyMap<string, { help: string; type: string }>;

  constructor(readonly text: string) {
    const families = new Map<string, { help: string; type: string }>();
    for (const [, name = '', help = ''] of text.matchAll(/^# HELP (\S+) (.*)$/gm)) {
      const [, type = ''] = new RegExp(`^# TYPE ${name} (\\w+)$`, 'm').exec(text) ?? [];
      families.set(name, { help, type });
    }
    this.families = families;
    this.samples = text.split('\n').flatMap((line) => sampleOf(line) ?? []);
  }

  static async of(url: string, path = '/metrics'): Promise<Scrape> {
    const response = await fetch(url + path, { signal: AbortSignal.timeout(10_000) });
    if (!response.ok) throw new Error(`${url}${path} answered ${response.status}`);
    return new Scrape(await response.text());
  }

  /** The sum of the samples with at least these labels; undefined: there is none. */
  value(name: string, labels: Record<string, string> = {}): number | undefined {
    const found = this.all(name, labels);
    return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
  }

  all(name: string, labels: Record<string, string> = {}): Sample[] {
    return this.samples.filter(
      (one) =>
        one.name === name &&
        Object.entries(labels).every(([label, value]) => (one.labels[label] ?? '') === value),
    );
  }
}

function sampleOf(line: string): Sample | undefined {
  const [, name, labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined) return undefined;
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
  return {
    name,
    labels: Object.fromEntries(pairs.map(([, label = '', text = '']) => [label, text])),
    value: Number(value),
  };
}
