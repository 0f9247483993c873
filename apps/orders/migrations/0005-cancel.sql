-- What was paid for the order has been given back.
ALTER TABLE orders ADD COLUMN refunded boolean NOT NULL DEFAULT false;

-- An Idempotency-Key is good for one route: a client may use the same for placing and cancelling.
ALTER TABLE idempotency_records ADD COLUMN route text NOT NULL DEFAULT 'place-order';
ALTER TABLE idempotency_records ALTER COLUMN route DROP DEFAULT;
ALTER TABLE idempotency_records DROP CONSTRAINT idempotency_records_pkey;
ALTER TABLE idempotency_records ADD PRIMARY KEY (route, key);
