CREATE TABLE orders (
  id            uuid        PRIMARY KEY,
  customer_id   text        NOT NULL,
  -- Known once users has said who the customer is.
  customer_name text,
  currency      text        NOT NULL,
  -- Minor units of the currency.
  total         bigint      NOT NULL CHECK (total BETWEEN 0 AND 1000000000000),
  -- What was sold at which price, as quoted: written once, always read with its order.
  items         jsonb       NOT NULL CHECK (jsonb_typeof(items) = 'array'),
  payment_token text,
  status        text        NOT NULL CHECK (status IN (
    'pending', 'awaiting_payment', 'paid', 'completed',
    'rejected', 'payment_failed', 'cancel_pending', 'cancelled'
  )),
  -- The sale stands in the ledger.
  booked        boolean     NOT NULL DEFAULT false,
  -- What was paid for the order has been given back.
  refunded      boolean     NOT NULL DEFAULT false,
  -- Entries of its timeline; the row is locked while the next one is numbered.
  steps         smallint    NOT NULL DEFAULT 1,
  created_at    timestamptz NOT NULL,
  -- When the order last changed, or was last checked because it had not changed for too long, and
  -- how often it was checked since its last change.
  checked_at    timestamptz NOT NULL DEFAULT now(),
  checks        integer     NOT NULL DEFAULT 0
);

-- Ids are UUIDv7, so their order is the order of time: one key filters and pages.
CREATE INDEX orders_by_customer ON orders (customer_id, id);
-- Of the states beside a sale's way: on it every step would write here, and what is there is found
-- in orders_unfinished, or, being most of all orders, by id.
CREATE INDEX orders_by_status ON orders (status, id)
  WHERE status IN ('rejected', 'payment_failed', 'cancel_pending', 'cancelled');

-- Orders that have not come to an end are few, and alone in here.
CREATE INDEX orders_unfinished ON orders (checked_at)
  WHERE status IN ('pending', 'awaiting_payment', 'paid', 'cancel_pending');

CREATE TABLE order_timeline (
  order_id uuid        NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  -- 1 for the first state.
  step     smallint    NOT NULL,
  state    text        NOT NULL,
  at       timestamptz NOT NULL,
  cause    text        NOT NULL,
  PRIMARY KEY (order_id, step)
);
