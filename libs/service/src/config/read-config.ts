import { withoutPassword } from '@tradepost/database';
import { getMetadataStorage, validateSync, type ValidationError } from 'class-validator';
import type { ServerConfig } from './server-config';

export type Environment = Readonly<Record<string, string | undefined>>;
export type ConfigClass<Config extends ServerConfig = ServerConfig> = new () => Config;

/** Names every wrong variable at once, so that one start shows all of them. */
export class BadConfig extends Error {
  constructor(
    readonly service: string,
    readonly variables: string[],
  ) {
    const count = variables.length === 1 ? '1 variable is' : `${variables.length} variables are`;
    super([`${service} cannot start: ${count} wrong`, ...variables].join('\n  '));
    this.name = 'BadConfig';
  }
}

/**
 * Reads a config class from the environment. An empty variable counts as not set.
 * @throws BadConfig naming every wrong variable, its value and its rule
 */
export function readConfig<Config extends ServerConfig>(
  service: string,
  configClass: ConfigClass<Config>,
  environment: Environment,
): Config {
  const config = new configClass();
  const values = config as Record<string, unknown>;
  for (const name of variableNames(configClass)) {
    const text = environment[name]?.trim();
    if (text) values[name] = parse(text, typeOf(configClass, name, values[name]));
  }
  const errors = validateSync(config);
  if (errors.length > 0) {
    throw new BadConfig(
      service,
      errors.map((error) => describe(error, environment[error.property])),
    );
  }
  return config;
}

function variableNames(configClass: ConfigClass): Set<string> {
  const rules = getMetadataStorage().getTargetValidationMetadatas(configClass, '', false, false);
  return new Set(rules.map((rule) => rule.propertyName));
}

function typeOf(configClass: ConfigClass, name: string, initial: unknown): string {
  if (initial !== undefined) return typeof initial;
  const prototype = configClass.prototype as object;
  const declared: unknown = Reflect.getMetadata('design:type', prototype, name);
  return typeof declared === 'function' ? declared.name.toLowerCase() : 'string';
}

// A text that cannot be parsed stays as it is, for the validator to refuse.
function parse(text: string, type: string): unknown {
  if (type === 'number') return Number.isNaN(Number(text)) ? text : Number(text);
  if (type === 'boolean') return { true: true, '1': true, false: false, '0': false }[text] ?? text;
  return text;
}

function describe({ property, constraints }: ValidationError, text?: string): string {
  const wanted = Object.values(constraints ?? {})
    .reverse()
    .map((rule) => rule.replace(`${property} `, ''))
    .join(', ');
  return text?.trim()
    ? `${property}=${JSON.stringify(withoutSecret(property, text))}: ${wanted}`
    : `${property} is not set: ${wanted}`;
}

function withoutSecret(name: string, text: string): string {
  if (/SECRET|PASSWORD|TOKEN|KEY/.test(name)) return '***';
  return withoutPassword(text);
}
