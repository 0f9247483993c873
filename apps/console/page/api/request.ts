/** What the server refused or could not do, as its problem+json says. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail?: string,
    /** All that the answer said: `errors` of a refused body, and whatever else. */
    readonly facts: Record<string, unknown> = {},
  ) {
    super(detail ? `${title}: ${detail}` : title);
    this.name = 'ApiProblem';
  }
}

export type Query = Record<string, string | number | boolean | undefined>;

interface Options {
  query?: Query;
  signal?: AbortSignal;
  timeoutMs?: number;
}

export function get<T>(path: string, options: Options = {}): Promise<T> {
  return request<T>('GET', path, undefined, options);
}

export function post<T>(path: string, body: unknown = {}, options: Options = {}): Promise<T> {
  return request<T>('POST', path, body, options);
}

/** A path with what is defined of a query. */
export function withQuery(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

async function request<T>(
  method: string,
  path: string,
  body: unknown,
  { query, signal, timeoutMs = 15_000 }: Options,
): Promise<T> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const answer = await fetch(withQuery(path, query), {
    method,
    signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new ApiProblem(0, deadline.aborted ? 'No answer in time' : 'The console does not answer');
  });
  const text = await answer.text();
  if (answer.ok) return (text ? JSON.parse(text) : undefined) as T;
  throw problemOf(answer, text);
}

function problemOf(answer: Response, text: string): ApiProblem {
  const facts = parsed(text);
  const title = typeof facts.title === 'string' ? facts.title : `HTTP ${answer.status}`;
  const detail = typeof facts.detail === 'string' ? facts.detail : undefined;
  return new ApiProblem(answer.status, title, detail, facts);
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
