-- A gateway may take a charge and tell later what came of it, or be away.
ALTER TABLE payment_attempts
  DROP CONSTRAINT payment_attempts_outcome_check,
  ADD CONSTRAINT payment_attempts_outcome_check CHECK (outcome IN (
    'approved', 'declined', 'pending', 'timed_out', 'unavailable', 'nothing_taken'
  ));
