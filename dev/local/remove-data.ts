import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkoutName, dockerEngine, removeContainer } from './docker';
import { openDataFolder } from './embedded-binaries';
import { endPostgres } from './embedded-postgres';
import { endNode } from './rabbitmq-node';
import { forgetPath } from './steady-path';

/** Removes what earlier starts kept for this folder, in it and in Docker's volumes. */
export async function removeData(dataFolder: string): Promise<void> {
  for (const folder of [dataFolder, openDataFolder(dataFolder)]) {
    await endNode(join(folder, 'rabbitmq'));
    await forgetPath(join(folder, 'rabbitmq'));
    await endPostgres(join(folder, 'postgres'));
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  const engine = await dockerEngine().catch(() => undefined);
  if (engine === undefined) return;
  for (const name of ['rabbitmq', 'postgres'].map((kind) => checkoutName(kind, dataFolder))) {
    await removeContainer(engine, name);
    const volume = engine.client.container.dockerode.getVolume(name);
    await volume.remove().catch((error: { statusCode?: number }) => {
      if (error.statusCode !== 404) throw error;
    });
  }
}
