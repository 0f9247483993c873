import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { readFileSync } from 'node:fs';
import type { Schema } from '../../../dev/contracts/schema';
import { hasInheritedName, isDeep, isStorableText, jsonOf } from '../values/json-judge';
import type { Inlet } from './inlets';

/** `either`: the document does not say. */
export type Verdict = 'good' | 'bad' | 'either';

interface AsyncApi {
  components: { schemas: Record<string, Schema> };
}

/** Says by docs/asyncapi.json alone whether a body is one that a handler takes. */
export class MessageJudge {
  readonly schemas: Record<string, Schema>;
  private readonly ajv = addFormats(new Ajv2020({ strict: false }));
  private readonly checks = new Map<string, ValidateFunction>();

  constructor(file: string) {
    const { components } = JSON.parse(readFileSync(file, 'utf8')) as AsyncApi;
    this.schemas = components.schemas;
    this.ajv.addSchema({ components }, 'asyncapi');
  }

  ofContent(inlet: Inlet, content: Buffer): Verdict {
    const json = jsonOf(content);
    return json === undefined ? 'bad' : this.ofBody(inlet, json.value);
  }

  ofBody({ contract, anyText }: Inlet, body: unknown): Verdict {
    const at = `asyncapi#/components/schemas/${contract}`;
    let check = this.checks.get(at);
    if (!check) this.checks.set(at, (check = this.ajv.compile({ $ref: at })));
    if (!check(body) || hasInheritedName(body)) return 'bad';
    if (isDeep(body)) return 'either';
    const known = this.withoutUnknown(body, { $ref: `#/${contract}` });
    return anyText || isStorableText(known) ? 'good' : 'bad';
  }

  /** What a reader keeps: fields that the contract does not have are dropped. */
  private withoutUnknown(value: unknown, schema: Schema): unknown {
    const { $ref, anyOf, allOf, items } = schema;
    const inner = $ref === undefined ? (allOf?.[0] ?? anyOf?.[0]) : this.named($ref);
    if (inner) return this.withoutUnknown(value, inner);
    if (Array.isArray(value)) {
      return value.map((one) => (items ? this.withoutUnknown(one, items) : (one as unknown)));
    }
    if (typeof value !== 'object' || value === null || !schema.properties) return value;
    const { properties } = schema;
    const known = Object.entries(value).filter(([name]) => Object.hasOwn(properties, name));
    return Object.fromEntries(
      known.map(([name, part]) => [name, this.withoutUnknown(part, properties[name] ?? {})]),
    );
  }

  private named(ref: string): Schema {
    return this.schemas[ref.slice(ref.lastIndexOf('/') + 1)] ?? {};
  }
}
