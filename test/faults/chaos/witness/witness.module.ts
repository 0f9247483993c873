import { Module } from '@nestjs/common';
import { ServiceConfig, ServiceModule } from '@tradepost/service';
import { HeardStore } from './heard.store';
import { PaymentNewsFanout } from './payment-news.fanout';

@Module({
  imports: [ServiceModule.forRoot({ name: 'witness', config: ServiceConfig })],
  providers: [PaymentNewsFanout, HeardStore],
})
export class WitnessModule {}
