import { Injectable } from '@nestjs/common';
import type { ReplayPreview } from '@tradepost/messaging';
import { invalidRequest, notFound } from '@tradepost/service';
import type { DeadLetterSelection, OperationResult, Replay } from '../api/dead-letters';
import { Instances } from '../live/instances';
import type { Call } from '../upstream/http';
import { Services } from '../upstream/services';
import { selectionFor } from './selection';

const replaysMax = 200;
/** Dead letters are read from their queue, and put back: a long one takes its time. */
const readTimeoutMs = 20_000;
const discardTimeoutMs = 65_000;

/** What is done to dead letters, at the service whose queues they are of. */
@Injectable()
export class ActOnDeadLetters {
  /** Where each replay runs that was begun here: it belongs to one process. */
  private readonly replays = new Map<string, { service: string; url: string }>();

  constructor(
    private readonly services: Services,
    private readonly instances: Instances,
  ) {}

  async check(selection: DeadLetterSelection, body?: object): Promise<ReplayPreview> {
    const checks = await this.checks(selection, body);
    return {
      wouldSend: checks.reduce((sum, { check }) => sum + check.wouldSend, 0),
      invalid: checks.flatMap(({ check }) => check.invalid),
      unchecked: checks.reduce((sum, { check }) => sum + check.unchecked, 0),
    };
  }

  async replay(
    selection: DeadLetterSelection,
    { rate, body }: { rate?: number; body?: object },
    by: string,
  ): Promise<Replay> {
    const service = await this.ownerOf(selection);
    const [url = ''] = await this.urlsOf(service);
    const call = callOf({ ...selectionFor(selection), rate, body }, by);
    const address = `${url}/ops/dead-letters/replays`;
    const replay = await this.services.askAt<Replay>(service, address, call);
    this.keep(replay.id, { service, url });
    return { ...replay, service };
  }

  /** All that are known anywhere, newest first. */
  async list(): Promise<Replay[]> {
    const all = await Promise.all(
      this.services.names.map(async (service) => {
        const urls = await this.urlsOf(service).catch(() => []);
        const lists = urls.map(async (url) => {
          const address = `${url}/ops/dead-letters/replays`;
          const { items } = await this.services.askAt<{ items: Replay[] }>(service, address);
          for (const { id } of items) this.keep(id, { service, url });
          return items.map((replay) => ({ ...replay, service }));
        });
        return (await Promise.all(lists.map((one) => one.catch(() => [])))).flat();
      }),
    );
    return all.flat().sort((a, b) => b.startedAt - a.startedAt);
  }

  async find(id: string): Promise<Replay> {
    return this.atReplay(id, '', { timeoutMs: readTimeoutMs });
  }

  async turn(id: string, to: 'pause' | 'resume' | 'stop', by: string): Promise<Replay> {
    return this.atReplay(id, `/${to}`, callOf({}, by));
  }

  async discard(selection: DeadLetterSelection, by: string): Promise<OperationResult> {
    const service = await this.ownerOf(selection);
    const call = { ...callOf(selectionFor(selection), by), timeoutMs: discardTimeoutMs };
    const path = '/ops/dead-letters/discard';
    return { ...(await this.services.ask<OperationResult>(service, path, call)), service };
  }

  async undo(service: string, operation: number, by: string): Promise<OperationResult> {
    const call = { ...callOf({ operation }, by), timeoutMs: discardTimeoutMs };
    const path = '/ops/dead-letters/undo';
    return { ...(await this.services.ask<OperationResult>(service, path, call)), service };
  }

  private async atReplay(id: string, end: string, call: Call): Promise<Replay> {
    if (!this.replays.has(id)) await this.list();
    const place = this.replays.get(id);
    if (!place) throw notFound('replay', `no service knows the replay ${id}`);
    const { service, url } = place;
    const address = `${url}/ops/dead-letters/replays/${encodeURIComponent(id)}${end}`;
    return { ...(await this.services.askAt<Replay>(service, address, call)), service };
  }

  /** @throws Problem 400 when they are of several services, 404 when they are of none */
  private async ownerOf(selection: DeadLetterSelection): Promise<string> {
    const checks = await this.checks(selection);
    const owners = checks.filter(({ check }) => check.wouldSend + check.invalid.length > 0);
    const [owner, ...more] = owners.map(({ service }) => service);
    if (owner === undefined) throw notFound('dead-letter', 'no dead letter is selected by this');
    if (more.length === 0) return owner;
    const detail = `selects dead letters of ${[owner, ...more].join(' and ')}: name a queue`;
    throw invalidRequest([{ pointer: '/selection', detail }]);
  }

  private async checks(selection: DeadLetterSelection, body?: object) {
    const call: Call = {
      method: 'POST',
      body: { ...selectionFor(selection), body },
      timeoutMs: readTimeoutMs,
    };
    const names = this.namesFor(selection);
    const all = names.map(async (service) => {
      const path = '/ops/dead-letters/check';
      return { service, check: await this.services.ask<ReplayPreview>(service, path, call) };
    });
    const settled = await Promise.allSettled(all);
    const done = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const refused = settled.find((one) => one.status === 'rejected');
    // A body goes with one dead letter, which all services but one do not have.
    if (refused && (body === undefined || done.length === 0)) throw refused.reason;
    return done;
  }

  /** A queue is named after its owner, most of the time; else each is asked. */
  private namesFor({ queue }: DeadLetterSelection): readonly string[] {
    const owner = this.services.names.find((name) => queue?.startsWith(`${name}.`));
    return owner === undefined ? this.services.names : [owner];
  }

  private async urlsOf(service: string): Promise<string[]> {
    if (this.instances.of(service).length === 0) await this.instances.poll();
    const up = this.instances.of(service).map(({ url }) => url);
    return up.length > 0 ? up : this.services.urlsOf(service);
  }

  private keep(id: string, place: { service: string; url: string }): void {
    this.replays.set(id, place);
    const [oldest] = this.replays.keys();
    if (this.replays.size > replaysMax && oldest !== undefined) this.replays.delete(oldest);
  }
}

function callOf(body: object, by: string): Call {
  return { method: 'POST', body, headers: { 'x-operator': by }, timeoutMs: readTimeoutMs };
}
