import { Controller, Module } from '@nestjs/common';
import { Ctx, EventPattern, Payload, RmqContext } from '@nestjs/microservices';
import { Pool } from 'pg';
import { acknowledge, type Sale } from './platform';

@Controller()
class FinancialController {
  constructor(private readonly pool: Pool) {}

  @EventPattern('sale')
  async book(@Payload() sale: Sale, @Ctx() context: RmqContext): Promise<void> {
    const client = await this.pool.connect();
    try {
      await client.query('BEGIN');
      const insert = 'INSERT INTO ledger (order_id, account, amount) VALUES ($1, $2, $3)';
      await client.query(insert, [sale.orderId, 'receivable', sale.total]);
      await client.query(insert, [sale.orderId, 'revenue', -sale.total]);
      await client.query('COMMIT');
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    } finally {
      client.release();
    }
    acknowledge(context);
  }
}

@Module({ controllers: [FinancialController] })
export class FinancialModule {}
