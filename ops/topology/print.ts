import type { Advice, Difference } from '@tradepost/messaging';

/** @param blind not everything could be seen */
export function printDifferences(differences: Difference[], blind = false): void {
  const later = differences.filter(({ kind }) => kind === 'later');
  const now = differences.filter(({ kind }) => kind !== 'later');
  for (const { kind, what, name, reason, mend } of now) {
    console.log(`${kind.padEnd(10)} ${what} ${name}\n           ${reason}`);
    console.log(`           ${mendings[mend]}`);
  }
  if (now.length === 0) console.log(blind ? 'Nothing differs.' : allIsThere);
  const names = later.filter(({ what }) => what === 'queue').map(({ name }) => name);
  if (names.length > 0) console.log(`Made at their first use, or by apply: ${names.join(', ')}`);
}

const allIsThere = 'The broker has all that is wanted, and nothing else.';

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
