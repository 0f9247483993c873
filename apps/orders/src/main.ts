import { runService } from '@tradepost/service';
import { OrdersConfig } from './orders.config';
import { OrdersModule } from './orders.module';

void runService(OrdersModule, { name: 'orders', config: OrdersConfig });
