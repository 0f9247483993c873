import { Controller, Headers, HttpCode, Post } from '@nestjs/common';
import { KeepRawBody, RawBody } from '@tradepost/service';
import { readCallback } from './gateway/gateway-callback';
import { GatewaySignature } from './gateway/gateway-signature';
import { ApplyGatewayResult } from './payment/apply-gateway-result';

/** The gateway reports here what became of pending charges. */
@Controller('v1/gateway-callbacks')
export class GatewayCallbacksController {
  constructor(
    private readonly signature: GatewaySignature,
    private readonly applyGatewayResult: ApplyGatewayResult,
  ) {}

  /** 204 for every copy of a callback that was applied; on any other status the gateway resends. */
  @Post()
  @HttpCode(204)
  @KeepRawBody()
  async receive(@RawBody() raw: string, @Headers() headers: Record<string, string>): Promise<void> {
    const id = this.signature.verify(raw, headers);
    await this.applyGatewayResult.run(id, readCallback(raw));
  }
}
