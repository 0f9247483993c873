import { Controller, Get } from '@nestjs/common';
import { Open } from '@tradepost/service';
import type { OperationRecord } from './api/operations';
import { ReadOperations } from './operations/read-operations';

@Controller('api/operations')
@Open('its guard wants a signed-in session')
export class OperationsController {
  constructor(private readonly operations: ReadOperations) {}

  @Get()
  async list(): Promise<{ items: OperationRecord[] }> {
    return { items: await this.operations.run() };
  }
}
