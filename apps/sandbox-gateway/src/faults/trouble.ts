import { Injectable } from '@nestjs/common';
import { Problem } from '@tradepost/service';
import { Chance } from './chance';
import { Patience } from './patience';
import { SandboxGatewayConfig } from '../sandbox-gateway.config';

/** What a provider's answers suffer from in life, at the configured rates. */
@Injectable()
export class Trouble {
  constructor(
    private readonly config: SandboxGatewayConfig,
    private readonly chance: Chance,
    private readonly patience: Patience,
  ) {}

  /** The answer of `work`; or its work is done and the answer is not given, or late. */
  async around<T>(work: () => Promise<T>): Promise<T> {
    const fails = this.chance.happens(this.config.ERROR_RATE);
    if (fails && this.chance.happens(0.5)) throw outOfOrder();
    const answer = await work();
    if (this.chance.happens(this.config.SLOW_RATE)) await this.patience.wait(this.config.SLOW_MS);
    if (fails) throw outOfOrder();
    return answer;
  }
}

function outOfOrder(): Problem {
  return new Problem({
    status: 503,
    type: 'gateway-trouble',
    title: 'Something went wrong here; nobody says how far the work has come',
  });
}
