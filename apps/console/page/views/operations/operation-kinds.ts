export const kinds = ['dead letters', 'handlers', 'topology', 'alerts', 'drills'] as const;

export type Kind = (typeof kinds)[number];

/** The chip under which an act is found. */
export function kindOf(action: string): Kind {
  if (/^(replay|discard|undo)\b/.test(action)) return 'dead letters';
  if (/handler/.test(action)) return 'handlers';
  if (/topology/.test(action)) return 'topology';
  return /alert/.test(action) ? 'alerts' : 'drills';
}
