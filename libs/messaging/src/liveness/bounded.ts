/** Nobody answered in time. What was asked may still go on. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';

  constructor(
    who: string,
    readonly timeoutMs: number,
  ) {
    super(`no answer from ${who} in ${timeoutMs} ms`);
  }
}

/** @throws NoAnswer after `timeoutMs`; else what `work` throws */
export async function bounded<T>(work: Promise<T>, timeoutMs: number, who: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswer(who, timeoutMs)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
