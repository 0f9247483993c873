-- URLs of merchants that subscribe to events of orders.
CREATE TABLE webhook_endpoints (
  id              uuid        PRIMARY KEY,
  url             text        NOT NULL CHECK (length(url) BETWEEN 1 AND 2048),
  events          text[]      NOT NULL CHECK (cardinality(events) > 0),
  -- As it is shown once. Signing needs the secret itself, not its hash.
  secret          text        NOT NULL,
  created_at      timestamptz NOT NULL,
  -- Set for good: from then on the endpoint receives nothing.
  disabled_at     timestamptz,
  disabled_reason text,
  CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL))
);

-- One event of an order for one endpoint. Without a reference to the endpoint: every state of an
-- order would lock its row, and deleting it would take as long as its history is. Ids are UUIDv7, so
-- their order is the order of time.
CREATE TABLE webhook_deliveries (
  id              uuid        PRIMARY KEY,
  endpoint_id     uuid        NOT NULL,
  order_id        uuid        NOT NULL,
  type            text        NOT NULL,
  -- Text, not jsonb: every try sends the same bytes.
  body            text        NOT NULL,
  status          text        NOT NULL DEFAULT 'pending'
                              CHECK (status IN ('pending', 'delivered', 'parked', 'dropped')),
  attempts        integer     NOT NULL DEFAULT 0,
  -- Of the last try: the HTTP status, or why there is none.
  last_status     integer,
  last_error      text,
  created_at      timestamptz NOT NULL,
  last_attempt_at timestamptz,
  delivered_at    timestamptz
) PARTITION BY RANGE (id);

CREATE TABLE webhook_deliveries_default PARTITION OF webhook_deliveries DEFAULT;

CREATE INDEX webhook_deliveries_by_endpoint ON webhook_deliveries (endpoint_id, id);
CREATE INDEX webhook_deliveries_by_status ON webhook_deliveries (endpoint_id, status, id);

SELECT partitions.make('webhook_deliveries', 3);
