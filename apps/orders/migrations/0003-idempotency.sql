-- The answer that was given to an Idempotency-Key, to be given again. Only orders that were placed
-- have one: a refusal is rolled back with everything else.
CREATE TABLE idempotency_records (
  key         text        PRIMARY KEY CHECK (length(key) BETWEEN 1 AND 255),
  -- SHA-256 of the request's canonical JSON.
  fingerprint bytea       NOT NULL,
  order_id    uuid        NOT NULL,
  -- Text, not jsonb: the same bytes are answered again.
  body        text        NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX idempotency_records_by_age ON idempotency_records (created_at);
