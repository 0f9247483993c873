import { Injectable } from '@nestjs/common';
import { fanout, work } from '@tradepost/messaging/contract';
import { Db } from '@tradepost/database';
import { once, onceEach, OnFanout, OnWork } from '@tradepost/messaging';
import type { Message, Received } from '@tradepost/messaging';
import type { DrillFlow, DrillSubject } from './drill-subject';
import { doJob } from './effect-log';
import { IsBoolean, IsInt, IsOptional, IsString } from 'class-validator';

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

class JobInOrder extends Job {
  static readonly route = fanout('job-in-order', { key: 'lane' });

  @IsString()
  lane!: string;
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

  @OnFanout(JobInOrder, { orderedBy: 'lane', retry: ['1s', '1s', '1s'] })
  async inOrder(body: JobInOrder, message: Message): Promise<void> {
    if (body.job % failing === 0 && message.attempt === 1) throw new Error('not yet');
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

/** Each of so many jobs in order fails once: those of its lane wait. */
const failing = 50;
const laneOf = (job: number) => `lane ${job % 12}`;

function flow(
  contract: DrillFlow['contract'],
  body = (job: number): object => ({ job }),
): DrillFlow {
  return { contract, body, effects: 'SELECT job FROM drill_effects ORDER BY place' };
}

export const subject: DrillSubject = {
  service: 'drill',
  providers: [Worker],
  main: flow(DoJob),
  batch: flow(DoJobs),
  fanout: flow(JobDone),
  poison: flow(FailAtJob, (job) => ({ job, poison: true })),
  inOrder: {
    ...flow(JobInOrder, (job) => ({ job, lane: laneOf(job) })),
    keyOf: laneOf,
  },
};
