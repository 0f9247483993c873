import { ServiceConfig } from '@tradepost/service';

export class UsersConfig extends ServiceConfig {
  override PORT = 3001;
}
