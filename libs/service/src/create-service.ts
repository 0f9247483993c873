import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { LogEntries } from '@tradepost/contracts';
import { Messages } from '@tradepost/messaging';
import { authenticate } from './auth/authenticate';
import { createHttpAdapter } from './http/http-adapter';
import { ProblemFilter } from './http/problem.filter';
import { tellRequests } from './http/tell-requests';
import { timeRequests } from './metrics/http-metrics';
import { type Environment, readConfig } from './config/read-config';
import { RequestValidation } from './http/request-validation';
import type { ServerConfig } from './config/server-config';
import { ServiceConfig } from './config/service-config';
import { ServiceLogger } from './logging/service-logger';
import { bootContext, serviceOptionsOf } from './service.module';

/**
 * A service as it runs in production, except that it does not listen yet.
 * @throws BadConfig when a variable of the environment is wrong
 */
export async function createService(
  module: Type,
  env: Environment,
): Promise<NestFastifyApplication> {
  const { name, config, broker } = serviceOptionsOf(module);
  const values = readConfig(name, config, env);
  const logger = createLogger(name, values);
  const adapter = createHttpAdapter(values);
  authenticate(adapter, values);
  const app = await bootContext.run({ config: values, logger }, async () =>
    NestFactory.create<NestFastifyApplication>(module, adapter, {
      logger,
      bodyParser: false,
      abortOnError: false,
    }),
  );
  app.getHttpServer().maxConnections = values.HTTP_CONNECTIONS_MAX;
  if (values.CORS_ORIGINS !== undefined) app.enableCors(corsOf(values.CORS_ORIGINS));
  app.useGlobalPipes(new RequestValidation());
  app.useGlobalFilters(new ProblemFilter());
  timeRequests(app);
  if (broker === false) return app;
  tellRequests(app);
  const messages = app.get(Messages);
  logger.tellThrough((level, body) => messages.tell(LogEntries, `log.${level}`, body));
  return app;
}

function corsOf(origins: string) {
  const exposedHeaders = ['location', 'retry-after', 'traceresponse', 'idempotent-replayed'];
  const ofLimits = ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'];
  return {
    origin: origins.split(','),
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'last-event-id'],
    exposedHeaders: [...exposedHeaders, ...ofLimits],
    maxAge: 600,
  };
}

function createLogger(service: string, config: ServerConfig): ServiceLogger {
  return new ServiceLogger({
    service,
    level: config.LOG_LEVEL,
    format: config.LOG_FORMAT,
    coloured: !config.NO_COLOR,
    // Without a broker there is no topic.
    topicPerSecondMax: config instanceof ServiceConfig ? config.LOG_TOPIC_PER_SECOND_MAX : 0,
  });
}
