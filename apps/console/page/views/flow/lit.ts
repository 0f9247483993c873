import { createContext, useContext } from 'react';
import type { Pattern } from '@tradepost/messaging/ops';

interface LitNow {
  /** The event under the pointer: its whole path is lit, the rest fades. */
  contract?: string;
  /** The pattern that the legend was asked for. */
  pattern?: Pattern;
  setContract: (contract?: string) => void;
}

/** What of the picture is lit. */
export const Lit = createContext<LitNow>({ setContract: () => undefined });

interface Part {
  contract?: string;
  pattern?: Pattern;
  /** What goes through it: a service, an exchange. */
  carries?: ReadonlySet<string>;
  patterns?: ReadonlySet<Pattern>;
}

/** `lit`, `faded`, or undefined while nothing is asked for. */
export function useLit(part: Part): 'lit' | 'faded' | undefined {
  const { contract, pattern } = useContext(Lit);
  if (contract !== undefined) {
    const on = part.contract === contract || part.carries?.has(contract);
    return on ? 'lit' : 'faded';
  }
  if (pattern !== undefined) {
    const on = part.pattern === pattern || part.patterns?.has(pattern);
    return on ? undefined : 'faded';
  }
  return undefined;
}
