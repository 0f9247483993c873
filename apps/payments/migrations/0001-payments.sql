CREATE TABLE payments (
  id             uuid PRIMARY KEY,
  order_id       uuid NOT NULL UNIQUE,
  currency       text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  -- Minor units of the currency.
  amount         bigint NOT NULL CHECK (amount >= 0),
  payment_token  text,
  status         text NOT NULL CHECK (
    status IN ('pending', 'captured', 'declined', 'cancelled', 'refund_pending', 'refunded')
  ),
  decline_reason text,
  -- How many rows payment_attempts has for this payment: the next one's number is one more.
  attempts       integer NOT NULL DEFAULT 0,
  created_at     timestamptz NOT NULL DEFAULT now(),
  updated_at     timestamptz NOT NULL DEFAULT now()
);

-- What each call of the gateway came to, and which worker made it.
CREATE TABLE payment_attempts (
  payment_id uuid NOT NULL REFERENCES payments,
  number     integer NOT NULL,
  operation  text NOT NULL CHECK (operation IN ('charge', 'refund')),
  outcome    text NOT NULL CHECK (outcome IN ('approved', 'declined', 'timed_out', 'nothing_taken')),
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
