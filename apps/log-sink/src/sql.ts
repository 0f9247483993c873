/** By name: a condition on the parameter `$`, and its value; undefined does not filter. */
export type Filters = Record<string, [condition: string, value: unknown]>;

/**
 * The WHERE of the filters that are given. Each combination is a statement of its own, so that
 * each has a plan of its own: one statement for all of them would have a plan for none.
 * @param before `[time, id]` of the row that the page begins after
 */
export function where(filters: Filters, before?: unknown[]) {
  const given = Object.entries(filters).filter(([, [, value]]) => value !== undefined);
  const names = given.map(([name]) => name);
  const conditions = given.map(([, [sql]], index) => sql.replace('$', () => `$${index + 1}`));
  const values = given.map(([, [, value]]) => value);
  if (before) {
    names.push('before');
    conditions.push(`(time, id) < ($${values.length + 1}, $${values.length + 2})`);
    values.push(...before);
  }
  return {
    name: names.map((name) => `-${name}`).join(''),
    text: conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '',
    values,
  };
}

/** The jsonpath of documents that have all `fields`. The text `3` finds the number 3 as well. */
export function hasFields(fields: Record<string, string>): string {
  const conditions = Object.entries(fields).map(([name, value]) => {
    const isLiteral = /^(true|false|(0|[1-9]\d*)(\.\d+)?)$/.test(value);
    return [JSON.stringify(value), ...(isLiteral ? [value] : [])]
      .map((literal) => `$.${JSON.stringify(name)} == ${literal}`)
      .join(' || ');
  });
  return conditions.map((condition) => `(${condition})`).join(' && ');
}
