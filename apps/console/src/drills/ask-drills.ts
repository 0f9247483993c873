import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { notFound } from '@tradepost/service';
import type { DrillsState } from '../api/drills';
import { ConsoleConfig } from '../console.config';
import { Instances } from '../live/instances';
import { Poller, type Watch } from '../live/poller';
import { Probe } from '../live/probe';
import { Note } from '../operations/note';
import { ask } from '../upstream/http';

const everyMs = 1_000;
const timeoutMs = 3_000;

type Worker = DrillsState['workers'][number] & { added?: boolean };

/** What `npm start` can break, where it runs the system. */
@Injectable()
export class AskDrills implements OnApplicationBootstrap, Watch {
  private readonly state: Probe<DrillsState>;
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly config: ConsoleConfig,
    private readonly instances: Instances,
    private readonly poller: Poller,
    private readonly note: Note,
  ) {
    this.state = new Probe(everyMs, async () => this.noticed(await this.ask('/state')));
  }

  onApplicationBootstrap(): void {
    if (this.config.DRILLS_URL !== undefined) this.poller.watchWith(this);
  }

  start(): void {
    const poll = () => void this.state.poll().catch(() => undefined);
    this.timer = setInterval(poll, everyMs);
    poll();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  async read(): Promise<DrillsState> {
    if (this.config.DRILLS_URL === undefined) return { available: false, drills: [], workers: [] };
    return this.noticed(await this.ask('/state'));
  }

  async begin(
    name: string,
    asked: { service?: string; seconds?: number },
    by: string,
  ): Promise<DrillsState> {
    const state = this.noticed(await this.ask(`/drills/${encodeURIComponent(name)}`, asked));
    const text = name === 'audit' ? 'audit' : (state.running ?? state.last)?.text;
    this.note.say({ operation: 'drill', by, outcome: 'begun', text: text ?? name });
    return state;
  }

  private async ask(path: string, body?: object): Promise<DrillsState> {
    const { DRILLS_URL, DRILLS_TOKEN } = this.config;
    if (DRILLS_URL === undefined) throw notFound('drills', '`npm start` does not run this system');
    return ask<DrillsState>('npm start', `${DRILLS_URL}${path}`, {
      headers: { authorization: `Bearer ${DRILLS_TOKEN}` },
      timeoutMs,
      ...(body && { method: 'POST', body }),
    });
  }

  /** Workers that were added are asked like all others. */
  private noticed(state: DrillsState): DrillsState {
    const added = state.workers.filter((worker: Worker) => worker.added);
    this.instances.setAdded(added.map(({ service, url }) => ({ service, url })));
    return state;
  }
}
