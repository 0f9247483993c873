import { Body, Controller, Get, HttpCode, Ip, Param, Post, Query, UseGuards } from '@nestjs/common';
import {
  type OperationSummary,
  type DeadLetters,
  DeadLettersBusy,
  type DeadLetterGroup,
  OperationInterrupted,
  PermissionMissing,
  type OperationResult,
  PublishUnknown,
  ReplayTooSlow,
  type Selection,
  ServiceDeadLetters,
  type DeadLetterDetails,
  UnknownOperation,
  type ReplayPreview,
} from '@tradepost/messaging';
import {
  DiscardBody,
  DeadLettersQuery,
  ReplayBody,
  SelectionQuery,
  UndoBody,
} from './dead-letters-request';
import { OpsGuard } from './ops-guard';
import { decodeCursor, type Page, toPage } from '../http/page';
import { invalidRequest, notFound, Problem, type ProblemOptions } from '../http/problem';

/** The caller and every proxy between wait for the answer; the command has no such bound. */
const replaySecondsMax = 60;

/** The dead letters of this service's own queues, for operators. */
@Controller('ops/dead-letters')
@UseGuards(OpsGuard)
export class DeadLettersController {
  constructor(private readonly deadLetters: ServiceDeadLetters) {}

  @Get()
  async list(
    @Query() query: SelectionQuery,
    @Ip() ip: string,
  ): Promise<{ items: DeadLetterGroup[] }> {
    return { items: await this.use(ip, (deadLetters) => deadLetters.list(query)) };
  }

  @Get('operations')
  async operations(@Ip() ip: string): Promise<{ items: OperationSummary[] }> {
    return { items: await this.use(ip, (deadLetters) => deadLetters.operations()) };
  }

  /** One by one, with their bodies. */
  @Get('messages')
  async messages(
    @Query() query: DeadLettersQuery,
    @Ip() ip: string,
  ): Promise<Page<DeadLetterDetails>> {
    const { cursor, limit, ...selection } = query;
    const last = cursor === undefined ? undefined : decodeCursor(cursor, 'string', 'string');
    const after = last && { queue: last[0], id: last[1] };
    const rows = await this.use(ip, (deadLetters) => deadLetters.page(selection, after, limit + 1));
    return toPage(rows, limit, (deadLetter) => [deadLetter.queue, deadLetter.id]);
  }

  @Get(':id')
  async show(@Param('id') id: string, @Ip() ip: string): Promise<{ items: DeadLetterDetails[] }> {
    const items = await this.use(ip, (deadLetters) => deadLetters.show(id));
    if (items.length === 0) throw notFound('dead-letter', `no dead letter ${id} here`);
    return { items };
  }

  @Post('replay')
  @HttpCode(200)
  async replay(
    @Body() request: ReplayBody,
    @Ip() ip: string,
  ): Promise<OperationResult | ReplayPreview> {
    const { rate, dryRun = false, body, ...selection } = request;
    refuseAll(selection);
    return this.use(ip, async (deadLetters) => {
      if (dryRun) return deadLetters.preview(selection);
      const content = body && (await edited(deadLetters, selection, body));
      return deadLetters.replay(selection, { rate, content, secondsMax: replaySecondsMax });
    });
  }

  @Post('discard')
  @HttpCode(200)
  async discard(@Body() selection: DiscardBody, @Ip() ip: string): Promise<OperationResult> {
    refuseAll(selection);
    return this.use(ip, (deadLetters) => deadLetters.discard(selection));
  }

  @Post('undo')
  @HttpCode(200)
  async undo(@Body() { operation }: UndoBody, @Ip() ip: string): Promise<OperationResult> {
    return this.use(ip, (deadLetters) => deadLetters.undo(operation));
  }

  private async use<T>(ip: string, work: (deadLetters: DeadLetters) => Promise<T>): Promise<T> {
    try {
      return await this.deadLetters.use(`http ${ip}`, work);
    } catch (error) {
      if (error instanceof UnknownOperation) throw notFound('operation', error.message);
      if (error instanceof ReplayTooSlow) {
        const detail = `${error.message}; \`npm run dead-letters\` has no such bound`;
        throw invalidRequest([{ pointer: '/rate', detail }]);
      }
      if (error instanceof DeadLettersBusy) {
        const title = 'Another operation holds the dead letters';
        throw retryLater(5, { status: 409, type: 'dead-letters-busy', title }, error);
      }
      if (error instanceof OperationInterrupted || error instanceof PublishUnknown) {
        const title = 'The broker does not confirm messages at the moment';
        throw retryLater(30, { status: 503, type: 'broker-does-not-confirm', title }, error);
      }
      if (error instanceof PermissionMissing) {
        const title = 'The user of the broker may not do that';
        throw new Problem({ status: 503, type: 'broker-permission', title, detail: error.message });
      }
      throw error;
    }
  }
}

// An empty body is more often a slip than a request for everything.
function refuseAll({ ids, queue, code }: Selection): void {
  if (ids ?? queue ?? code) return;
  throw invalidRequest([{ pointer: '', detail: 'required: ids, queue or code' }]);
}

async function edited(
  deadLetters: DeadLetters,
  selection: Selection,
  body: object,
): Promise<Buffer> {
  const [id] = selection.ids ?? [];
  const found = id === undefined ? [] : await deadLetters.show(id, selection);
  const [deadLetter] = found;
  if (deadLetter === undefined || found.length > 1 || selection.ids?.length !== 1) {
    const detail = `goes with exactly one dead letter, this selects ${found.length}`;
    throw invalidRequest([{ pointer: '/body', detail }]);
  }
  const content = Buffer.from(JSON.stringify(body));
  const problem = deadLetters.problemWith(deadLetter, content);
  if (problem !== undefined) throw invalidRequest([{ pointer: '/body', detail: problem }]);
  return content;
}

function retryLater(seconds: number, what: ProblemOptions, { message }: Error): Problem {
  return new Problem({ ...what, detail: message, headers: { 'retry-after': `${seconds}` } });
}
