import { IsServerUrl, ServiceConfig } from '@tradepost/service';
import {
  IsBoolean,
  IsNotEmpty,
  IsOptional,
  IsString,
  ValidateBy,
  ValidateIf,
  type ValidationArguments,
} from 'class-validator';
import { readServices } from './upstream/read-services';

/** Rules that look at more than one variable say what is wrong with this one. */
const Rule = (name: string, problemOf: (config: ConsoleConfig) => string | undefined) => {
  const problem = (args?: ValidationArguments) => problemOf(args?.object as ConsoleConfig);
  return ValidateBy({
    name,
    validator: {
      validate: (_value: unknown, args) => problem(args) === undefined,
      defaultMessage: (args) => problem(args) ?? '',
    },
  });
};

/** A client has all three, or there is none; with AUTH=jwt no service takes anything else. */
const OfClient = () =>
  ValidateIf(
    ({ AUTH, AUTH_TOKEN_URL, AUTH_CLIENT_ID, AUTH_CLIENT_SECRET }: ConsoleConfig) =>
      AUTH === 'jwt' ||
      AUTH_TOKEN_URL !== undefined ||
      AUTH_CLIENT_ID !== undefined ||
      AUTH_CLIENT_SECRET !== undefined,
  );
const whole = {
  message: 'must be set: AUTH_TOKEN_URL, AUTH_CLIENT_ID and AUTH_CLIENT_SECRET go together',
};

export class ConsoleConfig extends ServiceConfig {
  override PORT = 3006;

  /** The console keeps nothing: it needs no database. */
  @IsOptional()
  declare POSTGRES_URL: string;

  /** `orders=http://orders:3000,users=http://users:3001,…`; one name may have several addresses. */
  @Rule('services', ({ SERVICES }) => readServices(SERVICES).problem)
  SERVICES = '';

  /** Where the console gets its tokens for services, and as whom: OAuth 2.0 client credentials. */
  @OfClient()
  @IsServerUrl(['http', 'https'], 'https://issuer/token')
  AUTH_TOKEN_URL?: string;

  @OfClient()
  @IsNotEmpty(whole)
  AUTH_CLIENT_ID?: string;

  @OfClient()
  @IsNotEmpty(whole)
  AUTH_CLIENT_SECRET?: string;

  /** The broker's management API: depths, rates, alarms, the topology. */
  @IsOptional()
  @IsServerUrl(['http', 'https'], 'http://user:password@host:15672')
  AMQP_MANAGEMENT_URL?: string;

  /** Nobody signs in, and nobody but this machine may ask: `npm start` sets it. */
  @IsBoolean()
  @Rule('closedOrOpen', ({ AUTH, CONSOLE_OPEN, OPS_TOKEN }) =>
    AUTH === 'jwt' || CONSOLE_OPEN || OPS_TOKEN
      ? undefined
      : 'must be true, or OPS_TOKEN must be set',
  )
  CONSOLE_OPEN = false;

  /** Where `npm start` takes drills, and its token. */
  @IsOptional()
  @IsServerUrl(['http'], 'http://127.0.0.1:port')
  DRILLS_URL?: string;

  @IsOptional()
  @IsString()
  DRILLS_TOKEN?: string;
}
