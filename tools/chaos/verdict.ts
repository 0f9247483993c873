import type { Run } from './run';

/** @returns why the run has failed, a sentence each; nothing when it has passed */
export function failuresOf(run: Run): string[] {
  const { outcomes, testimony, strikes, crashes } = run;
  const failures: string[] = [];
  if (run.accepted === 0) failures.push('no order was accepted');
  if (!strikes.some(({ complaint }) => complaint === undefined)) failures.push('no fault happened');
  if (testimony.heard === 0) failures.push('the witness has heard nothing');
  failures.push(...run.unsettled.map((what) => `not settled: ${what}`));
  for (const { rule, subject, detail } of run.audited.offenders) {
    failures.push(`${rule}: ${subject}: ${detail}`);
  }
  failures.push(...outcomes.offenders, ...testimony.missing, ...testimony.wrong, ...run.complaints);
  for (const { fault, complaint } of strikes) {
    if (complaint) failures.push(`${fault.target} ${fault.kind}: ${complaint}`);
  }
  for (const { name, exit, explained } of crashes) {
    if (!explained) failures.push(`${name} ended by itself: ${exit.signal ?? `code ${exit.code}`}`);
  }
  return failures;
}
