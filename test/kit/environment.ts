export interface Environment {
  /** The broker, any virtual host. */
  amqpUrl: string;
  /** Its management API, with user and password: `http://guest:guest@127.0.0.1:15672`. */
  managementUrl: string;
  /** Where its Prometheus plugin answers, if it has one. */
  metricsUrl?: string;
  /** A role that may create databases and roles. */
  postgresUrl: string;
}

/** Where broker and database are, as `npm test` says. @throws what is missing */
export function environment(): Environment {
  const { AMQP_URL, AMQP_MANAGEMENT_URL, POSTGRES_URL } = process.env;
  if (AMQP_URL && AMQP_MANAGEMENT_URL && POSTGRES_URL) {
    return {
      amqpUrl: AMQP_URL,
      managementUrl: AMQP_MANAGEMENT_URL,
      metricsUrl: process.env.AMQP_METRICS_URL,
      postgresUrl: POSTGRES_URL,
    };
  }
  const names = ['AMQP_URL', 'AMQP_MANAGEMENT_URL', 'POSTGRES_URL'];
  const missing = names.filter((name) => !process.env[name]);
  throw new Error(
    `${missing.join(', ')} not set: these tests need a broker and a database. ` +
      'Run `npm test`, which finds or starts them; `npm test -- <pattern>` runs some.',
  );
}
