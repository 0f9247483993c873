import type { Mode } from '@tradepost/messaging';
import {
  IsIn,
  IsOptional,
  Length,
  Matches,
  ValidateBy,
  type ValidationArguments,
} from 'class-validator';
import { IsBrokerUrl, IsIntBetween } from './rules';
import { ServerConfig } from './server-config';

const modes: readonly Mode[] = ['simple', 'strict'];

const NotWithTokens = () =>
  ValidateBy({
    name: 'notWithTokens',
    validator: {
      validate: (_: unknown, args?: ValidationArguments) =>
        (args?.object as ServerConfig).AUTH !== 'jwt',
      defaultMessage: () =>
        'must not be set with AUTH=jwt: a token with the scope ops does its work',
    },
  });

/** What every service reads from its environment; one with more variables extends this class. */
export class ServiceConfig extends ServerConfig {
  /** Of a cluster several nodes, with commas between: connections spread over them. */
  @IsBrokerUrl()
  AMQP_URL = 'amqp://guest:guest@127.0.0.1:5672';

  /** How the services use the broker: all in the same way. */
  @IsIn(modes)
  AMQP_MODE: Mode = 'simple';

  /** Nodes of a cluster that keep each queue; all services have the same. */
  @IsOptional()
  @IsIntBetween(1, 100)
  AMQP_QUEUE_REPLICAS?: number;

  /** Messages that one handler of one replica may hold unacknowledged. */
  @IsIntBetween(1, 10_000)
  PREFETCH = 32;

  /** A consumer without a delivery for so long is checked at the broker. */
  @IsIntBetween(500, 600_000)
  CONSUMER_CHECK_MS = 10_000;

  /** A handler that holds one message for longer makes the service unready. */
  @IsIntBetween(100, 86_400_000)
  MESSAGE_HELD_MAX_MS = 60_000;

  /**
   * Lines a second that go to the topic `logs`; the console gets all of them. More than a replica
   * says when it sells as fast as it can, and less than log-sink stores: a fault that logs in a
   * loop does not outrun it.
   */
  @IsIntBetween(0, 100_000)
  LOG_TOPIC_PER_SECOND_MAX = 5_000;

  /**
   * With AUTH=none: its bearer may read and move dead letters over HTTP; unset, the address does
   * not exist. With AUTH=jwt a token with the scope `ops` may.
   */
  @IsOptional()
  @NotWithTokens()
  @Length(16, 200)
  @Matches(/^\S+$/)
  OPS_TOKEN?: string;
}
