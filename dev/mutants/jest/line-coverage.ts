import { readFileSync } from 'node:fs';
import { type Profiler, Session } from 'node:inspector/promises';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { createTransformer } from '@swc/jest';

interface Transformer {
  process(text: string, path: string, options: object): { code: string; map: string };
}
const transformer = createTransformer() as unknown as Transformer;

/** Of a file: the function's name, or the line that a token of it stands on, that has run. */
export interface Ran {
  functions: Set<string>;
  lines: Set<number>;
}

/** What has run of some sources of this process, from one reading to the next. */
export class LineCoverage {
  private readonly session = new Session();
  /** By script: for each character of what runs, the line that it was written on. */
  private readonly lines = new Map<string, Promise<Int32Array>>();

  /** @param isWanted by the path of the source */
  constructor(private readonly isWanted: (path: string) => boolean) {}

  async start(): Promise<void> {
    this.session.connect();
    await this.session.post('Debugger.enable');
    await this.session.post('Profiler.enable');
    const options = { callCount: true, detailed: true };
    await this.session.post('Profiler.startPreciseCoverage', options);
  }

  /** By the path of the source; counts anew. */
  async read(): Promise<Map<string, Ran>> {
    const { result } = await this.session.post('Profiler.takePreciseCoverage');
    const found = new Map<string, Ran>();
    for (const { url, scriptId, functions } of result) {
      const path = url.replace('file://', '');
      if (!this.isWanted(path)) continue;
      const lines = linesOf(functions, await this.linesOf(path, scriptId));
      const ran = functions.filter(({ ranges }) => ranges.some(({ count }) => count > 0));
      const names = new Set(ran.map(({ functionName }) => functionName));
      if (names.size > 0) found.set(path, { functions: names, lines });
    }
    return found;
  }

  stop(): void {
    this.session.disconnect();
  }

  private linesOf(path: string, scriptId: string): Promise<Int32Array> {
    const lines = this.lines.get(scriptId) ?? this.readLines(path, scriptId);
    this.lines.set(scriptId, lines);
    return lines;
  }

  private async readLines(path: string, scriptId: string): Promise<Int32Array> {
    const { scriptSource } = await this.session.post('Debugger.getScriptSource', { scriptId });
    // As jest had it transformed: it keeps the map to itself.
    const { code, map: text } = transformer.process(readFileSync(path, 'utf8'), path, {});
    if (code !== scriptSource) throw new Error(`${path} runs otherwise than it is transformed`);
    const map = new SourceMap(JSON.parse(text) as SourceMapPayload);
    const lines = new Int32Array(scriptSource.length);
    let [line, start] = [0, 0];
    for (let offset = 0; offset < scriptSource.length; offset += 1) {
      const entry = map.findEntry(line, offset - start);
      if ('originalLine' in entry) lines[offset] = entry.originalLine + 1;
      if (scriptSource[offset] === '\n') [line, start] = [line + 1, offset + 1];
    }
    return lines;
  }
}

/** Ranges lie in each other: the innermost says how often its text has run. */
function linesOf(functions: Profiler.FunctionCoverage[], lines: Int32Array): Set<number> {
  const hasRun = new Uint8Array(lines.length);
  functions
    .flatMap(({ ranges }) => ranges)
    .sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset)
    .forEach(({ startOffset, endOffset, count }) =>
      hasRun.fill(count > 0 ? 1 : 0, startOffset, endOffset),
    );
  return new Set(lines.filter((line, offset) => line > 0 && hasRun[offset] === 1));
}
