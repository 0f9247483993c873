import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetch, WebSocket, type MessageEvent } from 'undici';

interface Script {
  scriptId: string;
  url: string;
}

interface Location {
  scriptId: string;
  lineNumber: number;
  columnNumber: number;
}

interface Message {
  id?: number;
  error?: { message: string };
  method?: string;
  params?: object;
}

/** A line of a source, from 0. */
export interface Place {
  file: string;
  line: number;
}

/** What an editor does with a process that listens for a debugger: breakpoints, by source maps. */
export class Debugger {
  private readonly scripts = new Map<string, Script>();
  private readonly answers = new Map<number, (message: Message) => void>();
  private pause!: (at: Location) => void;
  private readonly paused = new Promise<Location>((resolve) => (this.pause = resolve));

  private constructor(private readonly socket: WebSocket) {
    socket.addEventListener('message', ({ data }: MessageEvent) => {
      this.take(JSON.parse(data as string) as Message);
    });
  }

  static async attach(port: number): Promise<Debugger> {
    const response = await fetch(`http://127.0.0.1:${port}/json`);
    const [target] = (await response.json()) as { webSocketDebuggerUrl: string }[];
    const socket = new WebSocket(target?.webSocketDebuggerUrl ?? '');
    await once(socket, 'open');
    const attached = new Debugger(socket);
    await attached.ask('Debugger.enable');
    return attached;
  }

  async breakAt({ file, line }: Place): Promise<void> {
    for (const { scriptId, url } of this.scripts.values()) {
      if (!url.startsWith('file:') || url.includes('node_modules')) continue;
      const { map, source } = mapOf(url);
      if (source !== file) continue;
      const lines = readFileSync(fileURLToPath(url), 'utf8').split('\n');
      const lineNumber = lines.findIndex((text, at) => {
        return lineOf(map, at, text.search(/\S|$/)) === line;
      });
      await this.ask('Debugger.setBreakpoint', { location: { scriptId, lineNumber } });
      return;
    }
    throw new Error(`no script is made of ${file}`);
  }

  /** Where the process has come to a breakpoint. */
  async held(): Promise<Place> {
    const { scriptId, lineNumber, columnNumber } = await this.paused;
    const { map, source } = mapOf(this.scripts.get(scriptId)?.url ?? '');
    return { file: source, line: lineOf(map, lineNumber, columnNumber) };
  }

  async resume(): Promise<void> {
    await this.ask('Debugger.resume');
  }

  close(): void {
    this.socket.close();
  }

  private async ask(method: string, params: object = {}): Promise<void> {
    const id = this.answers.size;
    const answered = new Promise<Message>((resolve) => this.answers.set(id, resolve));
    this.socket.send(JSON.stringify({ id, method, params }));
    const { error } = await answered;
    if (error) throw new Error(`${method}: ${error.message}`);
  }

  private take({ id, method, params, ...rest }: Message): void {
    if (id !== undefined) this.answers.get(id)?.(rest);
    if (method === 'Debugger.scriptParsed') {
      const script = params as Script;
      this.scripts.set(script.scriptId, script);
    }
    if (method === 'Debugger.paused') {
      const [frame] = (params as { callFrames: { location: Location }[] }).callFrames;
      if (frame) this.pause(frame.location);
    }
  }
}

function mapOf(url: string): { map: SourceMap; source: string } {
  const mapFile = `${fileURLToPath(url)}.map`;
  const payload = JSON.parse(readFileSync(mapFile, 'utf8')) as SourceMapPayload;
  return {
    map: new SourceMap(payload),
    source: resolve(dirname(mapFile), payload.sources[0] ?? ''),
  };
}

function lineOf(map: SourceMap, line: number, column: number): number {
  const entry = map.findEntry(line, column);
  return 'originalLine' in entry ? entry.originalLine : -1;
}
