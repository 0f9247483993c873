/** The user and the password of every server that is started here, for this machine alone. */
export const credentials = { user: 'tradepost', password: 'tradepost' } as const;

/**
 * A broker that starts may move a message out of its retry tier before the queue that it belongs to
 * is there. It tries again after so many milliseconds; by default after three minutes.
 */
export const moveAgainSetting = ['dead_letter_worker_publisher_confirm_timeout', 10_000] as const;

/** @param durable false for tests, which need no data after a crash */
export function postgresFlags({ durable }: { durable: boolean }): string[] {
  const settings = [
    // Ten of each service; tests run many at once.
    `max_connections=${durable ? 200 : 400}`,
    'log_min_messages=warning',
    ...(durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
  ];
  return settings.flatMap((setting) => ['-c', setting]);
}
