import { readFileSync } from 'node:fs';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a variable says, itself or by the file that `<name>_FILE` names. */
export interface Variable {
  /** Empty when it is not set. */
  text: string;
  file?: string;
}

/** A variable that cannot be read. The reason repeats no value. */
export class BadVariable extends Error {
  override readonly name = 'BadVariable';
}

/**
 * As images have it: `X_FILE` names a file that holds the value of `X`.
 * @throws BadVariable
 */
export function readVariable(environment: Environment, name: string): Variable {
  const text = environment[name]?.trim() ?? '';
  const file = environment[`${name}_FILE`]?.trim();
  if (!file) return { text };
  if (text) throw new BadVariable(`${name} and ${name}_FILE are set: set one of them`);
  return { text: readValue(name, file), file };
}

/** @throws BadVariable */
export function readValue(name: string, file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException;
    throw new BadVariable(`${name}_FILE=${JSON.stringify(file)} cannot be read: ${code}`);
  }
  if (!text) throw new BadVariable(`${name}_FILE=${JSON.stringify(file)} is empty`);
  return text;
}
