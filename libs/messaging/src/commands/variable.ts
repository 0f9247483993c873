import { readFile } from 'node:fs/promises';

/** A variable of the environment, or what is in the file that `<name>_FILE` names. */
export async function variable(name: string): Promise<string | undefined> {
  const { [name]: value, [`${name}_FILE`]: file } = process.env;
  if (value && file) throw new Error(`${name} and ${name}_FILE are both set`);
  if (!file) return value;
  // Editors end a file with a new line.
  const text = (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  if (text === '') throw new Error(`${name}_FILE: ${file} is empty`);
  return text;
}
