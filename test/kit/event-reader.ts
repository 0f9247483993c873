import { once } from 'node:events';
import { type ClientRequest, get, type IncomingMessage } from 'node:http';

interface ReaderOptions {
  /** The last event that it has. */
  after?: string | number;
  reading?: boolean;
  authorization?: string;
  cookie?: string;
}

/** A reader of server-sent events, as a browser is one; it does not come again by itself. */
export class EventReader {
  readonly events: { id: string; event: string; data: unknown }[] = [];
  comments = 0;
  /** `whole`: the answer ended as it should. `cut off`: the connection was lost before. */
  readonly ended: Promise<'whole' | 'cut off'>;
  private rest = '';

  private constructor(
    private readonly request: ClientRequest,
    private readonly response: IncomingMessage,
  ) {
    this.ended = new Promise((resolve) => {
      response.once('close', () => resolve(response.complete ? 'whole' : 'cut off'));
    });
    response.on('error', () => undefined);
    response.setEncoding('utf8');
  }

  /** Resolves when the answer begins. */
  static async open(
    url: string,
    { after, reading = true, authorization, cookie }: ReaderOptions = {},
  ): Promise<EventReader> {
    const from = after !== undefined && { 'last-event-id': `${after}` };
    const headers = {
      accept: 'text/event-stream',
      ...from,
      ...(authorization && { authorization }),
      ...(cookie && { cookie }),
    };
    const request = get(url, { agent: false, headers });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    request.on('error', () => undefined);
    const reader = new EventReader(request, response);
    if (reading) reader.read();
    return reader;
  }

  get status(): number {
    return this.response.statusCode ?? 0;
  }

  get headers(): IncomingMessage['headers'] {
    return this.response.headers;
  }

  get ids(): number[] {
    return this.events.map(({ id }) => Number(id));
  }

  /** Takes what comes. Nothing is taken before, when the stream was opened without reading. */
  read(): void {
    this.response.on('data', (text: string) => this.take(text));
  }

  leave(): void {
    this.request.destroy();
  }

  private take(text: string): void {
    const blocks = (this.rest + text).split('\n\n');
    this.rest = blocks.pop() ?? '';
    for (const block of blocks) {
      if (block.startsWith(':')) this.comments += 1;
      const fields = Object.fromEntries(
        block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]),
      ) as Record<string, string | undefined>;
      const { id, event = 'message', data } = fields;
      if (data !== undefined) this.events.push({ id: id ?? '', event, data: JSON.parse(data) });
    }
  }
}
