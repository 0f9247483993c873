import { ApiProblem } from '../api/request';
import { Problem } from '../parts/states';

/** Why an act failed; and that it may be done in part, where nobody says that it is not. */
export function ActProblem({ error, look }: { error: unknown; look: string }) {
  const refused = error instanceof ApiProblem && error.status >= 400 && error.status < 500;
  return (
    <>
      <Problem error={error} />
      {!refused && (
        <p className="muted">
          Nobody says that nothing was done: all or a part of it may be. {look} before you do it
          again.
        </p>
      )}
    </>
  );
}
