import { IsServerUrl, ServiceConfig } from '@tradepost/service';
import {
  IsBoolean,
  IsOptional,
  IsString,
  ValidateBy,
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

export class ConsoleConfig extends ServiceConfig {
  override PORT = 3006;

  /** The console keeps nothing: it needs no database. */
  @IsOptional()
  declare POSTGRES_URL: string;

  /** `orders=http://orders:3000,users=http://users:3001,…`; one name may have several addresses. */
  @Rule('services', ({ SERVICES }) => readServices(SERVICES).problem)
  SERVICES = '';

  /** The broker's management API: depths, rates, alarms, the topology. */
  @IsOptional()
  @IsServerUrl(['http', 'https'], 'http://user:password@host:15672')
  AMQP_MANAGEMENT_URL?: string;

  /** Nobody signs in, and nobody but this machine may ask: `npm start` sets it. */
  @IsBoolean()
  @Rule('closedOrOpen', ({ CONSOLE_OPEN, OPS_TOKEN }) =>
    CONSOLE_OPEN || OPS_TOKEN ? undefined : 'must be true, or OPS_TOKEN must be set',
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
