import { Transform, type Readable } from 'node:stream';
import { styleText } from 'node:util';
import { appNames, apps, type AppName } from '../../apps/services';

/** The name of our own lines. */
const own = 'tradepost';
const nameWidth = Math.max(...[own, ...appNames].map((name) => name.length));
/** A longer line is broken, so that none is collected without bound. */
const lineMax = 16_384;

const env = process.env;
/** Our output is a terminal's, or FORCE_COLOR is set. */
export const coloured = !env.NO_COLOR && (process.stdout.isTTY || Boolean(env.FORCE_COLOR));

/** A line of our own, or of a tool that runs beside. */
export function say(text: string, name = own): void {
  for (const line of text.split('\n')) process.stdout.write(`${prefixOf(name)}${line}\n`);
}

/** Prints a service's output, each line with its name; a reader that is slow slows the service. */
export function printLines(app: AppName, output: Readable): void {
  const prefix = prefixOf(app);
  let rest = '';
  const lines = new Transform({
    decodeStrings: false,
    transform(chunk: string, _encoding, done) {
      const parts = `${rest}${chunk}`.split('\n');
      rest = parts.pop() ?? '';
      if (rest.length > lineMax) {
        parts.push(rest);
        rest = '';
      }
      done(null, parts.map((line) => `${prefix}${line}\n`).join(''));
    },
    flush(done) {
      done(null, rest === '' ? '' : `${prefix}${rest}\n`);
    },
  });
  output.setEncoding('utf8');
  // A dozen streams share our output: two of each process.
  process.stdout.setMaxListeners(0);
  output.pipe(lines).pipe(process.stdout, { end: false });
}

function prefixOf(name: string): string {
  const padded = `${name.padEnd(nameWidth)} │ `;
  const colour = name in apps ? apps[name as AppName].colour : 'bold';
  return coloured ? styleText(colour, padded, { validateStream: false }) : padded;
}
