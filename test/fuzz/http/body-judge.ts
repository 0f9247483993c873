import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { hasInheritedName, isDeep, isStorableText, jsonOf } from '../values/json-judge';
import type { Asked } from './case';
import type { Api, Operation } from './operations';

/** Says by the documents alone whether a body is one that a route takes. */
export class BodyJudge {
  private readonly ajv = addFormats(new Ajv2020({ strict: false }));
  private readonly checks = new Map<string, ValidateFunction>();

  constructor(apis: readonly Api[]) {
    for (const { service, documented } of apis) this.ajv.addSchema(documented.document, service);
  }

  /** What a JSON request with this body comes to, at a route that takes one. */
  verdict({ service, bodyAt = '' }: Operation, content: Buffer): Asked['expects'] {
    const json = jsonOf(content);
    if (json === undefined || !isStorableText(json.value)) return 'refused';
    const $ref = `${service}#/${bodyAt}`;
    let check = this.checks.get($ref);
    if (!check) this.checks.set($ref, (check = this.ajv.compile({ $ref })));
    if (!check(json.value) || hasInheritedName(json.value)) return 'refused';
    // How deep an object of any fields may be no schema says.
    return isDeep(json.value) ? 'any' : 'taken';
  }
}
