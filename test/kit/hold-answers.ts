import { Documented } from './documented';

const documents = new Map<string, Documented | undefined>();
const byOrigin = new Map<string, Documented>();

/** From now on what a test gets by `fetch` from a service has to be in the service's document. */
export function holdAnswers(url: string, service: string): void {
  if (!documents.has(service)) documents.set(service, Documented.of(service));
  const documented = documents.get(service);
  if (documented) byOrigin.set(new URL(url).origin, documented);
}

export function watchFetch(): void {
  const { fetch } = globalThis;
  globalThis.fetch = async (input, init) => {
    // Its caller has given it a deadline, or wants none.
    // eslint-disable-next-line no-restricted-syntax
    const response = await fetch(input, init);
    if (!(input instanceof Request)) await hold(new URL(input), init?.method ?? 'GET', response);
    return response;
  };
}

/** @throws what the document does not say of it */
async function hold({ origin, pathname }: URL, method: string, response: Response): Promise<void> {
  const documented = byOrigin.get(origin);
  if (!documented || method === 'HEAD') return;
  const { status, headers } = response;
  const [mediaType = ''] = (headers.get('content-type') ?? '').split(';');
  const isJson = /[/+]json$/.test(mediaType);
  const body: unknown = isJson ? await response.clone().json() : undefined;
  const fault = documented.faultOf(method, pathname, { status, mediaType, body });
  if (fault !== undefined) throw new Error(fault);
}
