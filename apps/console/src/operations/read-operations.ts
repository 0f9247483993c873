import { Injectable } from '@nestjs/common';
import type { OperationSummary } from '@tradepost/messaging';
import type { LogEntry } from '../api/logs';
import type { OperationRecord } from '../api/operations';
import { Services } from '../upstream/services';

/** What lines of the log tell; replays, discards and undos are in the audit trail. */
const logged = ['pause handler', 'resume handler', 'acknowledge alert', 'apply topology', 'drill'];
const linesMax = 100;
const recordsMax = 500;

/** Who did what, when: the audit trail of dead letters and the lines of the log that name one. */
@Injectable()
export class ReadOperations {
  constructor(private readonly services: Services) {}

  /** Newest first. */
  async run(): Promise<OperationRecord[]> {
    const trail = this.services.askAll<{ items: OperationSummary[] }>(
      '/ops/dead-letters/operations',
    );
    const lines = Promise.all(logged.map(async (operation) => this.lines(operation)));
    const [{ answers }, entries] = await Promise.all([trail, lines]);
    const records = [...recordsOf(answers), ...entries.flat().map(recordOf)];
    return records.sort((a, b) => b.at.localeCompare(a.at)).slice(0, recordsMax);
  }

  private async lines(operation: string): Promise<LogEntry[]> {
    const params = new URLSearchParams({ 'field.operation': operation, limit: `${linesMax}` });
    try {
      const path = `/v1/logs?${params.toString()}`;
      return (await this.services.ask<{ items: LogEntry[] }>('log-sink', path)).items;
    } catch {
      return [];
    }
  }
}

/** One operation may be known to several services: it counts once, at the first that took part. */
export function recordsOf(
  answers: readonly { name: string; answer: { items: OperationSummary[] } }[],
): OperationRecord[] {
  const all = answers.flatMap(({ name, answer }) =>
    answer.items.map((summary) => ({ service: name, summary })),
  );
  const undone = new Set(all.flatMap(({ summary }) => summary.of ?? []));
  const once = new Map<number, (typeof all)[number]>();
  for (const one of all) {
    const before = once.get(one.summary.operation);
    if (before === undefined || one.summary.taken > before.summary.taken) {
      once.set(one.summary.operation, one);
    }
  }
  return [...once.values()].map(({ service, summary }) => {
    const { operation, action, at, by, done } = summary;
    const canUndo = action !== 'undo' && (done ?? 0) > 0 && !undone.has(operation);
    return {
      at,
      by,
      service,
      action,
      text: textOf(summary),
      outcome: outcomeOf(summary),
      ...(canUndo && { undo: { service, operation } }),
    };
  });
}

/** "412 messages of payments.charge-payment, code gateway_timeout" */
function textOf({ action, of, taken, done, selection = {} }: OperationSummary): string {
  if (action === 'undo') return `operation ${of}`;
  const { ids, queue, code, type, q, field = {}, from, to } = selection;
  const count = done ?? taken;
  const facts = [
    ...(ids && ids.length > 3 ? [`${ids.length} ids`] : (ids ?? [])),
    ...(code ? [`code ${code}`] : []),
    ...(type ? [`contract ${type}`] : []),
    ...Object.entries(field).map(([name, value]) => `${name} ${value}`),
    ...(q ? [`with "${q}"`] : []),
    ...(from ? [`from ${from}`] : []),
    ...(to ? [`before ${to}`] : []),
  ];
  const what = `${count} message${count === 1 ? '' : 's'}${queue ? ` of ${queue}` : ''}`;
  return [what, ...facts].join(', ');
}

function outcomeOf({ done, stayed = 0 }: OperationSummary): string {
  if (done === undefined) return 'cut short';
  return stayed === 0 ? 'done' : `${done} done, ${stayed} stayed`;
}

function recordOf({ time, service, message, level, data }: LogEntry): OperationRecord {
  const text = (name: string) => {
    const value = data?.[name];
    return typeof value === 'string' ? value : undefined;
  };
  const isGood = level === 'info' || level === 'debug';
  return {
    at: time,
    by: text('by') ?? '',
    service,
    action: text('operation') ?? '',
    text: text('text') ?? text('queue') ?? message,
    outcome: text('outcome') ?? (isGood ? 'done' : (text('error') ?? message)),
  };
}
