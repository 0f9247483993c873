import type { Advice, Difference } from '@tradepost/messaging';

export function printDifferences(differences: Difference[]): void {
  for (const { kind, what, name, reason, mend } of differences) {
    console.log(`${kind.padEnd(10)} ${what} ${name}\n           ${reason}`);
    console.log(`           ${mendings[mend]}`);
  }
  if (differences.length === 0) console.log('The broker has all that is wanted, and nothing else.');
}

export function printAdvice(advice: Advice[]): void {
  for (const { level, code, text } of advice) console.log(`${level.padEnd(8)} ${code}: ${text}`);
}

const mendings: Record<Difference['mend'], string> = {
  create: 'apply creates it',
  replace: 'apply moves its messages aside, makes it anew and brings them back',
  'bring-home': 'apply brings them back',
  prune: 'apply --prune removes it, if it is empty and unused',
  'by-hand': 'left to you: apply does not touch it',
};
