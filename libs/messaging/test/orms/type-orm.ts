import { TypeOrmDatabase } from '@tradepost/messaging/typeorm';
import { DataSource, EntitySchema, type EntityManager } from 'typeorm';
import type { TestOrm } from './orm';

const Effect = new EntitySchema<{ note: string }>({
  name: 'effects',
  columns: { note: { type: 'text', primary: true } },
});

export async function openTypeOrm(url: string): Promise<TestOrm<EntityManager>> {
  const dataSource = new DataSource({ type: 'postgres', url, entities: [Effect] });
  await dataSource.initialize();
  return {
    database: new TypeOrmDatabase(dataSource),
    own: async (work) => dataSource.transaction(work),
    insert: async (manager, note) => manager.insert(Effect, { note }),
    raw: async (manager, text) => manager.query(text),
    outside: dataSource.manager,
    close: async () => dataSource.destroy(),
  };
}
