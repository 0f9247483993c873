import { runService } from '@tradepost/service';
import { UsersModule } from './users.module';

void runService(UsersModule);
