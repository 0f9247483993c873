import type { Accepted, Documents, Release } from '../releases';
import { sentenceOf, type Break } from './breaks';
import type { AsyncApi } from './channels';
import { checkHttp, type OpenApi } from './check-http';
import { checkMessages, checkUpcasts } from './check-messages';

/** What there is to say of a change. */
export interface Verdict {
  /** Sentences, each with the releases that it is about. */
  broken: Map<string, string[]>;
  /** What has to be deployed before. */
  order: Map<string, string[]>;
  accepted: Accepted[];
  /** Accepted, and not broken. */
  stale: Accepted[];
}

const asyncApi = 'asyncapi.json';
const openApi = /^openapi\/(.+)\.json$/;

/** @param releases oldest first */
export function check(
  releases: readonly Release[],
  today: Documents,
  accepted: readonly Accepted[] = [],
): Verdict {
  const verdict: Verdict = { broken: new Map(), order: new Map(), accepted: [], stale: [] };
  const note = (all: Map<string, string[]>, sentence: string, version: string) =>
    all.set(sentence, [...(all.get(sentence) ?? []), version]);
  for (const [index, { version, documents }] of releases.entries()) {
    const later = releases.slice(index + 1);
    for (const one of breaksSince(documents, today, later)) {
      const sentence = sentenceOf(one);
      if (one.after === undefined) note(verdict.broken, sentence, version);
      else note(verdict.order, `Deploy ${one.after} everywhere first: ${sentence}`, version);
    }
  }
  for (const one of checkUpcasts(today[asyncApi] as AsyncApi)) {
    verdict.broken.set(sentenceOf(one), []);
  }
  for (const one of accepted) {
    const isBroken = verdict.broken.delete(one.break);
    (isBroken ? verdict.accepted : verdict.stale).push(one);
  }
  return verdict;
}

function breaksSince(old: Documents, today: Documents, later: readonly Release[]): Break[] {
  const messages = old[asyncApi] as AsyncApi | undefined;
  const since = later.flatMap(({ version, documents }) => {
    const document = documents[asyncApi] as AsyncApi | undefined;
    return document === undefined ? [] : [{ version, document }];
  });
  const http = Object.entries(old).flatMap(([path, document]) => {
    const [, service] = openApi.exec(path) ?? [];
    const none = { paths: {} };
    if (service === undefined) return [];
    return checkHttp(service, document as OpenApi, (today[path] ?? none) as OpenApi);
  });
  if (messages === undefined) return http;
  return [...checkMessages(messages, today[asyncApi] as AsyncApi, since), ...http];
}

/** As it is printed. */
export function linesOf(verdict: Verdict, releases: readonly Release[]): string[] {
  const { broken, order, accepted, stale } = verdict;
  const versions = releases.map(({ version }) => version).join(', ');
  const listed = (all: Map<string, string[]>) =>
    [...all].map(
      ([sentence, since]) => `  ${since.length > 0 ? `${since.join(', ')}: ` : ''}${sentence}`,
    );
  return [
    ...listed(order),
    ...accepted.map((one) => `  accepted: ${one.break} Because: ${one.because}`),
    ...listed(broken),
    ...stale.map((one) => `  accepted and not broken, take it out of accepted.json: ${one.break}`),
    ...(broken.size + stale.length > 0
      ? ['docs/CONTRACTS.md says how to change a contract.']
      : [versions === '' ? 'There is no release to compare with.' : `Nothing breaks ${versions}.`]),
  ];
}
