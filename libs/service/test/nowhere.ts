/** Broker and database of a service whose test needs neither. */
export const nowhere = {
  AMQP_URL: 'amqp://guest:guest@127.0.0.1:1',
  POSTGRES_URL: 'postgres://shop:pw@127.0.0.1:1/shop',
  LOG_LEVEL: 'critical',
};
