import { rightsOfParties, wiringsOfServices } from '@tradepost/messaging';
import { shop } from '../../ops/shop/messaging';
import type { Manifest } from './kinds';
import { appProblems, type SecretValues } from './rules/apps';
import { podProblems } from './rules/pods';
import { referenceProblems } from './rules/references';
import { serverProblems } from './rules/servers';
import { System } from './rules/system';
import { Schemas } from './schema';
import { overlays, secretsOf } from './secrets';

/** Judges what an overlay is rendered to. */
export class Judge {
  private readonly schemas = new Schemas();
  private secrets?: SecretValues;

  /**
   * @param isOurs whether there is nothing in it but what deploy/k8s has
   * @returns a sentence for each thing that is wrong, none when all is well
   */
  async problemsOf(manifests: readonly Manifest[], isOurs = true): Promise<string[]> {
    const system = new System(manifests);
    this.secrets ??= await secretValues();
    return [
      ...manifests.flatMap((one) => this.schemas.problemsOf(one, isOurs)),
      ...podProblems(system),
      ...(await appProblems(system, this.secrets)),
      ...referenceProblems(system, this.secrets),
      ...serverProblems(system),
    ];
  }
}

/** What the command `secrets` would make. */
async function secretValues(): Promise<SecretValues> {
  const parties = Object.keys(await rightsOfParties(shop, await wiringsOfServices(shop), 'strict'));
  const all = overlays.flatMap((overlay) => secretsOf(overlay, parties));
  return Object.fromEntries(
    all.map(({ metadata, stringData = {} }) => [metadata?.name ?? '', stringData]),
  );
}
