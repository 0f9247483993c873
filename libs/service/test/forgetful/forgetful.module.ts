import { Module } from '@nestjs/common';
import { ServiceConfig, ServiceModule } from '@tradepost/service';
import { GreetWork } from './greet.work';

@Module({
  imports: [ServiceModule.forRoot({ name: 'forgetful', config: ServiceConfig })],
  providers: [GreetWork],
})
export class ForgetfulModule {}
