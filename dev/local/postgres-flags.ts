/**
 * Settings of a server that is started here.
 * @param durable false for tests, whose data nobody wants after a crash
 */
export function serverFlags({ durable }: { durable: boolean }): string[] {
  const settings = [
    // Ten of each service; tests run many at once.
    `max_connections=${durable ? 200 : 400}`,
    'log_min_messages=warning',
    ...(durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
  ];
  return settings.flatMap((setting) => ['-c', setting]);
}
