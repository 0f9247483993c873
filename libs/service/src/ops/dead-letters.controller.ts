import { Body, Controller, Get, HttpCode, Ip, Param, Post, Query, UseGuards } from '@nestjs/common';
import {
  type BatchSummary,
  type DeadLetters,
  DeadLettersBusy,
  type LetterGroup,
  type Outcome,
  ReplayTooSlow,
  type Selection,
  ServiceDeadLetters,
  type ShownLetter,
  UnknownBatch,
  type Verdict,
} from '@tradepost/messaging';
import {
  DiscardBody,
  LettersQuery,
  ReplayBody,
  SelectionQuery,
  UndoBody,
} from './dead-letters-request';
import { OpsGuard } from './ops-guard';
import { decodeCursor, type Page, toPage } from '../http/page';
import { invalidRequest, Problem } from '../http/problem';

/** Whoever asks, and each proxy between, waits for the answer; the command has no such bound. */
const replaySecondsMax = 60;

/** The dead letters of this service's own queues, for operators. */
@Controller('ops/dead-letters')
@UseGuards(OpsGuard)
export class DeadLettersController {
  constructor(private readonly deadLetters: ServiceDeadLetters) {}

  @Get()
  async list(@Query() query: SelectionQuery, @Ip() ip: string): Promise<{ items: LetterGroup[] }> {
    return { items: await this.use(ip, (letters) => letters.list(query)) };
  }

  @Get('batches')
  async batches(@Ip() ip: string): Promise<{ items: BatchSummary[] }> {
    return { items: await this.use(ip, (letters) => letters.batches()) };
  }

  /** One by one, with their bodies. */
  @Get('letters')
  async letters(@Query() query: LettersQuery, @Ip() ip: string): Promise<Page<ShownLetter>> {
    const { cursor, limit, ...selection } = query;
    const [queue, id] = cursor === undefined ? [] : decodeCursor(cursor, 'string', 'string');
    const place = cursor === undefined ? undefined : { queue: String(queue), id: String(id) };
    const rows = await this.use(ip, (letters) => letters.page(selection, place, limit + 1));
    return toPage(rows, limit, (letter) => [letter.queue, letter.id]);
  }

  @Get(':id')
  async show(@Param('id') id: string, @Ip() ip: string): Promise<{ items: ShownLetter[] }> {
    const items = await this.use(ip, (letters) => letters.show(id));
    if (items.length === 0) throw notFound('dead-letter-not-found', `no dead letter ${id} here`);
    return { items };
  }

  @Post('replay')
  @HttpCode(200)
  async replay(@Body() request: ReplayBody, @Ip() ip: string): Promise<Outcome | Verdict> {
    const { rate, dryRun = false, body, ...selection } = request;
    refuseAll(selection);
    return this.use(ip, async (letters) => {
      if (dryRun) return letters.tryOut(selection);
      const content = body && (await edited(letters, selection, body));
      return letters.replay(selection, { rate, content, secondsMax: replaySecondsMax });
    });
  }

  @Post('discard')
  @HttpCode(200)
  async discard(@Body() selection: DiscardBody, @Ip() ip: string): Promise<Outcome> {
    refuseAll(selection);
    return this.use(ip, (letters) => letters.discard(selection));
  }

  @Post('undo')
  @HttpCode(200)
  async undo(@Body() { batch }: UndoBody, @Ip() ip: string): Promise<Outcome> {
    return this.use(ip, (letters) => letters.undo(batch));
  }

  private async use<T>(ip: string, work: (letters: DeadLetters) => Promise<T>): Promise<T> {
    try {
      return await this.deadLetters.use(`http ${ip}`, work);
    } catch (error) {
      if (error instanceof UnknownBatch) throw notFound('batch-not-found', error.message);
      if (error instanceof ReplayTooSlow) throw tooSlow(error);
      if (error instanceof DeadLettersBusy) throw busy(error.message);
      throw error;
    }
  }
}

// An empty body is more often a slip than the wish to touch everything.
function refuseAll({ ids, queue, code }: Selection): void {
  if (ids ?? queue ?? code) return;
  throw invalidRequest([{ pointer: '', detail: 'say which: ids, queue or code' }]);
}

async function edited(letters: DeadLetters, selection: Selection, body: object): Promise<Buffer> {
  const [id] = selection.ids ?? [];
  const found = id === undefined ? [] : await letters.show(id, selection);
  const [letter] = found;
  if (letter === undefined || found.length > 1 || selection.ids?.length !== 1) {
    const detail = `goes with exactly one letter, this selects ${found.length}`;
    throw invalidRequest([{ pointer: '/body', detail }]);
  }
  const content = Buffer.from(JSON.stringify(body));
  const problem = letters.problemWith(letter, content);
  if (problem !== undefined) throw invalidRequest([{ pointer: '/body', detail: problem }]);
  return content;
}

function tooSlow({ message }: ReplayTooSlow): Problem {
  const detail = `${message}; \`npm run dead-letters\` has no such bound`;
  return invalidRequest([{ pointer: '/rate', detail }]);
}

function notFound(type: string, detail: string): Problem {
  return new Problem({ status: 404, type, title: 'There is no such thing here', detail });
}

function busy(detail: string): Problem {
  return new Problem({
    status: 409,
    type: 'dead-letters-busy',
    title: 'Someone else is at work on the dead letters',
    detail,
    headers: { 'retry-after': '5' },
  });
}
