import { execFileSync } from 'node:child_process';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from './kinds';

const timeoutMs = 30_000;
/** The first whose Kustomize has all that is used here. */
const minorMin = 27;

/** Why nothing can be rendered here, if it cannot. */
export function missingKubectl(): string | undefined {
  const wanted = `kubectl 1.${minorMin} or later is needed: https://kubernetes.io/docs/tasks/tools`;
  try {
    const { clientVersion } = JSON.parse(kubectl('version', '--client', '--output', 'json')) as {
      clientVersion: { minor: string; gitVersion: string };
    };
    const isNew = Number.parseInt(clientVersion.minor, 10) >= minorMin;
    return isNew ? undefined : `${wanted}; this is ${clientVersion.gitVersion}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return wanted;
    throw error;
  }
}

/** What `kubectl apply -k` would send. @throws what kubectl says, or that there is none */
export function rendered(folder: string): Manifest[] {
  const missing = missingKubectl();
  if (missing !== undefined) throw new Error(missing);
  const documents = parseAllDocuments(kubectl('kustomize', folder));
  return documents.map((document) => document.toJS() as Manifest);
}

function kubectl(...args: string[]): string {
  const options = { encoding: 'utf8', timeout: timeoutMs, maxBuffer: 2 ** 26 } as const;
  try {
    return execFileSync('kubectl', args, { ...options, stdio: 'pipe' });
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw stderr ? new Error(stderr.trim(), { cause: error }) : error;
  }
}
