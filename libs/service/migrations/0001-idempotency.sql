-- The answer to a POST with an Idempotency-Key, for its replays. A refused request has no record: it
-- is rolled back with everything else.
CREATE TABLE idempotency_records (
  -- The route, and the digest of the caller's credential if there is one.
  scope       text        NOT NULL,
  key         text        NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  -- SHA-256 of the request's canonical JSON.
  fingerprint bytea       NOT NULL,
  -- Text, not jsonb: the same bytes are answered again.
  body        text        NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now()
) PARTITION BY RANGE (created_at);

CREATE TABLE idempotency_records_default PARTITION OF idempotency_records DEFAULT;

-- Not unique, which it could be within a day alone: who writes a record holds the lock of its key
-- and has looked for an earlier one under it.
CREATE INDEX idempotency_records_by_key ON idempotency_records (scope, key);

SELECT partitions.make('idempotency_records', 3);
