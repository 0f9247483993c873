/** What became of every message of a drill. Counts of messages, but for `faults`. */
export interface Accounts {
  published: number;
  confirmed: number;
  returned: number;
  unknown: number;
  /** Of the unknown: committed by the sender's transaction, and without any effect. */
  unsent: number;
  effects: number;
  dead: number;
  /** Confirmed, and neither done nor dead nor in a queue. */
  lost: number;
  /** Effects beyond the first of a message. */
  duplicates: number;
  /** In the queues when all processes have ended: nobody took or settled them. */
  left: number;
  faults: number;
  /** Processes that ended without having been told to. */
  crashes: number;
}

export interface Evidence {
  /** Jobs that were sent. */
  sent: Set<number>;
  confirmedJobs: Set<number>;
  /** Still in the outbox after the broker had them back at least once. */
  returnedJobs: Set<number>;
  /** Confirmed messages that carry no job, such as malformed ones. */
  anonymous: number;
  /** The job of each effect. */
  effects: number[];
  dead: number;
  left: number;
  faults: number;
  crashes: number;
}

export function accountsOf(evidence: Evidence): Accounts {
  const { sent, confirmedJobs, returnedJobs, anonymous, dead, left } = evidence;
  const done = new Set(evidence.effects);
  const undone = [...confirmedJobs].filter((job) => !done.has(job)).length;
  const unknown = [...sent].filter((job) => !confirmedJobs.has(job) && !returnedJobs.has(job));
  return {
    published: sent.size + anonymous,
    confirmed: confirmedJobs.size + anonymous,
    returned: returnedJobs.size,
    unknown: unknown.length,
    unsent: unknown.filter((job) => !done.has(job)).length,
    effects: done.size,
    dead,
    lost: Math.max(0, undone + anonymous - dead - left),
    duplicates: evidence.effects.length - done.size,
    left,
    faults: evidence.faults,
    crashes: evidence.crashes,
  };
}

/** @returns what is wrong with the accounts, a phrase each; nothing when the drill has passed */
export function complaints(accounts: Accounts, expected: { dead: number }): string[] {
  const { published, confirmed, returned, unknown, effects, dead, lost } = accounts;
  const said: string[] = [];
  if (published === 0) said.push('nothing was published');
  if (accounts.faults === 0) said.push('no fault happened');
  if (published !== confirmed + returned + unknown) said.push('the accounts do not add up');
  if (lost > 0) said.push(`${lost} lost`);
  if (accounts.duplicates > 0) said.push(`${accounts.duplicates} done twice`);
  if (accounts.left > 0) said.push(`${accounts.left} left in queues`);
  if (accounts.crashes > 0) said.push(`${accounts.crashes} processes crashed`);
  if (dead !== expected.dead) said.push(`${dead} dead instead of ${expected.dead}`);
  if (returned > 0) said.push(`${returned} still wait in the outbox`);
  if (accounts.unsent > 0) said.push(`${accounts.unsent} committed, but never sent`);
  if (effects + dead > published) said.push('more came out than went in');
  return said;
}
