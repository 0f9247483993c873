import { Controller, Get } from '@nestjs/common';
import type { OperationRecord } from './api/operations';
import { ReadOperations } from './operations/read-operations';

@Controller('api/operations')
export class OperationsController {
  constructor(private readonly operations: ReadOperations) {}

  @Get()
  async list(): Promise<{ items: OperationRecord[] }> {
    return { items: await this.operations.run() };
  }
}
