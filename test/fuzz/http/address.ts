import type { Random } from '../../../dev/random';
import type { GoodValues } from '../values/good';
import type { OddValues } from '../values/odd';
import type { Operation } from './operations';

const extensions = ['', '/', '//', '/..', '/%2e%2e/', '.json', ';a=b', '%20', '%00', '%c3%28'];

/** The path and the query of a request. */
export interface Address {
  path: string;
  query: string;
}

/** As the document has it. A cursor is of an answer: nobody makes one up. */
export function goodAddress(operation: Operation, values: GoodValues, random: Random): Address {
  const { path, parameters } = operation;
  const valueOf = (name: string, schema = {}) => String(values.of(schema, random, name));
  const query = parameters
    .filter((one) => one.in === 'query' && one.name !== 'cursor')
    .filter((one) => one.required || random.chance(0.3))
    .filter((one) => one.schema.type !== 'object')
    .map(({ name, schema }) => [name, valueOf(name, schema)]);
  const schemaOf = (name: string) =>
    parameters.find((one) => one.in === 'path' && one.name === name)?.schema;
  return {
    path: path.replace(/\{(\w+)\}/g, (_, name: string) => encode(valueOf(name, schemaOf(name)))),
    query: query.map((pair) => pair.map((part) => encode(part ?? '')).join('=')).join('&'),
  };
}

/** Some part of it made odd: an id, a value of the query, a name, how it is encoded. */
export function oddAddress(
  operation: Operation,
  given: Address,
  random: Random,
  odd: OddValues,
): Address {
  const { path, query } = given;
  const text = () => random.pick([encode, raw, doubled])(odd.text(random)).slice(0, 3_000);
  const names = operation.parameters.filter((one) => one.in === 'query').map(({ name }) => name);
  const name = random.pick([...names, 'limit', 'cursor', 'field.a', 'field.__proto__', 'x[]']);
  const pair = `${name}=${text()}`;
  return random.pick<() => Address>([
    () => ({ path: operation.path.replace(/\{\w+\}/g, text), query }),
    () => ({ path, query: pair }),
    () => ({ path, query: [query, pair, pair].join('&') }),
    () => ({ path, query: `${name}=${random.pick(['-1', '0', '1e9', '101', '1.5', '', '%'])}` }),
    () => ({ path, query: `${text()}&${text()}` }),
    () => ({
      path,
      query: Array(random.pick([20, 1_100]))
        .fill(pair.slice(0, 12))
        .join('&'),
    }),
    () => ({ path: path + random.pick(extensions), query }),
    () => ({ path: path.replace(/[a-z]/, (letter) => letter.toUpperCase()), query }),
    () => ({ path: `/${text()}`, query }),
  ])();
}

/** As URLSearchParams does; encodeURIComponent throws at half of a surrogate pair. */
function encode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}

/** As little as a line of HTTP wants. */
function raw(text: string): string {
  return text.replace(/[\s\0-\x1f\x7f]/g, '+') || 'x';
}

function doubled(text: string): string {
  return encode(encode(text));
}
