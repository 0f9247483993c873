/**
 * A JSON Schema. Only words that mean the same in draft 07 and in 2020-12 are used: AsyncAPI's own
 * format is a superset of the one, OpenAPI 3.1's is the other.
 */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  enum?: unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  maxProperties?: number;
  anyOf?: Schema[];
  allOf?: Schema[];
  propertyNames?: Schema;
  examples?: unknown[];
}
