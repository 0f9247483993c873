/**
 * The same database without the use of its indexes: rows come as they were written, so that what is
 * sorted is sorted by its statement.
 */
export function withoutIndexes(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.searchParams.set('options', '-c enable_indexscan=off -c enable_bitmapscan=off');
  return url.href;
}
