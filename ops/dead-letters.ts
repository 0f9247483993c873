import 'reflect-metadata';
import { userInfo, hostname } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { DeadLetters, DeadLettersBusy, UnknownBatch } from '@tradepost/messaging';
import { brokerEndpoints } from './endpoints/broker';
import { Declined, editedContent, NothingMeant, Refused } from './dead-letters/edit';
import { parse, Usage, usage, type Command } from './dead-letters/command';
import {
  batchLines,
  describeSelection,
  groupLines,
  letterLines,
  outcomeLines,
  verdictLines,
} from './dead-letters/print';
import { contractNamed, deadQueues } from './dead-letters/queues';

// `npm run dead-letters`: what failed for good, and what to do with it. docs/OPERATING.md.

const exitCodes = { error: 1, usage: 2, nothing: 3, stayed: 4, busy: 5, declined: 6 };
const waitMs = 30_000;

interface Said {
  /** What --json prints. */
  value: unknown;
  lines: string[];
  exitCode?: number;
}

async function main(): Promise<void> {
  const command = parse(process.argv.slice(2));
  if (command.verb === 'help') return console.log(usage);
  const endpoints = await brokerEndpoints(command.endpoints);
  const {
    value,
    lines,
    exitCode = 0,
  } = await DeadLetters.use(
    {
      amqpUrl: endpoints.amqpUrl,
      queues: await deadQueues(endpoints, command.selection.queue),
      by: `${userInfo().username}@${hostname()}`,
      contractOf: ({ type }) => contractNamed(type),
      waitMs,
    },
    (letters) => run(letters, command),
  );
  console.log(command.json ? JSON.stringify(value, null, 2) : lines.join('\n'));
  process.exitCode = exitCode;
}

async function run(letters: DeadLetters, command: Command): Promise<Said> {
  const { verb, selection } = command;
  switch (verb) {
    case 'list': {
      const groups = await letters.list(selection);
      return { value: { items: groups }, lines: groupLines(groups) };
    }
    case 'show': {
      const found = await letters.show(selection.ids?.[0] ?? '', selection);
      if (found.length === 0) throw new NothingMeant();
      return { value: { items: found }, lines: found.flatMap((one) => [...letterLines(one), '']) };
    }
    case 'replay':
      return command.dryRun ? tryOut(letters, command) : replay(letters, command);
    case 'discard':
      return discard(letters, command);
    case 'undo': {
      const outcome = await letters.undo(command.batch);
      return said(outcome, outcomeLines('put back', outcome));
    }
    case 'batches': {
      const batches = await letters.batches();
      return { value: { items: batches }, lines: batchLines(batches) };
    }
    default:
      throw new Usage(`${verb}: no such command`);
  }
}

async function tryOut(letters: DeadLetters, { selection }: Command): Promise<Said> {
  const verdict = await letters.tryOut(selection);
  if (verdict.wouldSend === 0) throw new NothingMeant();
  const exitCode = verdict.invalid.length > 0 ? exitCodes.stayed : 0;
  return { value: verdict, lines: verdictLines(verdict), exitCode };
}

async function replay(letters: DeadLetters, { selection, edit, rate }: Command): Promise<Said> {
  const content = edit ? await editedContent(letters, selection) : undefined;
  const outcome = await letters.replay(selection, { rate, content });
  return said(outcome, outcomeLines('sent', outcome));
}

async function discard(letters: DeadLetters, { selection, yes }: Command): Promise<Said> {
  if (!yes) {
    const groups = await letters.list(selection);
    const count = groups.reduce((sum, group) => sum + group.count, 0);
    if (count === 0) throw new NothingMeant();
    const answer = await ask(`Discard ${count} (${describeSelection(selection)})? [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new Declined('nothing was discarded');
  }
  const outcome = await letters.discard(selection);
  return said(outcome, outcomeLines('discarded', outcome));
}

function said(outcome: Awaited<ReturnType<DeadLetters['replay']>>, lines: string[]): Said {
  const { done, stayed } = outcome;
  const nothing = done + stayed.length === 0;
  const exitCode = nothing ? exitCodes.nothing : stayed.length > 0 ? exitCodes.stayed : 0;
  return { value: outcome, lines, exitCode };
}

async function ask(question: string): Promise<string> {
  if (!process.stdin.isTTY) throw new Declined('nobody to ask here: say --yes');
  // On stderr: stdout is for what --json prints.
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new Promise<string>((resolve) => reader.once('close', () => resolve('')));
  try {
    // Ctrl-C and Ctrl-D end the question, which says so by throwing: a no as well.
    return await Promise.race([reader.question(question).catch(() => ''), closed]);
  } finally {
    reader.close();
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof Usage) return exitCodes.usage;
  if (error instanceof NothingMeant || error instanceof UnknownBatch) return exitCodes.nothing;
  if (error instanceof Refused) return exitCodes.stayed;
  if (error instanceof DeadLettersBusy) return exitCodes.busy;
  return error instanceof Declined ? exitCodes.declined : exitCodes.error;
}

main().catch((error: unknown) => {
  const { message = String(error), code = '' } = error as NodeJS.ErrnoException;
  console.error(message || code);
  process.exitCode = exitCodeOf(error);
});
