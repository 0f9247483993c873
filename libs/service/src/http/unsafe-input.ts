import { inheritedName, isStorable, notStorable, pointerTo } from '@tradepost/messaging';
import type { Fault } from './problem';

/** No body here is deeper than 3. Validation recurses, and the stack has an end. */
const depthMax = 32;

/**
 * The first fault that class-transformer and class-validator must not meet: it overflows their
 * stack, makes them throw, or passes for a property that every object has. Undefined: none.
 */
export function unsafeInput(value: unknown, pointer = '', depth = 0): Fault | undefined {
  if (typeof value === 'string') {
    return isStorable(value) ? undefined : { pointer, detail: notStorable };
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth === depthMax) return { pointer, detail: `must not be nested ${depthMax} deep` };
  for (const [name, part] of Object.entries(value)) {
    const at = pointerTo(pointer, name);
    if (name in Object.prototype) return { pointer: at, detail: inheritedName };
    const fault = unsafeInput(part, at, depth + 1);
    if (fault) return fault;
  }
  return undefined;
}
