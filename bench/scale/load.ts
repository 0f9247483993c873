import type { Pace } from '../sale/client';

/** How long a rate stays as it is. */
const stepSeconds = 1;
/** Of the peak: what is sold at the beginning and at the end. */
const least = 0.05;
/** The rises and falls take so much of the time; the rest is calm. */
const waveShare = 0.8;

/** Sales that become more and more, then fewer and fewer, then stay few. */
export function wave({ peak, seconds }: { peak: number; seconds: number }): Pace[] {
  const steps = Math.ceil(seconds / stepSeconds);
  return Array.from({ length: steps }, (_, at) => {
    const share = Math.min(at / (steps * waveShare), 1);
    const perSecond = Math.ceil(peak * (least + (1 - least) * Math.sin(Math.PI * share) ** 2));
    return { perSecond, orders: perSecond * stepSeconds };
  });
}
