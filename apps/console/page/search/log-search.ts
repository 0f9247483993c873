import type { LogSearch } from '../../src/api/logs';
import { readTerms, type ReadSearch } from './dead-letter-search';
import { termsOf } from './terms';

export const levels = ['debug', 'info', 'warning', 'error', 'critical'];

const keys: Record<string, 'level' | 'service' | 'traceId' | 'from' | 'to'> = {
  level: 'level',
  service: 'service',
  trace: 'traceId',
  traceid: 'traceId',
  since: 'from',
  from: 'from',
  until: 'to',
  to: 'to',
};

/** Every other key is a field of the line. */
export function readLogSearch(text: string, now: number): ReadSearch<LogSearch> {
  const terms = termsOf(text);
  const search: LogSearch = {};
  const problems = readTerms(terms, search, keys, now);
  if (search.level !== undefined && !levels.includes(search.level)) {
    problems.push(`there is no level ${search.level}: ${levels.join(', ')} are`);
    delete search.level;
  }
  return { search, terms, problems };
}
