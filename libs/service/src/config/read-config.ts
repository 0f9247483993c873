import { withoutPassword } from '@tradepost/database';
import { getMetadataStorage, validateSync, type ValidationError } from 'class-validator';
import type { ServerConfig } from './server-config';
import { BadVariable, type Environment, readValue, readVariable, type Variable } from './variable';

export type { Environment };
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

/** The files that the values of a config came from, by variable. */
const filesOf = new WeakMap<object, ReadonlyMap<string, string>>();

/**
 * Reads a config class from the environment. An empty variable counts as not set; `X_FILE` names a
 * file that holds the value of `X`.
 * @throws BadConfig naming every wrong variable, its value and its rule
 */
export function readConfig<Config extends ServerConfig>(
  service: string,
  configClass: ConfigClass<Config>,
  environment: Environment,
): Config {
  const config = new configClass();
  const values = config as Record<string, unknown>;
  const files = new Map<string, string>();
  const unreadable = new Map<string, string>();
  const given = new Map<string, Variable>();
  for (const name of variableNames(configClass)) {
    try {
      const variable = readVariable(environment, name);
      given.set(name, variable);
      if (variable.file) files.set(name, variable.file);
      const type = typeOf(configClass, name, values[name]);
      if (variable.text) values[name] = parse(variable.text, type);
    } catch (error) {
      if (!(error instanceof BadVariable)) throw error;
      unreadable.set(name, error.message);
    }
  }
  const wrong = validateSync(config)
    .filter(({ property }) => !unreadable.has(property))
    .map((error) => describe(error, given.get(error.property)));
  const problems = [...unreadable.values(), ...wrong];
  if (problems.length > 0) throw new BadConfig(service, problems);
  filesOf.set(config, files);
  return config;
}

/**
 * The variable as it is now, for each new connection: its file is read again.
 * @throws BadVariable when the file is not there any more
 */
export function current<Config extends object>(
  config: Config,
  name: keyof Config & string,
): () => string {
  const file = filesOf.get(config)?.get(name);
  return () => (file === undefined ? String(config[name]) : readValue(name, file));
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

function describe({ property, constraints }: ValidationError, given?: Variable): string {
  const wanted = Object.values(constraints ?? {})
    .reverse()
    .map((rule) => rule.replace(`${property} `, ''))
    .join(', ');
  const { text, file } = given ?? {};
  if (file) return `${property}_FILE=${JSON.stringify(file)}: what it holds ${wanted}`;
  return text
    ? `${property}=${JSON.stringify(withoutSecret(property, text))}: ${wanted}`
    : `${property} is not set: ${wanted}`;
}

function withoutSecret(name: string, text: string): string {
  if (/SECRET|PASSWORD|TOKEN|KEY/.test(name)) return '***';
  return withoutPassword(text);
}
