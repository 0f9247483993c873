import { Injectable } from '@nestjs/common';
import type { PauseOutcome } from '../api/queues';
import { Services } from '../upstream/services';
import { type Instance, Instances } from './instances';

/** Pauses and resumes a handler in each process of its service, and says what each answered. */
@Injectable()
export class TurnHandlers {
  constructor(
    private readonly instances: Instances,
    private readonly services: Services,
  ) {}

  async run(
    to: 'pause' | 'resume',
    { service, queue }: { service: string; queue: string },
    by: string,
  ): Promise<PauseOutcome> {
    // An unknown name is a 404; and nobody may have looked yet.
    this.services.urlsOf(service);
    await this.instances.poll();
    const all = this.instances.all.filter((one) => one.service === service);
    const up = this.instances.of(service);
    const silent = up.length === 0 ? all : [];
    const outcomes = await Promise.all(
      [...up, ...silent].map(async (one) => this.turn(one, to, queue, by)),
    );
    return { instances: outcomes };
  }

  private async turn(
    { service, url, report }: Instance,
    to: 'pause' | 'resume',
    queue: string,
    by: string,
  ): Promise<PauseOutcome['instances'][number]> {
    const id = report.value?.instance ?? url;
    try {
      await this.services.askAt(service, `${url}/ops/handlers/${to}`, {
        method: 'POST',
        body: { queue },
        headers: { 'x-operator': by },
      });
      report.hurry();
      return { id, ok: true };
    } catch (error) {
      return { id, ok: false, problem: error instanceof Error ? error.message : String(error) };
    }
  }
}
