const perSecondMax = 300;
/** Below it more flows are told again. */
const perSecondFew = 100;
const windowMs = 1_000;
const halvingsMax = 16;

/** Leaves whole flows out when there are too many steps, by their trace ids, as services do. */
export class FlowSample {
  private halvings = 0;
  private windowEndsAt = 0;
  private told = 0;

  get share(): number {
    return 1 / 2 ** this.halvings;
  }

  /** @param shareMax the share that every service tells: of other flows only a part is known */
  takes(traceId: string, shareMax: number, now = performance.now()): boolean {
    if (now > this.windowEndsAt) this.beginWindow(now);
    const place = Number.parseInt(traceId.slice(-8), 16) / 2 ** 32;
    if (place < 1 - Math.min(this.share, shareMax)) return false;
    this.told += 1;
    if (this.told > perSecondMax && this.halvings < halvingsMax) {
      this.halvings += 1;
      this.told = perSecondMax / 2;
    }
    return true;
  }

  private beginWindow(now: number): void {
    if (this.told < perSecondFew && this.halvings > 0) this.halvings -= 1;
    this.told = 0;
    this.windowEndsAt = now + windowMs;
  }
}
