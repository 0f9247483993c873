import { runService } from '@tradepost/service';
import { UsersConfig } from './users.config';
import { UsersModule } from './users.module';

void runService(UsersModule, { name: 'users', config: UsersConfig });
