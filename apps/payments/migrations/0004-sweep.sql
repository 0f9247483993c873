-- A payment that is timed out: no answer to its charge counts any more, and what the gateway may
-- have taken is being given back.
ALTER TABLE payments
  DROP CONSTRAINT payments_status_check,
  ADD CONSTRAINT payments_status_check CHECK (status IN (
    'pending', 'captured', 'declined', 'cancelled', 'refund_pending', 'refunded', 'void_pending'
  )),
  -- When something happened to a payment that is not settled, or it was last looked into. Null: it
  -- is settled, and nothing is left to be done at the gateway.
  ADD COLUMN checked_at timestamptz;

UPDATE payments SET checked_at = now()
WHERE status IN ('pending', 'refund_pending')
  OR status = 'cancelled' AND NOT EXISTS (
    SELECT FROM payment_attempts WHERE payment_id = id AND operation = 'refund'
  );

-- Processes of the version before open payments without saying so.
ALTER TABLE payments ALTER COLUMN checked_at SET DEFAULT now();

CREATE INDEX payments_unsettled ON payments (checked_at) WHERE checked_at IS NOT NULL;
