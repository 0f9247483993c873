import { EventStream } from '@tradepost/service';
import { isFinal } from '../order/order';
import type { Step, TimelinePosition } from '../order/timeline.store';

/** An order's steps as server-sent events: each once, in order, up to a final state. */
export class OrderStream extends EventStream implements TimelinePosition {
  /** @param after the last step that the reader has; 0: none */
  constructor(
    readonly orderId: string,
    public after: number,
  ) {
    super();
  }

  notify(steps: readonly Step[]): void {
    for (const step of steps) {
      if (step.id <= this.after) continue;
      this.after = step.id;
      this.send({ id: step.id, event: step.state, data: step });
      if (isFinal(step.state)) this.finish();
    }
  }
}
