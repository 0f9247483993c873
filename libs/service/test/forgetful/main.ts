import { runService } from '@tradepost/service';
import { ForgetfulModule } from './forgetful.module';

void runService(ForgetfulModule);
