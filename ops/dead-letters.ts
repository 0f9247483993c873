import 'reflect-metadata';
import { userInfo, hostname } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { DeadLetters, DeadLettersBusy, UnknownOperation } from '@tradepost/messaging';
import { brokerEndpoints } from './endpoints/broker';
import { Declined, editedContent, NothingSelected, Refused } from './dead-letters/edit';
import { parse, Usage, usage, type Command } from './dead-letters/command';
import {
  operationLines,
  describeSelection,
  groupLines,
  deadLetterLines,
  resultLines,
  previewLines,
} from './dead-letters/print';
import { contractNamed, deadQueues } from './dead-letters/queues';

// `npm run dead-letters`: what failed for good, and what to do with it. docs/OPERATIONS.md.

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
    (deadLetters) => run(deadLetters, command),
  );
  console.log(command.json ? JSON.stringify(value, null, 2) : lines.join('\n'));
  process.exitCode = exitCode;
}

async function run(deadLetters: DeadLetters, command: Command): Promise<Said> {
  const { verb, selection } = command;
  switch (verb) {
    case 'list': {
      const groups = await deadLetters.list(selection);
      return { value: { items: groups }, lines: groupLines(groups) };
    }
    case 'show': {
      const found = await deadLetters.show(selection.ids?.[0] ?? '', selection);
      if (found.length === 0) throw new NothingSelected();
      return {
        value: { items: found },
        lines: found.flatMap((one) => [...deadLetterLines(one), '']),
      };
    }
    case 'replay':
      return command.dryRun ? preview(deadLetters, command) : replay(deadLetters, command);
    case 'discard':
      return discard(deadLetters, command);
    case 'undo': {
      const result = await deadLetters.undo(command.operation);
      return said(result, resultLines('put back', result));
    }
    case 'operations': {
      const operations = await deadLetters.operations();
      return { value: { items: operations }, lines: operationLines(operations) };
    }
    default:
      throw new Usage(`${verb}: no such command`);
  }
}

async function preview(deadLetters: DeadLetters, { selection }: Command): Promise<Said> {
  const preview = await deadLetters.preview(selection);
  if (preview.wouldSend === 0) throw new NothingSelected();
  const exitCode = preview.invalid.length > 0 ? exitCodes.stayed : 0;
  return { value: preview, lines: previewLines(preview), exitCode };
}

async function replay(deadLetters: DeadLetters, { selection, edit, rate }: Command): Promise<Said> {
  const content = edit ? await editedContent(deadLetters, selection) : undefined;
  const result = await deadLetters.replay(selection, { rate, content });
  return said(result, resultLines('sent', result));
}

async function discard(deadLetters: DeadLetters, { selection, yes }: Command): Promise<Said> {
  if (!yes) {
    const groups = await deadLetters.list(selection);
    const count = groups.reduce((sum, group) => sum + group.count, 0);
    if (count === 0) throw new NothingSelected();
    const answer = await ask(`Discard ${count} (${describeSelection(selection)})? [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new Declined('nothing was discarded');
  }
  const result = await deadLetters.discard(selection);
  return said(result, resultLines('discarded', result));
}

function said(result: Awaited<ReturnType<DeadLetters['replay']>>, lines: string[]): Said {
  const { done, stayed } = result;
  const nothing = done + stayed.length === 0;
  const exitCode = nothing ? exitCodes.nothing : stayed.length > 0 ? exitCodes.stayed : 0;
  return { value: result, lines, exitCode };
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
  if (error instanceof NothingSelected || error instanceof UnknownOperation)
    return exitCodes.nothing;
  if (error instanceof Refused) return exitCodes.stayed;
  if (error instanceof DeadLettersBusy) return exitCodes.busy;
  return error instanceof Declined ? exitCodes.declined : exitCodes.error;
}

main().catch((error: unknown) => {
  const { message = String(error), code = '' } = error as NodeJS.ErrnoException;
  console.error(message || code);
  process.exitCode = exitCodeOf(error);
});
