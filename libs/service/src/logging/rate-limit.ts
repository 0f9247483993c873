/** Lets `perSecondMax` through each second, and as many at once after a quiet one. */
export class RateLimit {
  private left: number;
  private since = performance.now();

  constructor(private readonly perSecondMax: number) {
    this.left = perSecondMax;
  }

  /** Whether one more may pass now. */
  take(): boolean {
    const now = performance.now();
    const earned = ((now - this.since) / 1_000) * this.perSecondMax;
    this.left = Math.min(this.perSecondMax, this.left + earned);
    this.since = now;
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }
}
