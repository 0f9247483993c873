import type { DeadLetterSearch } from '../../src/api/dead-letters';
import { termsOf, type Term } from './terms';
import { momentOf } from './times';

export interface ReadSearch<Search> {
  search: Search;
  terms: Term[];
  /** What of the text is not understood, a sentence each. */
  problems: string[];
}

const keys: Record<string, 'queue' | 'code' | 'id' | 'type' | 'from' | 'to'> = {
  queue: 'queue',
  code: 'code',
  id: 'id',
  contract: 'type',
  since: 'from',
  from: 'from',
  until: 'to',
  to: 'to',
};

/** Every other key is a field of the body; so is one of these, as `field.queue:…`. */
export function readDeadLetterSearch(text: string, now: number): ReadSearch<DeadLetterSearch> {
  const terms = termsOf(text);
  const search: DeadLetterSearch = {};
  const reading = readTerms(terms, search, keys, now);
  return { search, terms, problems: reading };
}

const fieldsMax = 5;

/** Fills a search; what is not understood comes back in sentences. */
export function readTerms<
  Search extends { q?: string; field?: Record<string, string>; from?: string; to?: string },
>(
  terms: Term[],
  search: Search,
  known: Record<string, keyof Search & string>,
  now: number,
): string[] {
  const problems: string[] = [];
  const words = terms.filter(({ key }) => key === undefined).map(({ value }) => value);
  if (words.length > 0) {
    search.q = words.join(' ');
  }
  for (const { key, value, text } of terms) {
    if (key === undefined) {
      continue;
    }
    const name = Object.hasOwn(known, key.toLowerCase()) ? known[key.toLowerCase()] : undefined;
    if (name === undefined) {
      problems.push(...addField(search, key.replace(/^field\./, ''), value));
    } else if (search[name] !== undefined) {
      problems.push(`${key}: is there twice; ${text} is left out`);
    } else if (name === 'from' || name === 'to') {
      const at = momentOf(value, now);
      if (at === undefined) {
        problems.push(`${text} is no time: 15m, 2h, 09:30, 2026-11-26 or 2026-11-26T09:30 are`);
      } else {
        Object.assign(search, { [name]: at });
      }
    } else {
      Object.assign(search, { [name]: value });
    }
  }
  return problems;
}

function addField(search: { field?: Record<string, string> }, name: string, value: string) {
  const field = search.field ?? {};
  if (Object.hasOwn(field, name)) {
    return [`${name}: is there twice; ${value} is left out`];
  }
  if (Object.keys(field).length >= fieldsMax) {
    return [`${name}:${value} is left out: a search has at most ${fieldsMax} fields`];
  }
  search.field = { ...field, [name]: value };
  return [];
}

/** As the server takes it: `field.<name>=value`. */
export function searchParams(search: {
  field?: Record<string, string>;
  [more: string]: unknown;
}): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (typeof value === 'string') {
      params.set(name, value);
    }
  }
  for (const [name, value] of Object.entries(search.field ?? {})) {
    params.set(`field.${name}`, value);
  }
  return params;
}
