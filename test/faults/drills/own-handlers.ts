import { Injectable } from '@nestjs/common';
import { fanout, work } from '@tradepost/messaging/contract';
import { Db } from '@tradepost/database';
import { once, onceEach, OnFanout, OnWork } from '@tradepost/messaging';
import type { Message, Received } from '@tradepost/messaging';
import type { DrillFlow, DrillSubject } from './drill-subject';
import { doJob } from './effect-log';
import { IsBoolean, IsInt, IsOptional } from 'class-validator';

/** Handlers as the shop's: the effect in one transaction with `once`. */

class Job {
  @IsInt()
  job!: number;

  @IsOptional()
  @IsBoolean()
  poison?: boolean;
}

class DoJob extends Job {
  static readonly route = work('drill.do-job');
}

class FailAtJob extends Job {
  static readonly route = work('drill.fail-at-job');
}

class DoJobs extends Job {
  static readonly route = work('drill.do-jobs');
}

class JobDone extends Job {
  static readonly route = fanout('job-done');
}

@Injectable()
class Worker {
  constructor(private readonly db: Db) {}

  @OnWork(DoJob)
  async work(body: DoJob, message: Message): Promise<void> {
    await this.take(body, message);
  }

  @OnWork(FailAtJob, { retry: ['1s'] })
  async fail(body: FailAtJob, message: Message): Promise<void> {
    await this.take(body, message);
  }

  @OnFanout(JobDone)
  async hear(body: JobDone, message: Message): Promise<void> {
    await this.take(body, message);
  }

  @OnWork(DoJobs, { batch: { size: 20 } })
  async batch(batch: Received<DoJobs>[]): Promise<void> {
    await this.db.transaction(async (tx) => {
      for (const { body } of await onceEach(tx, batch)) await doJob(tx, body);
    });
  }

  private async take(body: Job, message: Message): Promise<void> {
    await this.db.transaction(async (tx) => {
      if (await once(tx, message)) await doJob(tx, body);
    });
  }
}

function flow(
  contract: DrillFlow['contract'],
  body = (job: number): object => ({ job }),
): DrillFlow {
  return { contract, body, effects: 'SELECT job FROM drill_effects' };
}

export const subject: DrillSubject = {
  service: 'drill',
  providers: [Worker],
  main: flow(DoJob),
  batch: flow(DoJobs),
  fanout: flow(JobDone),
  poison: flow(FailAtJob, (job) => ({ job, poison: true })),
};
