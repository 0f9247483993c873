import { hostname, userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { DeadLetters } from '../dead-letters/dead-letters';
import type { OperationResult } from '../dead-letters/shapes';
import { DeadLettersBusy } from '../dead-letters/operators-lock';
import { UnknownOperation } from '../dead-letters/undo';
import { BrokerApi } from '../topology/broker-api';
import { exitCodes, parse, usage, type Command } from './dead-letters-arguments';
import { editedContent, nothingSelected } from './dead-letters-edit';
import {
  deadLetterLines,
  describeSelection,
  groupLines,
  operationLines,
  previewLines,
  resultLines,
} from './dead-letters-print';
import {
  brokerEndpoints,
  CommandError,
  modeOf,
  print,
  queueReplicas,
  runProcess,
  wiringsOfServices,
  type BrokerEndpoints,
  type CommandSettings,
} from './settings';

const waitMs = 30_000;

interface Output {
  /** What --json prints. */
  value: unknown;
  lines: string[];
  exitCode?: number;
}

/** Lists, shows, replays, discards and restores dead letters, as the whole process. */
export function runDeadLettersCommand(args: string[], settings: CommandSettings): void {
  runProcess(deadLettersCommand(args, settings), exitCodeOf);
}

/** @returns the exit code */
async function deadLettersCommand(args: string[], settings: CommandSettings): Promise<number> {
  const command = parse(args, settings.name);
  if (command.verb === 'help') {
    console.log(usage(settings.name));
    return 0;
  }
  const endpoints = await brokerEndpoints(settings);
  const contracts = await settings.contracts();
  const options = {
    amqpUrl: endpoints.amqpUrl,
    mode: await modeOf(command.mode, settings),
    queueReplicas: await queueReplicas(),
    queues: await deadQueues(endpoints, settings, command.selection.queue),
    by: `${userInfo().username}@${hostname()}`,
    contractOf: ({ type }: { type?: string }) => contracts.find(({ name }) => name === type),
    waitMs,
  };
  const output = await DeadLetters.use(options, (deadLetters) => run(deadLetters, command));
  print(command.json, output.value, output.lines);
  return output.exitCode ?? 0;
}

/** As the management API lists them; without it those of the handlers, and the named one. */
async function deadQueues(
  { amqpUrl, managementUrl }: BrokerEndpoints,
  settings: CommandSettings,
  named?: string,
): Promise<string[]> {
  const also = named === undefined ? [] : [named];
  if (managementUrl !== undefined) {
    const { queues } = await new BrokerApi(managementUrl, amqpUrl).found();
    return [...queues.map(({ name }) => name).filter((name) => name.endsWith('.dead')), ...also];
  }
  const wirings = Object.values(await wiringsOfServices(settings)).flat();
  return [...wirings.flatMap(({ kind, queue }) => (kind === 'rpc' ? [] : [queue])), ...also];
}

async function run(deadLetters: DeadLetters, command: Command): Promise<Output> {
  const { verb, selection } = command;
  switch (verb) {
    case 'list': {
      const groups = await deadLetters.list(selection);
      return { value: { items: groups }, lines: groupLines(groups) };
    }
    case 'show': {
      const found = await deadLetters.show(selection.ids?.[0] ?? '', selection);
      if (found.length === 0) throw nothingSelected();
      const lines = found.flatMap((one) => [...deadLetterLines(one), '']);
      return { value: { items: found }, lines };
    }
    case 'replay':
      return command.dryRun ? preview(deadLetters, command) : replay(deadLetters, command);
    case 'discard':
      return discard(deadLetters, command);
    case 'undo':
      return outputOf('put back', await deadLetters.undo(command.operation));
    case 'operations': {
      const operations = await deadLetters.operations();
      return { value: { items: operations }, lines: operationLines(operations) };
    }
    default:
      throw new CommandError(exitCodes.usage, `${verb}: no such command`);
  }
}

async function preview(deadLetters: DeadLetters, { selection }: Command): Promise<Output> {
  const value = await deadLetters.preview(selection);
  if (value.wouldSend === 0) throw nothingSelected();
  const exitCode = value.invalid.length > 0 ? exitCodes.stayed : 0;
  return { value, lines: previewLines(value), exitCode };
}

async function replay(deadLetters: DeadLetters, { selection, rate, edit }: Command) {
  const content = edit ? await editedContent(deadLetters, selection) : undefined;
  return outputOf('sent', await deadLetters.replay(selection, { rate, content }));
}

async function discard(deadLetters: DeadLetters, { selection, yes }: Command): Promise<Output> {
  if (!yes) {
    const groups = await deadLetters.list(selection);
    const count = groups.reduce((sum, group) => sum + group.count, 0);
    if (count === 0) throw nothingSelected();
    const answer = await ask(`Discard ${count} (${describeSelection(selection)})? [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim()))
      throw new CommandError(exitCodes.declined, 'nothing was discarded');
  }
  return outputOf('discarded', await deadLetters.discard(selection));
}

function outputOf(did: string, result: OperationResult): Output {
  const { done, stayed } = result;
  const nothing = done + stayed.length === 0;
  const exitCode = nothing ? exitCodes.nothing : stayed.length > 0 ? exitCodes.stayed : 0;
  return { value: result, lines: resultLines(did, result), exitCode };
}

async function ask(question: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new CommandError(exitCodes.declined, 'no terminal to ask at: give --yes');
  }
  // On stderr: stdout is for what --json prints.
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new Promise<string>((resolve) => reader.once('close', () => resolve('')));
  try {
    // Ctrl-C and Ctrl-D end the question with an error, which is a no as well.
    return await Promise.race([reader.question(question).catch(() => ''), closed]);
  } finally {
    reader.close();
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof UnknownOperation) return exitCodes.nothing;
  return error instanceof DeadLettersBusy ? exitCodes.busy : exitCodes.error;
}
