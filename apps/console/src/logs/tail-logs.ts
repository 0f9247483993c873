import { Injectable } from '@nestjs/common';
import type { PageStream } from '../sse/page-stream';
import { readEvents } from '../upstream/event-source';
import { pathWith } from '../upstream/query';
import { Services } from '../upstream/services';

const againMs = 2_000;
const silenceMs = 60_000;

/** log-sink's tail, for one page. */
@Injectable()
export class TailLogs {
  constructor(private readonly services: Services) {}

  /** Goes on until the page leaves; while log-sink is away it is asked again. */
  follow(stream: PageStream, params: URLSearchParams): void {
    const leaving = new AbortController();
    stream.onClose(() => leaving.abort());
    const { signal } = leaving;
    let skipped = 0;
    const tell = (event: string, data: string): void => {
      if (event === 'skipped') return void stream.sendText('skipped', data);
      if (skipped > 0 && stream.send('skipped', { count: skipped })) skipped = 0;
      if (!stream.sendText('entry', data)) skipped += 1;
    };
    const read = async (): Promise<void> => {
      const [url = ''] = this.services.urlsOf('log-sink');
      const onEvent = ({ event, data }: { event: string; data: string }) => tell(event, data);
      const address = `${url}${pathWith('/v1/logs/tail', params)}`;
      await this.services
        .headersFor(address)
        .then((headers) => readEvents(address, { headers, signal, silenceMs, onEvent }))
        .catch(() => undefined);
      if (!signal.aborted) setTimeout(begin, againMs).unref();
    };
    const begin = () => {
      if (!signal.aborted) read().catch(() => stream.end());
    };
    begin();
  }
}
