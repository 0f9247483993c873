import { Source, type Offence } from './source';
import * as syntaxRules from './syntax-rules';
import * as textRules from './text-rules';

const rules = [...Object.values(textRules), ...Object.values(syntaxRules)];

/**
 * Everything in one file that docs/STYLE.md does not allow and no other tool sees.
 * @param path from the repository's folder, with slashes: some rules depend on it
 */
export function checkStyle(path: string, text: string): Offence[] {
  const source = new Source(path, text);
  for (const rule of rules) rule(source);
  return source.offences;
}
