import { Injectable } from '@nestjs/common';
import type { Metric, Registry } from 'prom-client';
import { type Family, linesOf, type Point, type Reading } from './family';
import { Source } from './source';

const sourceUp: Family = {
  name: 'metrics_source_up',
  type: 'gauge',
  help: 'Whether what is asked at a scrape has answered; its metrics are missing otherwise',
};

/** Finer, its timer would wake an idle process for nothing. */
const eventLoopResolutionMs = 20;

/**
 * The metrics of a service. What is counted are plain numbers of who does the work: they are read
 * when somebody asks, and only then is the library loaded that writes them.
 */
@Injectable()
export class Metrics {
  private readonly families = [sourceUp];
  private readonly readers: (() => Reading)[] = [];
  private readonly sources: Source[] = [];
  private points = new Map<Family, Point[]>();
  private registry?: Promise<Registry>;

  /** Numbers of this process. */
  own(families: Family[], read: () => Reading): void {
    this.families.push(...families);
    this.readers.push(read);
  }

  /** Numbers that something else knows, such as the database. */
  asked(source: string, families: Family[], ask: () => Promise<Reading>): void {
    this.families.push(...families);
    this.sources.push(new Source(source, ask));
  }

  /** Prometheus' text format. Answers within some 2 s, whatever does not answer itself. */
  async text(): Promise<{ contentType: string; text: string }> {
    this.registry ??= this.begin();
    const registry = await this.registry;
    const answers = await Promise.all(this.sources.map(async (one) => one.read()));
    const ups = this.sources.map(({ name, isUp }) => {
      return { labels: { source: name }, value: isUp ? 1 : 0 };
    });
    const own = this.readers.map((read) => read());
    this.points = new Map([...answers.flat(), ...own.flat(), [sourceUp, ups]]);
    return { contentType: registry.contentType, text: await registry.metrics() };
  }

  private async begin(): Promise<Registry> {
    const { collectDefaultMetrics, Registry } = await import('prom-client');
    const registry = new Registry();
    const eventLoopMonitoringPrecision = eventLoopResolutionMs;
    collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision });
    for (const family of this.families) {
      // All that its `metrics` asks of a metric.
      const metric = { name: family.name, get: async () => this.written(family) };
      registry.registerMetric(metric as unknown as Metric);
    }
    return registry;
  }

  private written(family: Family): object {
    const points = this.points.get(family) ?? [];
    return { ...family, values: points.flatMap((point) => linesOf(family, point)) };
  }
}
