import { scopes } from '@tradepost/service';
import { Usage } from '../../ops/shop/arguments';

/** @returns them as a claim has them. @throws Usage for one that there is not */
export function scopesIn(text: string): string {
  const given = text.split(/[\s,]+/).filter((one) => one !== '');
  const wrong = given.find((one) => !scopes.some((scope) => scope === one));
  if (wrong !== undefined) throw new Usage(`"${wrong}" is no scope: ${scopes.join(' ')}`);
  if (given.length === 0) throw new Usage(`--scope wants some of: ${scopes.join(' ')}`);
  return given.join(' ');
}
