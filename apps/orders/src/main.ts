import { runService } from '@tradepost/service';
import { OrdersModule } from './orders.module';

void runService(OrdersModule);
