CREATE TABLE payments (
  id             uuid PRIMARY KEY,
  order_id       uuid NOT NULL UNIQUE,
  currency       text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  -- Minor units of the currency.
  amount         bigint NOT NULL CHECK (amount >= 0),
  payment_token  text,
  -- void_pending: timed out. No outcome of its charge counts any more, and what the gateway may have
  -- taken is being given back.
  status         text NOT NULL CHECK (status IN (
    'pending', 'captured', 'declined', 'cancelled', 'refund_pending', 'refunded', 'void_pending'
  )),
  decline_reason text,
  -- How many rows payment_attempts has for this payment: the next one's number is one more.
  attempts       integer NOT NULL DEFAULT 0,
  created_at     timestamptz NOT NULL DEFAULT now(),
  updated_at     timestamptz NOT NULL DEFAULT now(),
  -- When an unsettled payment last changed or was last checked. Null: it is settled, and nothing is
  -- left to be done at the gateway.
  checked_at     timestamptz,
  CHECK (checked_at IS NULL OR status NOT IN ('captured', 'declined', 'refunded'))
);

CREATE INDEX payments_unsettled ON payments (checked_at) WHERE checked_at IS NOT NULL;

-- The outcome of each call to the gateway, and which worker made it.
CREATE TABLE payment_attempts (
  payment_id uuid NOT NULL REFERENCES payments,
  number     integer NOT NULL,
  operation  text NOT NULL CHECK (operation IN ('charge', 'refund')),
  outcome    text NOT NULL CHECK (outcome IN (
    'approved', 'declined', 'pending', 'timed_out', 'unavailable', 'nothing_taken'
  )),
  worker     text NOT NULL,
  at         timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (payment_id, number)
);

-- Orders that were cancelled: a payment that would be opened later is opened cancelled.
CREATE TABLE cancelled_orders (
  order_id     uuid PRIMARY KEY,
  reason       text NOT NULL,
  cancelled_at timestamptz NOT NULL DEFAULT now()
);
