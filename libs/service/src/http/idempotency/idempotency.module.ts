import { Module } from '@nestjs/common';
import { ForgetRecords } from './forget-records';
import { Idempotency } from './idempotency';
import { IdempotencyStore } from './idempotency.store';

/** For services with routes that are `@Idempotent()`; their database has the table of records. */
@Module({
  providers: [Idempotency, IdempotencyStore, ForgetRecords],
  exports: [Idempotency],
})
export class IdempotencyModule {}
