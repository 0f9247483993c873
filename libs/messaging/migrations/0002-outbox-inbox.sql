-- Messages of committed transactions, until the broker has confirmed them.
CREATE TABLE outbox (
  id uuid PRIMARY KEY,
  -- Empty for the default one, which takes to the queue that the routing key names.
  exchange text NOT NULL,
  exchange_type text NOT NULL,
  routing_key text NOT NULL,
  type text NOT NULL,
  body text NOT NULL,
  -- Several messages, one a line.
  is_bundle boolean NOT NULL,
  correlation_id text NOT NULL,
  traceparent text,
  created_at timestamptz NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  -- No poll touches it sooner: until then the process that sent it publishes it from memory.
  not_before timestamptz NOT NULL,
  -- Of a message with a key, which is its routing key: those of one key go one after another, in
  -- this order. The clocks of replicas differ, so that ids have another one.
  position bigint
) WITH (
  -- Not compressed for the moment that it lives, as long as it fits on a page.
  toast_tuple_target = 8160,
  -- Rows live for milliseconds: without this their remains would pile up between vacuums.
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0,
  autovacuum_vacuum_insert_scale_factor = 0,
  -- Cut down to nothing when it happens to be empty, it would be planned as a table without pages:
  -- each poll and each delete would then read all of it, for as long as that plan is kept.
  vacuum_truncate = false
);

CREATE SEQUENCE outbox_position OWNED BY outbox.position;

-- Finds the first message of each key.
CREATE INDEX outbox_keys ON outbox (exchange, routing_key, position) WHERE position IS NOT NULL;

-- Messages whose effect is in this database, by the queue they were taken from.
CREATE TABLE inbox (
  queue text NOT NULL,
  message_id text COLLATE "C" NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (queue, message_id)
) PARTITION BY RANGE (message_id);

-- A partition's last pages say whether it has late marks; a tree would cost each mark as much as its
-- key does.
CREATE INDEX inbox_received_at ON inbox USING brin (received_at);

CREATE TABLE inbox_default PARTITION OF inbox DEFAULT;

SELECT partitions.make('inbox', 3);
