import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface DataFolder {
  folder: string;
  /** Removes a folder that was not asked to be kept. */
  discard(): Promise<void>;
}

/** The folder to keep, or one of its own in the system's folder for temporary files. */
export async function dataFolderFor(kind: string, kept: string | undefined): Promise<DataFolder> {
  if (kept === undefined) {
    const folder = await mkdtemp(join(tmpdir(), `tradepost-${kind}-`));
    return { folder, discard: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) };
  }
  const folder = join(kept, kind);
  await mkdir(folder, { recursive: true });
  return { folder, discard: async () => undefined };
}
