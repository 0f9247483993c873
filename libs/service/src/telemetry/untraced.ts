/** What is asked every few seconds by those who watch: health, metrics, the console. */
export function isUntraced(method: string | undefined, url: string | undefined): boolean {
  return method === 'GET' && /^\/(health|metrics|ops)(\/|\?|$)/.test(url ?? '');
}
