/** Something between us and PostgreSQL does not let a session keep what it was started with. */
export class PoolerInBetween extends Error {
  constructor(
    readonly reason: string,
    advice: string,
  ) {
    super(`a connection pooler answers instead of PostgreSQL (${reason}): ${advice}`);
    this.name = 'PoolerInBetween';
  }
}
