-- The whole answer to an Idempotency-Key is kept: `status` and `headers` beside `body`.
--
-- `route` is the scope of a key from now on: `place-order` alone for callers without a credential,
-- `place-order <digest of the credential>` for the others. So two callers never meet, and the
-- primary key stays as it is.
--
-- While replicas of the version before still run: their statements name neither column and rely on
-- the primary key (route, key) and on `order_id`, which stays for them. They know no credentials, so
-- their records have the bare route, and no status: by that a new replica knows them, gives their
-- answers again, and finds them for callers with a credential too, as long as the request is the
-- same. Only a request with a credential that a new replica has answered is unknown to an old one.
ALTER TABLE idempotency_records
  ADD COLUMN status  smallint CHECK (status BETWEEN 200 AND 499),
  -- json, not jsonb: in the order in which they were sent.
  ADD COLUMN headers json;
