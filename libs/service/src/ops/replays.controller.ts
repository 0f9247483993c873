import { Body, Controller, Get, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { Replays, type ReplayState, ServiceDeadLetters } from '@tradepost/messaging';
import { asProblems, edited, selectionIn } from './dead-letters-problems';
import { ReplayBody } from './dead-letters-request';
import { Operator } from './operator';
import { Scope } from '../auth/route-access';
import { OpsGuard } from './ops-guard';

/** Replays that go on after the request, as fast or slow as they may; of this replica. */
@Controller('ops/dead-letters/replays')
@Scope('ops')
@UseGuards(OpsGuard)
export class ReplaysController {
  constructor(
    private readonly replays: Replays,
    private readonly deadLetters: ServiceDeadLetters,
  ) {}

  /** Begin a replay. 202: it runs. An edited body is checked first. */
  @Post()
  @HttpCode(202)
  async begin(
    @Body() { rate, body, ...given }: ReplayBody,
    @Operator() by: string,
  ): Promise<ReplayState> {
    const selection = selectionIn(given);
    return asProblems(async () => {
      const content = body
        ? await this.deadLetters.use(by, async (all) => edited(all, selection, body))
        : undefined;
      return this.replays.begin(selection, { rate: rate ?? undefined, content, by });
    });
  }

  /** List replays. Newest first, with what became of their messages. */
  @Get()
  async list(): Promise<{ items: ReplayState[] }> {
    return asProblems(async () => ({ items: await this.replays.list() }));
  }

  /** Show a replay. */
  @Get(':id')
  async find(@Param('id') id: string): Promise<ReplayState> {
    return asProblems(async () => this.replays.find(id));
  }

  /** Pause a replay. */
  @Post(':id/pause')
  @HttpCode(200)
  async pause(@Param('id') id: string): Promise<ReplayState> {
    return asProblems(async () => this.replays.turn(id, 'pause'));
  }

  /** Resume a replay. */
  @Post(':id/resume')
  @HttpCode(200)
  async resume(@Param('id') id: string): Promise<ReplayState> {
    return asProblems(async () => this.replays.turn(id, 'resume'));
  }

  /** Stop a replay. What is sent stays sent; undo takes its number. */
  @Post(':id/stop')
  @HttpCode(200)
  async stop(@Param('id') id: string): Promise<ReplayState> {
    return asProblems(async () => this.replays.turn(id, 'stop'));
  }
}
