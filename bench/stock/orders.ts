import {
  Body,
  Controller,
  Inject,
  Module,
  NotFoundException,
  Post,
  ValidationPipe,
} from '@nestjs/common';
import { ClientProxy, Ctx, EventPattern, Payload, RmqContext } from '@nestjs/microservices';
import { Type } from 'class-transformer';
import {
  ArrayMinSize,
  IsInt,
  IsISO4217CurrencyCode,
  IsString,
  Min,
  ValidateNested,
} from 'class-validator';
import { randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import { lastValueFrom } from 'rxjs';
import { acknowledge, clientsOf, type Sale } from './platform';

class Item {
  @IsString()
  sku!: string;

  @IsInt()
  @Min(1)
  quantity!: number;

  @IsInt()
  @Min(0)
  unitPrice!: number;
}

class NewOrder {
  @IsString()
  customerId!: string;

  @IsISO4217CurrencyCode()
  currency!: string;

  @ValidateNested({ each: true })
  @Type(() => Item)
  @ArrayMinSize(1)
  items!: Item[];
}

@Controller()
class OrdersController {
  constructor(
    private readonly pool: Pool,
    @Inject('users') private readonly users: ClientProxy,
    @Inject('financial') private readonly financial: ClientProxy,
    @Inject('payments') private readonly payments: ClientProxy,
  ) {}

  @Post('orders')
  async place(@Body(new ValidationPipe({ whitelist: true, transform: true })) order: NewOrder) {
    const { customerId, currency, items } = order;
    const customer = await lastValueFrom(
      this.users.send<Sale['customer'] | null>('users.get', { id: customerId }),
    );
    if (!customer) throw new NotFoundException(`no customer ${customerId}`);
    const id = randomUUID();
    const total = items.reduce((sum, item) => sum + item.quantity * item.unitPrice, 0);
    await this.pool.query(
      `INSERT INTO orders (id, customer_id, customer_name, currency, total, items, status)
       VALUES ($1, $2, $3, $4, $5, $6, 'placed')`,
      [id, customer.id, customer.name, currency, total, JSON.stringify(items)],
    );
    const sale: Sale = { orderId: id, customer, currency, total };
    await Promise.all([
      lastValueFrom(this.financial.emit('sale', sale), { defaultValue: undefined }),
      lastValueFrom(this.payments.emit('sale', sale), { defaultValue: undefined }),
    ]);
    return { id, status: 'placed', total };
  }

  @EventPattern('payment.captured')
  async captured(
    @Payload() { orderId }: { orderId: string },
    @Ctx() context: RmqContext,
  ): Promise<void> {
    await this.pool.query(`UPDATE orders SET status = 'paid', paid_at = now() WHERE id = $1`, [
      orderId,
    ]);
    acknowledge(context);
  }
}

@Module({
  imports: [clientsOf('users', 'financial', 'payments')],
  controllers: [OrdersController],
})
export class OrdersModule {}
