import { clearLine, cursorTo } from 'node:readline';
import { bar, timeText } from './print';
import type { Traffic } from './traffic';

const everyMs = { terminal: 200, file: 5_000 };
const barWidth = 16;

/** One line that is drawn again and again on a terminal; elsewhere a line every 5 s. */
export class Progress {
  private timer: NodeJS.Timeout | undefined;
  private readonly terminal = process.stdout.isTTY;

  constructor(
    private readonly traffic: Traffic,
    private readonly forMs: number,
  ) {}

  start(): void {
    const ms = this.terminal ? everyMs.terminal : everyMs.file;
    this.timer = setInterval(() => this.draw(), ms);
  }

  /** Above the line. */
  print(text: string): void {
    this.clear();
    console.log(text);
  }

  stop(): void {
    clearInterval(this.timer);
    this.clear();
  }

  private draw(): void {
    if (!this.terminal) return console.log(this.line());
    this.clear();
    // A longer line would be broken, and drawn once more below.
    process.stdout.write(this.line().slice(0, process.stdout.columns - 1));
  }

  private clear(): void {
    if (!this.terminal) return;
    cursorTo(process.stdout, 0);
    clearLine(process.stdout, 0);
  }

  private line(): string {
    const { tally, elapsedMs, isSettling } = this.traffic;
    const { ended, post, flow, late } = tally;
    const share = Math.min(1, elapsedMs / this.forMs);
    const seconds = `${(elapsedMs / 1_000).toFixed(0)} s`;
    const notAccepted = tally.tooBusy + tally.refused + tally.unanswered + tally.notSent;
    return [
      isSettling
        ? `${seconds}, until all have ended`
        : `▕${bar(share, barWidth).padEnd(barWidth)}▏ ${seconds}`,
      `accepted ${tally.accepted}`,
      ...(notAccepted > 0 ? [`not accepted ${notAccepted}`] : []),
      `completed ${ended.completed}`,
      `failed ${ended.payment_failed + ended.rejected}`,
      ...(late > 0 ? [`LATE ${late}`] : []),
      `in flight ${tally.inFlight}`,
      `POST p50 ${timeText(post.percentile(0.5))} p99 ${timeText(post.percentile(0.99))}`,
      `to the end p50 ${timeText(flow.percentile(0.5))} p99 ${timeText(flow.percentile(0.99))}`,
    ].join(' · ');
  }
}
