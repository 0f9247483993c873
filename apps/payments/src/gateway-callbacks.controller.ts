import { Controller, Headers, HttpCode, Post } from '@nestjs/common';
import { KeepRawBody, RawBody } from '@tradepost/service';
import { readCallback } from './gateway/gateway-callback';
import { GatewaySignature } from './gateway/gateway-signature';
import { HearGateway } from './payment/hear-gateway';

/** Where the gateway tells what became of charges that were pending. */
@Controller('v1/gateway-callbacks')
export class GatewayCallbacksController {
  constructor(
    private readonly signature: GatewaySignature,
    private readonly hearGateway: HearGateway,
  ) {}

  /** 204 once it is taken, for every copy; anything else, and the gateway sends it again. */
  @Post()
  @HttpCode(204)
  @KeepRawBody()
  async hear(@RawBody() raw: string, @Headers() headers: Record<string, string>): Promise<void> {
    const id = this.signature.verify(raw, headers);
    await this.hearGateway.run(id, readCallback(raw));
  }
}
