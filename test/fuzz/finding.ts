/** Something that a property forbids. */
export interface Finding {
  /** `http:17`, `message:4`: what `--only` takes; a service, where no one case is to blame. */
  at: string;
  property: string;
  /** What was sent, and what came of it. */
  detail: string;
}

const shownMax = 1_500;

export function finding(at: string, property: string, detail: string): Finding {
  return { at, property, detail: detail.slice(0, shownMax) };
}
