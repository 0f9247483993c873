import { Controller, Get, HttpCode, Body, Logger, Post, Query, UseGuards } from '@nestjs/common';
import {
  type DeclaredMessaging,
  type HandlerState,
  type HeldKey,
  MessagingHealth,
  NoAnswer,
  type SentCount,
  ServiceHandlers,
} from '@tradepost/messaging';
import { DatabaseUnavailable } from '@tradepost/database';
import { IsOptional, Length } from 'class-validator';
import { Drain } from '../health/drain';
import { notFound, Problem } from '../http/problem';
import { Operator } from './operator';
import { Scope } from '../auth/route-access';
import { OpsGuard } from './ops-guard';
import { type ProcessFigures, ProcessWatch } from './process-watch';

class HandlerBody {
  static readonly sample: HandlerBody = { queue: 'users.get-user' };

  @Length(1, 255)
  queue!: string;
}

class HeldQuery {
  @Length(1, 255)
  @IsOptional()
  queue?: string;
}

/** A replica, as it is now. */
export interface ServiceState extends ProcessFigures {
  name: string;
  /** `<host>:<pid>` */
  instance: string;
  stopping: boolean;
  /** How long the oldest unsent message has waited; null: the database does not say. */
  outboxLagSeconds: number | null;
  sent: SentCount[];
  handlers: HandlerState[];
}

/** This replica and its handlers, for operators. */
@Controller('ops')
@Scope('ops')
@UseGuards(OpsGuard)
export class ServiceController {
  private readonly log = new Logger('Operations');

  constructor(
    private readonly handlers: ServiceHandlers,
    private readonly health: MessagingHealth,
    private readonly process: ProcessWatch,
    private readonly drain: Drain,
  ) {}

  /** Show this replica and its handlers. */
  @Get('service')
  async state(): Promise<ServiceState> {
    const { instance } = this.handlers;
    return {
      name: this.handlers.declared().service,
      instance,
      stopping: this.drain.hasBegun,
      ...this.process.figures(),
      outboxLagSeconds: await this.health.outboxLag(),
      sent: this.handlers.sent(),
      handlers: this.handlers.list(),
    };
  }

  /** Show what this service declares. Its handlers, queues and exchanges, as the code has them. */
  @Get('topology')
  topology(): DeclaredMessaging {
    return this.handlers.declared();
  }

  /**
   * List keys that are held. Of handlers in order, those whose messages wait in the database: 100
   * at most, stopped ones first, then those that have waited longest.
   */
  @Get('held')
  async held(@Query() { queue }: HeldQuery): Promise<{ items: HeldKey[] }> {
    try {
      return { items: await this.handlers.held(queue) };
    } catch (error) {
      throw error instanceof NoAnswer ? new DatabaseUnavailable(error) : error;
    }
  }

  /** Pause a handler. Of this replica, until it is resumed or this process ends. */
  @Post('handlers/pause')
  @HttpCode(200)
  async pause(@Body() { queue }: HandlerBody, @Operator() by: string): Promise<HandlerState> {
    return this.turn('pause', queue, by);
  }

  /** Resume a handler. */
  @Post('handlers/resume')
  @HttpCode(200)
  async resume(@Body() { queue }: HandlerBody, @Operator() by: string): Promise<HandlerState> {
    return this.turn('resume', queue, by);
  }

  private async turn(to: 'pause' | 'resume', queue: string, by: string): Promise<HandlerState> {
    const facts = { operation: `${to} handler`, queue, by };
    try {
      const state = await this.handlers[to](queue);
      if (state === undefined) {
        throw notFound('handler', `no handler here takes from ${queue}`);
      }
      this.log.log(to === 'pause' ? 'handler paused' : 'handler resumed', facts);
      return state;
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      this.log.warn('handler not confirmed', { ...facts, error: error.message });
      throw new Problem({
        status: 503,
        type: 'broker-does-not-confirm',
        title: 'The broker does not confirm it at the moment',
        detail: `${error.message}; the handler does so as soon as the broker answers`,
        headers: { 'retry-after': '5' },
      });
    }
  }
}
