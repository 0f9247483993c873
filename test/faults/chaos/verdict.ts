import type { Run } from './run';

/** @returns why the run has failed, a sentence each; nothing when it has passed */
export function failuresOf(run: Run): string[] {
  const { outcomes, testimony, strikes, crashes } = run;
  const failures: string[] = [];
  if (run.accepted === 0) failures.push('no order was accepted');
  if (!strikes.some(({ complaint }) => complaint === undefined)) failures.push('no fault happened');
  if (testimony.heard === 0) failures.push('the witness has heard nothing');
  const isKilled = strikes.some(({ fault }) => fault.target === 'witness' && fault.kind === 'kill');
  // Without any copy all would look the same without the inbox.
  if (isKilled && testimony.copies === 0) failures.push('no copy has come to the witness');
  failures.push(...run.unsettled.map((what) => `not settled: ${what}`));
  for (const { rule, subject, detail } of run.audited.violations) {
    failures.push(`${rule}: ${subject}: ${detail}`);
  }
  failures.push(...outcomes.offenders, ...testimony.missing, ...testimony.wrong, ...run.complaints);
  for (const { fault, complaint } of strikes) {
    if (complaint) failures.push(`${fault.target} ${fault.kind}: ${complaint}`);
  }
  for (const { name, exit } of crashes) {
    failures.push(`${name} ended by itself: ${exit.signal ?? `code ${exit.code}`}`);
  }
  return failures;
}
