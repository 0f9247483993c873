import { Body, Controller, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import {
  type DeadLetterDetails,
  type DeadLetterGroup,
  type DeadLetters,
  type OperationResult,
  type OperationSummary,
  type ReplayPreview,
  type Selection,
  ServiceDeadLetters,
} from '@tradepost/messaging';
import { asProblems, edit, edited, selectionIn } from './dead-letters-problems';
import {
  CausesQuery,
  CheckBody,
  DeadLettersQuery,
  DiscardBody,
  ReplayBody,
  UndoBody,
} from './dead-letters-request';
import { Operator } from './operator';
import { Scope } from '../auth/route-access';
import { OpsGuard } from './ops-guard';
import { decodeCursor, type Page, toPage } from '../http/page';
import { notFound } from '../http/problem';

/** The caller and every proxy between wait for the answer; the command has no such bound. */
const replaySecondsMax = 60;

/** The dead letters of this service's own queues, for operators. */
@Controller('ops/dead-letters')
@Scope('ops')
@UseGuards(OpsGuard)
export class DeadLettersController {
  constructor(private readonly deadLetters: ServiceDeadLetters) {}

  /** List dead letters by group. Of a group are those of one queue that failed for one reason. */
  @Get()
  async list(
    @Query() query: CausesQuery,
    @Operator() by: string,
  ): Promise<{ items: DeadLetterGroup[] }> {
    const selection = selectionOf(query);
    return { items: await this.use(by, (deadLetters) => deadLetters.list(selection)) };
  }

  /** List operations on dead letters. As the audit trail has them. */
  @Get('operations')
  async operations(@Operator() by: string): Promise<{ items: OperationSummary[] }> {
    return { items: await this.use(by, (deadLetters) => deadLetters.operations()) };
  }

  /** List dead letters one by one, with their bodies. */
  @Get('messages')
  async messages(
    @Query() query: DeadLettersQuery,
    @Operator() by: string,
  ): Promise<Page<DeadLetterDetails>> {
    const { cursor, limit, ...search } = query;
    const selection = selectionOf(search);
    const last = cursor === undefined ? undefined : decodeCursor(cursor, 'string', 'string');
    const after = last && { queue: last[0], id: last[1] };
    const rows = await this.use(by, (deadLetters) => deadLetters.page(selection, after, limit + 1));
    return toPage(rows, limit, (deadLetter) => [deadLetter.queue, deadLetter.id]);
  }

  /** Show a dead letter with its body. A message may be dead in several queues. */
  @Get(':id')
  async show(
    @Param('id') id: string,
    @Operator() by: string,
  ): Promise<{ items: DeadLetterDetails[] }> {
    const items = await this.use(by, (deadLetters) => deadLetters.show(id));
    if (items.length === 0) throw notFound('dead-letter', `no dead letter ${id} here`);
    return { items };
  }

  /** Try a replay without sending. Says what it would do, or what is wrong with an edited body. */
  @Post('check')
  @HttpCode(200)
  async check(
    @Body() { body, ...given }: CheckBody,
    @Operator() by: string,
  ): Promise<ReplayPreview> {
    const selection = selectionIn(given);
    return this.use(by, async (deadLetters) => {
      if (!body) return deadLetters.preview(selection);
      const { deadLetter, problem } = await edit(deadLetters, selection, body);
      const { id, queue } = deadLetter;
      const invalid = problem === undefined ? [] : [{ id, queue, problem }];
      return { wouldSend: 1, invalid, unchecked: 0 };
    });
  }

  /** Replay dead letters. In at most a minute; `replays` takes its time. */
  @Post('replay')
  @HttpCode(200)
  async replay(@Body() request: ReplayBody, @Operator() by: string): Promise<OperationResult> {
    const { rate, body, ...given } = request;
    const selection = selectionIn(given);
    return this.use(by, async (deadLetters) => {
      const content = body ? await edited(deadLetters, selection, body) : undefined;
      const bounds = { rate: rate ?? undefined, secondsMax: replaySecondsMax };
      return deadLetters.replay(selection, { ...bounds, content });
    });
  }

  /** Discard dead letters. `undo` puts them back. */
  @Post('discard')
  @HttpCode(200)
  async discard(@Body() given: DiscardBody, @Operator() by: string): Promise<OperationResult> {
    const selection = selectionIn(given);
    return this.use(by, (deadLetters) => deadLetters.discard(selection));
  }

  /** Undo an operation on dead letters. */
  @Post('undo')
  @HttpCode(200)
  async undo(@Body() { operation }: UndoBody, @Operator() by: string): Promise<OperationResult> {
    return this.use(by, (deadLetters) => deadLetters.undo(operation));
  }

  private async use<T>(by: string, work: (deadLetters: DeadLetters) => Promise<T>): Promise<T> {
    return asProblems(async () => this.deadLetters.use(by, work));
  }
}

function selectionOf({ id, ...search }: CausesQuery): Selection {
  return id === undefined ? search : { ...search, ids: [id] };
}
