export interface Filter {
  /** Of the filter, for the name of the statement. */
  name: string;
  /** The condition, given the parameter's placeholder. */
  sql: (placeholder: string) => string;
  /** A filter without a value does not filter. */
  value: unknown;
}

export interface Where {
  name: string;
  text: string;
  values: unknown[];
}

/**
 * The WHERE of the filters that are given. Each combination is a statement of its own, so that
 * each has a plan of its own: one statement for all of them would have a plan for none.
 * @param before `[time, seq]` of the row that the page begins after
 */
export function where(filters: Filter[], before?: unknown[]): Where {
  const given = filters.filter(({ value }) => value !== undefined);
  const conditions = given.map(({ sql }, index) => sql(`$${index + 1}`));
  const values = given.map(({ value }) => value);
  if (before) {
    conditions.push(`(time, seq) < ($${values.length + 1}, $${values.length + 2})`);
    values.push(...before);
  }
  const names = [...given.map(({ name }) => name), ...(before ? ['before'] : [])];
  return {
    name: names.map((name) => `-${name}`).join(''),
    text: conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '',
    values,
  };
}
