import { Injectable } from '@nestjs/common';
import { fanout, work } from '@tradepost/messaging/contract';
import { Db, type Tx } from '@tradepost/database';
import {
  once,
  onceEach,
  OnFanout,
  OnWork,
  type Message,
  type Received,
} from '@tradepost/messaging';
import type { DrillFlow, DrillSubject } from './drill-subject';
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

const insertEffect = {
  name: 'drill-insert-effect',
  text: 'INSERT INTO drill_effects (job) VALUES ($1)',
};

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

  @OnWork(DoJobs, { batch: { size: 20, withinMs: 50 } })
  async batch(batch: Received<DoJobs>[]): Promise<void> {
    await this.db.transaction(async (tx) => {
      for (const { body } of await onceEach(tx, batch)) await effect(tx, body);
    });
  }

  private async take(body: Job, message: Message): Promise<void> {
    await this.db.transaction(async (tx) => {
      if (await once(tx, message)) await effect(tx, body);
    });
  }
}

async function effect(tx: Tx, { job, poison }: Job): Promise<void> {
  if (poison) throw new Error('poison');
  await tx.query(insertEffect, [job]);
}

function flow(
  contract: DrillFlow['contract'],
  body = (job: number): object => ({ job }),
): DrillFlow {
  return {
    contract,
    body,
    effects: 'SELECT job FROM drill_effects',
  };
}

export const subject: DrillSubject = {
  service: 'drill',
  providers: [Worker],
  main: flow(DoJob),
  batch: flow(DoJobs),
  fanout: flow(JobDone),
  poison: flow(FailAtJob, (job) => ({ job, poison: true })),
};
