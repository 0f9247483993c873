/** Server-sent events that come back: bounded waits, a watch on silence, nothing while hidden. */

export type StreamState = 'connecting' | 'open' | 'reconnecting' | 'paused';

interface Options {
  /** What is heard, by the name of the event. */
  on: Record<string, (data: never) => void>;
  onState?: (state: StreamState) => void;
  /** Silence after which the connection counts as lost; undefined: silence is fine. */
  silenceMs?: number;
}

const waitMaxMs = 10_000;

/** Opens it; what it returns closes it for good. */
export function openEvents(path: string, options: Options): () => void {
  let source: EventSource | undefined;
  let timer: number | undefined;
  let silence: number | undefined;
  let tries = 0;

  const say = (state: StreamState) => options.onState?.(state);
  const heard = () => {
    tries = 0;
    window.clearTimeout(silence);
    if (options.silenceMs) silence = window.setTimeout(again, options.silenceMs);
  };
  const close = () => {
    window.clearTimeout(timer);
    window.clearTimeout(silence);
    source?.close();
    source = undefined;
  };
  const open = () => {
    close();
    source = new EventSource(path);
    source.onopen = () => {
      say('open');
      heard();
    };
    source.onerror = again;
    for (const [name, listen] of Object.entries(options.on)) {
      source.addEventListener(name, (event: MessageEvent<string>) => {
        heard();
        listen(JSON.parse(event.data) as never);
      });
    }
  };
  /** The browser's own reconnecting gives up at an answer that is an error. */
  function again(): void {
    close();
    say('reconnecting');
    timer = window.setTimeout(open, Math.min(500 * 2 ** tries++, waitMaxMs));
  }
  const onVisibility = () => {
    if (document.hidden) {
      close();
      say('paused');
    } else if (!source) {
      tries = 0;
      say('connecting');
      open();
    }
  };
  document.addEventListener('visibilitychange', onVisibility);
  say('connecting');
  if (document.hidden) say('paused');
  else open();
  return () => {
    document.removeEventListener('visibilitychange', onVisibility);
    close();
  };
}
