import { readdirSync, readFileSync } from 'node:fs';
import { root, writtenFiles, writtenFolders } from '../files';
import type { Manifest } from '../kinds';
import { missingKubectl, rendered } from '../rendered';
import { kustomized } from './kustomized';
import { hasKubectl, overlay, overlays } from './overlays';

// kubectl is run for each overlay, on a machine that may be busy.
jest.setTimeout(60_000);

describe('deploy/k8s', () => {
  it('is what the code says, where it is written by a command: npm run k8s -- write', async () => {
    const files = await writtenFiles();

    for (const { path, text } of files) expect(readFileSync(path, 'utf8')).toBe(text);
    const there = writtenFolders.flatMap((folder) =>
      readdirSync(folder).map((name) => `${folder}/${name}`),
    );
    const paths = files.map(({ path }) => path);
    expect(there.filter((path) => !paths.includes(path))).toEqual([]);
  });

  const seen = hasKubectl
    ? 'is rendered by kubectl to what our stand-in renders'
    : 'is rendered by no command without a word that kubectl is missing';
  it(seen, () => {
    if (!hasKubectl) {
      expect(() => rendered(`${root}/overlays/local`)).toThrow(missingKubectl());
      return;
    }
    for (const name of overlays) {
      expect(byName(kustomized(`${root}/overlays/${name}`))).toEqual(byName(overlay(name)));
    }
  });
});

function byName(manifests: Manifest[]): Record<string, Manifest> {
  return Object.fromEntries(
    manifests.map((one) => [`${one.apiVersion} ${one.kind} ${one.metadata?.name}`, one]),
  );
}
