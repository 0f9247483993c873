import { Injectable } from '@nestjs/common';
import { ServiceLogger } from '../logging/service-logger';
import type { Family } from './family';
import { Metrics } from './metrics';

const dropped: Family = {
  name: 'log_lines_dropped_total',
  type: 'counter',
  help: 'Log lines that did not reach the topic logs',
};

@Injectable()
export class LogMetrics {
  constructor(metrics: Metrics, logger: ServiceLogger) {
    metrics.own([dropped], () => [[dropped, [{ value: logger.dropped }]]]);
  }
}
