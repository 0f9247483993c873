/** By name: a condition on the parameter `$`, and its value; undefined does not filter. */
export type Filters = Record<string, [condition: string, value: unknown]>;

/** Conditions of a statement, and the values of their parameters, `$1` on. */
export class Conditions {
  readonly values: unknown[] = [];
  private readonly names: string[] = [];
  private readonly conditions: string[] = [];

  /**
   * Those of the filters that are given. Each combination is a statement of its own, so that each
   * has a plan of its own: one statement for all of them would have a plan for none.
   */
  constructor(filters: Filters = {}) {
    for (const [name, [condition, value]] of Object.entries(filters)) {
      if (value !== undefined) this.add(name, condition, value);
    }
  }

  /** @param condition with a `$` for each of the values */
  add(name: string, condition: string, ...values: unknown[]): this {
    this.names.push(name);
    const given = values.values();
    this.conditions.push(condition.replaceAll('$', () => this.value(given.next().value)));
    return this;
  }

  /** @returns the parameter of one more value */
  value(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  /** What tells the statement from its like. */
  get name(): string {
    return this.names.map((name) => `-${name}`).join('');
  }

  /** `WHERE …`, or nothing. */
  get where(): string {
    return this.conditions.length > 0 ? `WHERE ${this.conditions.join(' AND ')}` : '';
  }
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
