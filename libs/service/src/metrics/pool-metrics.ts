import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import type { Family } from './family';
import { Metrics } from './metrics';

const families = {
  connections: {
    name: 'db_client_connection_count',
    type: 'gauge',
    help: 'Connections of the pool',
  },
  max: {
    name: 'db_client_connection_max',
    type: 'gauge',
    help: 'Connections that the pool may have',
  },
  waiting: {
    name: 'db_client_connection_pending_requests',
    type: 'gauge',
    help: 'Statements and transactions that wait for a connection',
  },
} satisfies Record<string, Family>;

/** Of the service's pool of connections to PostgreSQL. */
@Injectable()
export class PoolMetrics {
  constructor(metrics: Metrics, db: Db) {
    metrics.own(Object.values(families), () => {
      const { max, used, idle, waiting } = db.connections;
      const inState = (state: string, value: number) => {
        return { labels: { db_client_connection_state: state }, value };
      };
      return [
        [families.connections, [inState('used', used), inState('idle', idle)]],
        [families.max, [{ value: max }]],
        [families.waiting, [{ value: waiting }]],
      ];
    });
  }
}
