-- The sandbox gateway's own books, as a real gateway keeps them on its side: one row a payment id is
-- what makes it answer the same thing, and take the money once, however often it is asked.
CREATE TABLE sandbox_charges (
  payment_id  uuid PRIMARY KEY,
  currency    text NOT NULL,
  -- Minor units of the currency.
  amount      bigint NOT NULL,
  outcome     text NOT NULL CHECK (outcome IN ('approved', 'declined')),
  -- How often it was asked for this charge; the money was taken once at most.
  calls       integer NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  refunded_at timestamptz
);
