/** OpenTelemetry's name for what is told apart no more. */
const other = '_OTHER';

/** A value for each name. Names beyond `max` share one: a flood of names costs no more. */
export class Named<V> {
  private readonly values = new Map<string, V>();

  constructor(
    private readonly max: number,
    private readonly make: () => V,
  ) {}

  of(name: string): V {
    const found = this.values.get(name);
    if (found !== undefined) return found;
    const isKnown = this.values.size < this.max;
    return (isKnown ? undefined : this.values.get(other)) ?? this.add(isKnown ? name : other);
  }

  all(): IterableIterator<[name: string, value: V]> {
    return this.values.entries();
  }

  private add(name: string): V {
    const value = this.make();
    this.values.set(name, value);
    return value;
  }
}
