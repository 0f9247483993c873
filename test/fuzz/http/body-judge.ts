import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { isStorableText, jsonOf } from '../values/json-judge';
import type { Api, Operation } from './operations';

/** Says by the documents alone whether a body is one that a route takes. */
export class BodyJudge {
  private readonly ajv = addFormats(new Ajv2020({ strict: false }));
  private readonly checks = new Map<string, ValidateFunction>();

  constructor(apis: readonly Api[]) {
    for (const { service, documented } of apis) this.ajv.addSchema(documented.document, service);
  }

  /** Of the body of a JSON request to a route that takes one. */
  isGood({ service, bodyAt = '' }: Operation, content: Buffer): boolean {
    const json = jsonOf(content);
    if (json === undefined || !isStorableText(json.value)) return false;
    const $ref = `${service}#/${bodyAt}`;
    let check = this.checks.get($ref);
    if (!check) this.checks.set($ref, (check = this.ajv.compile({ $ref })));
    return check(json.value);
  }
}
