import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const everyMs = 250;
const skipped = ['node_modules', join('console', 'page')];

/**
 * Tells which sources were written, added or removed. It looks, a few milliseconds each time: what
 * systems tell of files differs, and folders that a container shares tell nothing.
 */
export class SourceWatch {
  private stamps: Map<string, number>;
  private readonly timer: NodeJS.Timeout;

  /** @param folders relative to the repository, as the files are */
  constructor(
    private readonly folders: readonly string[],
    private readonly onChange: (files: string[]) => void,
  ) {
    this.stamps = this.scan();
    this.timer = setInterval(() => this.compare(), everyMs);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private compare(): void {
    const before = this.stamps;
    this.stamps = this.scan();
    const files = new Set([...before.keys(), ...this.stamps.keys()]);
    const changed = [...files].filter((file) => before.get(file) !== this.stamps.get(file));
    if (changed.length > 0) this.onChange(changed);
  }

  private scan(): Map<string, number> {
    const stamps = new Map<string, number>();
    for (const file of this.folders.flatMap(sourcesIn)) {
      const { mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? {};
      if (mtimeMs !== undefined) stamps.set(file, mtimeMs);
    }
    return stamps;
  }
}

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isFile()) return path.endsWith('.ts') ? [path] : [];
    return entry.isDirectory() && !skipped.some((one) => path.endsWith(one)) ? sourcesIn(path) : [];
  });
}
