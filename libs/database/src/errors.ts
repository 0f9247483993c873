import { IntrinsicException } from '@nestjs/common';

/**
 * What an error says that PostgreSQL, `pg` or the way between them gave. By its code (SQLSTATE),
 * not by its text: that is in the language of the server.
 */

// SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html
const staleSession = /^(26000|42P05|25006|57P05)$/;
/** pg's, of a session that ended while it was idle: the statement was not even sent. */
const endedBefore = /^Client has encountered a connection error/;
const conflict = /^(40001|40P01)$/;
/** Someone else has what was asked for, or has it for too long. */
const contention = /^(40001|40P01|55P03|57014)$/;
/** Data and rules said no, or others were in the way: the session itself is as it was. */
const harmless = /^(22|23|40|55P03|57014|P0)/;
const unavailable = /^(08|25P03|25P04|28|3D|53|57)/;

/** What pg says without a code: no connection was free or made in time, one was lost or silent. */
const linkLost =
  /^(timeout e|Connection terminated|Query read timeout|Client (has|was)|Cannot use a)/;
const socketCode = /^(E(?!RR_)|ERR_(STREAM|SOCKET|TLS|SSL))/;

/** The database cannot do this now; later it may. Logs have no stack of it: its cause says why. */
export class DatabaseUnavailable extends IntrinsicException {
  override readonly name = 'DatabaseUnavailable';
  /** SQLSTATE, or the code of a socket's error; pg's own errors have none. */
  readonly code?: string;
  /** Others were in the way: something else may be done meanwhile. */
  readonly isContention: boolean;

  constructor(override readonly cause: unknown) {
    super(`the database cannot do this now: ${textOf(cause)}`);
    this.code = codeOf(cause) || undefined;
    this.isContention = contention.test(codeOf(cause));
  }
}

/** What a session says that takes no writes, as PostgreSQL says it of the first write. */
export class ReadOnlySession extends Error {
  override readonly name = 'ReadOnlySession';
  readonly code = '25006';
}

/**
 * The session is not what it is taken for: it has ended, its statements are unknown to it or were
 * planned for other tables, or it cannot write. Nothing was done, and in a new one it may be.
 */
export function isStale(error: unknown): boolean {
  const code = codeOf(error);
  if (code === '') return endedBefore.test(textOf(error));
  return staleSession.test(code) || isStalePlan(error);
}

/** The server took the transaction back because of another one. Nothing was done. */
export function isConflict(error: unknown): boolean {
  return conflict.test(codeOf(error));
}

/** No other work should meet the session that said this. */
export function endsSession(error: unknown): boolean {
  return !harmless.test(codeOf(error));
}

export function isUnavailable(error: unknown): boolean {
  const code = codeOf(error);
  if (code === '') return linkLost.test(textOf(error));
  if (isStale(error) || contention.test(code)) return true;
  return unavailable.test(code) || socketCode.test(code);
}

/** The text has a character that PostgreSQL cannot store: U+0000. */
export function isUnstorableText(error: unknown): boolean {
  return codeOf(error) === '22021';
}

/** A statement was refused because one before it in its transaction had failed. */
export function isConsequence(error: unknown): boolean {
  return codeOf(error) === '25P02';
}

// Of this code there are many (`feature_not_supported`); the function that raises it tells.
function isStalePlan(error: unknown): boolean {
  const { routine } = (error ?? {}) as { routine?: string };
  return codeOf(error) === '0A000' && routine === 'RevalidateCachedQuery';
}

function codeOf(error: unknown): string {
  return (error as { code?: string } | undefined)?.code ?? '';
}

// The error of a refused connection to a name with several addresses says nothing by itself.
function textOf(error: unknown): string {
  const { errors, message } = (error ?? {}) as Partial<AggregateError>;
  return errors ? errors.map(textOf).join('; ') : (message ?? String(error));
}
