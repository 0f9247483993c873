/** The handlers or contracts as declared cannot work. The message says what to change. */
export class WiringError extends Error {
  override readonly name = 'WiringError';
}
