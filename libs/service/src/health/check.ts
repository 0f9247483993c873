import type { Check } from './readiness';

const checkTimeoutMs = 3_000;

/** Fails with the problems that `problemsOf` finds, with its error, or after 3 s of silence. */
export async function check(problemsOf: () => Promise<string[]>): Promise<Check> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string[]>((resolve) => {
    timer = setTimeout(() => resolve([`no answer in ${checkTimeoutMs} ms`]), checkTimeoutMs);
  });
  try {
    const problems = await Promise.race([problemsOf(), late]);
    return problems.length === 0 ? { status: 'ok' } : { status: 'failing', problems };
  } catch (error) {
    return { status: 'failing', problems: [describe(error)] };
  } finally {
    clearTimeout(timer);
  }
}

// The error of a refused connection to a name with several addresses says nothing by itself.
function describe(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describe).join('; ');
  return error instanceof Error ? error.message : String(error);
}
