import { finding, type Finding } from '../finding';
import type { Answer } from './answers';
import type { Asked, HttpCase } from './case';
import type { Outcome } from './exchange';
import type { Api } from './operations';

/** Of the HTTP parser, before there is a route. */
const ofTheConnection = [400, 408, 417, 431];
const stack = /\bat [^\n"]{1,200}[.:](?:js|ts|mjs)?:?\d+:\d+|node_modules|node:internal|\/dist\//;
const sql = /syntax error at or near|violates \w+ constraint|SQLSTATE|relation "\w+"/;
/** They show operators what failed, and where it was thrown. */
const showsStacks = /^\/(v1\/logs|ops\/dead-letters|openapi\.json)/;
/** Of these the document says in words what no schema says: a real date, one of several fields. */
const beyondSchemas = ['/from', '/to', '/url', '/body', '/Idempotency-Key', ''];
const shownMax = 600;
/** By its token: what may be answered. */
const admissible: Record<Asked['caller'], number[] | undefined> = {
  any: undefined,
  unknown: [401, 429],
  forbidden: [403],
};
/** What is refused before anyone looks at a token. */
const beforeTokens =
  /problems\/(malformed-address|malformed-request|header-too-large|uri-too-long)"/;

/** What a case must not come to. */
export function httpFindings(one: HttpCase, outcome: Outcome, { documented }: Api): Finding[] {
  const { at, asked, isBroken, service } = one;
  const { answers, end } = outcome;
  const say = (property: string, why: string, sent: Asked | undefined = asked[0]) =>
    finding(at, property, `${service}: ${why}\nsent ${shown(sent?.bytes)}`);
  const found: Finding[] = [];
  if (end === 'hung') found.push(say('no-hung-request', `${Math.round(outcome.tookMs)} ms`));
  if (end === 'garbled') found.push(say('http', 'the answer is no HTTP'));
  const last = answers.at(-1);
  const isEnded = last?.headers.get('connection') === 'close' || last?.isOpen === true;
  if (!isBroken && end === 'closed' && !isEnded) {
    found.push(say('answered', `${answers.length} answers to ${asked.length} requests`));
  }
  for (const [index, answer] of answers.entries()) {
    const sent = asked[index];
    if (!sent) continue;
    for (const [property, why] of faultsOf(answer, sent)) found.push(say(property, why, sent));
    const fault = isBroken ? undefined : undocumented(answer, sent, documented);
    if (fault !== undefined) found.push(say('as-documented', fault, sent));
  }
  return found;
}

function* faultsOf(answer: Answer, sent: Asked): Generator<[property: string, why: string]> {
  const { status, body, headers } = answer;
  const said = `${status} ${shown(body)}`;
  if (status >= 500 && !isReadiness(sent, status)) yield ['no-5xx', said];
  const head = [...headers.values()].join('\n');
  const text = `${head}\n${body.toString('latin1')}`;
  const isTold = status < 300 && showsStacks.test(sent.path);
  if (!isTold && (stack.test(text) || sql.test(text))) yield ['no-stack', said];
  const { expects, caller } = sent;
  if (admissible[caller]?.includes(status) === false && !beforeTokens.test(body.toString())) {
    yield ['token-is-judged', `${caller}: ${said}`];
  }
  if (expects === 'refused' && status < 300) yield ['bad-is-refused', said];
  if (expects === 'taken' && (status === 415 || isInvalid(answer))) yield ['good-is-taken', said];
}

/** It tells of the broker and the database, which may be slow: at the end all must be ready. */
function isReadiness({ path }: Asked, status: number): boolean {
  return status === 503 && path === '/health/ready';
}

/** By the form of the request, as the document tells it. */
function isInvalid({ status, body }: Answer): boolean {
  const text = body.toString();
  if (status !== 400 || !/problems\/(invalid-request|malformed-json)"/.test(text)) return false;
  const { errors = [] } = JSON.parse(text) as { errors?: { pointer: string }[] };
  return !errors.some(({ pointer }) => beyondSchemas.includes(pointer));
}

function undocumented(
  answer: Answer,
  { method, path }: Asked,
  documented: Api['documented'],
): string | undefined {
  const { status, headers, body, isOpen } = answer;
  if (method === 'HEAD' || isOpen || ofTheConnection.includes(status)) return undefined;
  // A parameter may be empty in a pattern of ours, and in no route.
  if (status >= 400 && status < 500 && /\/(\/|$)/.test(path)) return undefined;
  const [mediaType = ''] = (headers.get('content-type') ?? '').split(';');
  const isJson = /[/+]json$/.test(mediaType);
  try {
    const value: unknown = isJson ? JSON.parse(body.toString()) : undefined;
    return documented.faultOf(method, path, { status, mediaType, body: value });
  } catch {
    return `${mediaType} that is none: ${shown(body)}`;
  }
}

function shown(bytes: Buffer | undefined): string {
  const text = bytes?.toString('latin1') ?? 'nothing';
  return JSON.stringify(text.length > shownMax ? `${text.slice(0, shownMax)}…` : text);
}
