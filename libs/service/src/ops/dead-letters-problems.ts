import {
  type DeadLetters,
  DeadLettersBusy,
  OperationInterrupted,
  PermissionMissing,
  PublishUnknown,
  ReplayRefused,
  ReplayTooSlow,
  type Selection,
  UnknownOperation,
} from '@tradepost/messaging';
import { invalidRequest, notFound, Problem, type ProblemOptions } from '../http/problem';

/** What operations on dead letters throw, as answers. */
export async function asProblems<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UnknownOperation) throw notFound('operation', error.message);
    if (error instanceof ReplayRefused) {
      const title = 'The replay cannot be begun or found here';
      throw new Problem({ status: 409, type: 'replay-refused', title, detail: error.message });
    }
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

// An empty body is more often a slip than a request for everything.
/** Without what is null, which is not given. @throws Problem 400 where nothing is */
export function selectionIn(given: Selection): Selection {
  const all = Object.entries(given) as [string, unknown][];
  const selected = all.filter(([, value]) => isGiven(value));
  if (selected.length > 0) return Object.fromEntries(selected);
  const detail = 'required: ids, queue, code, type, field, q, from or to';
  throw invalidRequest([{ pointer: '', detail }]);
}

// Every dead letter has all of no fields.
function isGiven(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

/** @throws Problem 400 unless exactly one dead letter is selected */
export async function edit(deadLetters: DeadLetters, selection: Selection, body: object) {
  const [id] = selection.ids ?? [];
  const found = id === undefined ? [] : await deadLetters.show(id, selection);
  const [deadLetter] = found;
  if (deadLetter === undefined || found.length > 1 || selection.ids?.length !== 1) {
    const detail = `goes with exactly one dead letter, this selects ${found.length}`;
    throw invalidRequest([{ pointer: '/body', detail }]);
  }
  const content = Buffer.from(JSON.stringify(body));
  return { deadLetter, content, problem: deadLetters.problemWith(deadLetter, content) };
}

/** @throws Problem 400 when the dead letter is not one, or today's contract refuses the body */
export async function edited(
  deadLetters: DeadLetters,
  selection: Selection,
  body: object,
): Promise<Buffer> {
  const { content, problem } = await edit(deadLetters, selection, body);
  if (problem !== undefined) throw invalidRequest([{ pointer: '/body', detail: problem }]);
  return content;
}

function retryLater(seconds: number, what: ProblemOptions, { message }: Error): Problem {
  return new Problem({ ...what, detail: message, headers: { 'retry-after': `${seconds}` } });
}
