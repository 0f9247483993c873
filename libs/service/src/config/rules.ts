import { applyDecorators } from '@nestjs/common';
import { BadPostgresUrl, readPostgresUrl } from '@tradepost/database';
import { BadBrokerUrl, nodesOf, tlsOf } from '@tradepost/messaging';
import {
  IsInt,
  IsNumber,
  Matches,
  Max,
  Min,
  ValidateBy,
  type ValidationArguments,
} from 'class-validator';

/** A whole number from `min` to `max`. */
export const IsIntBetween = (min: number, max: number) =>
  applyDecorators(Max(max), Min(min), IsInt());

/** A share from 0 to 1. */
export const IsRate = () => applyDecorators(Max(1), Min(0), IsNumber());

/**
 * What a driver takes: the host is any name, with underscores too.
 * @param example what a message shows: `http://host:port`
 */
export const IsServerUrl = (protocols: string[], example: string) =>
  hasNoProblem('serverUrl', (text) => {
    const host = /^\w+:\/\/(?:[^/?#]*@)?([^/?#]+)/.exec(text)?.[1];
    if (host?.includes(',')) return 'must name one host';
    return problemOfUrl(text, protocols, example);
  });

/** Of one node, or of several of a cluster: `amqp://user:password@a:5672,b:5672`. */
export const IsBrokerUrl = () =>
  hasNoProblem('brokerUrl', (text) => {
    const example = 'amqp://user:password@host:port, several hosts with commas between';
    if (/\s/.test(text)) return `must be a URL: ${example}`;
    try {
      const urls = nodesOf(text).map(({ href }) => href);
      const problems = urls.map((url) => problemOfUrl(url, ['amqp', 'amqps'], example));
      return problems.find((problem) => problem !== undefined);
    } catch {
      return `must be a URL: ${example}`;
    }
  });

function problemOfUrl(text: string, protocols: string[], example: string): string | undefined {
  const host = /^\w+:\/\/(?:[^/?#]*@)?([^/?#]+)/.exec(text)?.[1];
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isGood = host && !/\s/.test(text) && protocols.includes(url?.protocol.slice(0, -1) ?? '');
  if (!isGood) return `must be a URL: ${example}`;
  return problemOfTls(text);
}

// What RabbitMQ's URLs may say of certificates; other URLs do not say it.
function problemOfTls(text: string): string | undefined {
  try {
    tlsOf(text);
    return undefined;
  } catch (error) {
    if (error instanceof BadBrokerUrl) return error.reason;
    throw error;
  }
}

/** Also a socket's: `postgres://role:password@/database?host=/folder`. */
export const IsPostgresUrl = () =>
  hasNoProblem('postgresUrl', (text) => {
    try {
      readPostgresUrl(text);
    } catch (error) {
      if (error instanceof BadPostgresUrl) return error.reason;
      throw error;
    }
  });

/** @param problemOf says what is wrong with a text */
function hasNoProblem(name: string, problemOf: (text: string) => string | undefined) {
  const problem = (value: unknown) => problemOf(typeof value === 'string' ? value : '');
  return ValidateBy({
    name,
    validator: {
      validate: (value: unknown) => problem(value) === undefined,
      defaultMessage: (args?: ValidationArguments) => problem(args?.value) ?? '',
    },
  });
}

/** A secret of Standard Webhooks, or two while one takes the place of the other. */
export const IsWebhookSecret = () =>
  Matches(/^whsec_[A-Za-z0-9+/]{32,86}={0,2}(\s+whsec_[A-Za-z0-9+/]{32,86}={0,2})?$/, {
    message: 'must be whsec_ and 24 to 64 bytes in base64',
  });
