import { Module } from '@nestjs/common';
import { ForgetRecords } from './forget-records';
import { Idempotency } from './idempotency';
import { IdempotencyStore } from './idempotency.store';

/** For services with `@Idempotent()` routes: their databases need libs/service/migrations too. */
@Module({
  providers: [Idempotency, IdempotencyStore, ForgetRecords],
  exports: [Idempotency],
})
export class IdempotencyModule {}
