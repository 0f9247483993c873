/** Every method that a decorator of ours has seen in this process, with its name. */
const decorated = new Map<object, string>();

export function noteDecorated(target: object, name: string | symbol, method: object): void {
  decorated.set(method, `${target.constructor.name}.${String(name)}`);
}

/** @returns the names of those that are not among `methods` */
export function decoratedBeside(methods: Iterable<object>): string[] {
  const known = new Set(methods);
  return [...decorated].flatMap(([method, name]) => (known.has(method) ? [] : [name]));
}
