import Ajv, { type ValidateFunction } from 'ajv';
import { join } from 'node:path';
import { createGenerator } from 'ts-json-schema-generator';
import type { Manifest } from './kinds';

/** Judges by the types of kinds.ts, in which a field that is not named is not there. */
export class Schemas {
  private readonly ajv = new Ajv({ allErrors: true, strict: false });
  private readonly validators = new Map<string, ValidateFunction>();
  private readonly kinds: Record<string, object>;

  constructor() {
    const schema = createGenerator({
      path: join(process.cwd(), 'dev/k8s/kinds.ts'),
      type: 'Kinds',
      expose: 'all',
      skipTypeCheck: true,
      additionalProperties: false,
    }).createSchema('Kinds');
    this.ajv.addSchema(schema, 'kinds');
    const { properties = {} } = schema.definitions?.Kinds as {
      properties?: Record<string, object>;
    };
    this.kinds = properties;
  }

  /** @param isOurs false: of operators' kinds it may have what we do not say, and other kinds */
  problemsOf(manifest: Manifest, isOurs: boolean): string[] {
    const isKubernetes = /^v1$|^\w+\/|\.k8s\.io\//.test(manifest.apiVersion);
    if (!isOurs && !(isKubernetes && manifest.kind in this.kinds)) return [];
    const name = `${manifest.kind} ${manifest.metadata?.name}`;
    if (!(manifest.kind in this.kinds)) return [`${name}: no kind that deploy/k8s has`];
    const validate = this.validatorOf(manifest.kind);
    if (validate(manifest)) return [];
    return (validate.errors ?? []).map(({ instancePath, message, params }) => {
      const what = (params as { additionalProperty?: string }).additionalProperty ?? '';
      return `${name}${instancePath} ${message} ${what}`.trim();
    });
  }

  private validatorOf(kind: string): ValidateFunction {
    const $ref = `kinds#/definitions/Kinds/properties/${kind}`;
    const validator = this.validators.get(kind) ?? this.ajv.compile({ $ref });
    this.validators.set(kind, validator);
    return validator;
  }
}
