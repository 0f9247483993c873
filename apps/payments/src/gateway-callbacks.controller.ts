import { Body, Controller, Headers, HttpCode, Logger, Post } from '@nestjs/common';
import { KeepRawBody, Open, RawBody } from '@tradepost/service';
import { GatewayCallback, readCallback } from './gateway/gateway-callback';
import { GatewaySignature } from './gateway/gateway-signature';
import { ApplyGatewayResult } from './payment/apply-gateway-result';

/** The gateway reports here what became of pending charges. */
@Controller('v1/gateway-callbacks')
@Open('the gateway signs what it sends', { limited: false })
export class GatewayCallbacksController {
  private readonly log = new Logger(GatewayCallbacksController.name);

  constructor(
    private readonly signature: GatewaySignature,
    private readonly applyGatewayResult: ApplyGatewayResult,
  ) {}

  /**
   * Take a callback of the payment gateway. 204 for every copy of one that was applied, and for one
   * about something else; on any other status the gateway resends.
   */
  @Post()
  @HttpCode(204)
  @KeepRawBody()
  async receive(
    @RawBody() raw: string,
    @Body() body: unknown,
    @Headers() headers: Record<string, string>,
  ): Promise<void> {
    const id = this.signature.verify(raw, headers);
    const callback = readCallback(body);
    if (callback instanceof GatewayCallback) await this.applyGatewayResult.run(id, callback);
    else this.log.log('callback about something else', { id, type: callback.type });
  }
}
