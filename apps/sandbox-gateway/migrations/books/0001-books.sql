-- The sandbox gateway's own books, as a real gateway keeps them on its side: one row a payment id is
-- what makes it answer the same thing, and take the money once, however often it is asked.
-- Payments had the first version of this table in its own folder; what is in it stays.
CREATE TABLE IF NOT EXISTS sandbox_charges (
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

ALTER TABLE sandbox_charges
  DROP CONSTRAINT sandbox_charges_outcome_check,
  ADD CONSTRAINT sandbox_charges_outcome_check
    CHECK (outcome IN ('approved', 'declined', 'pending')),
  -- Why it was declined.
  ADD COLUMN reason text,
  -- How often it was asked to give this charge back; the money went back once at most.
  ADD COLUMN refund_calls integer NOT NULL DEFAULT 0,
  -- What a pending charge becomes, and when.
  ADD COLUMN settles_as text CHECK (settles_as IN ('approved', 'declined')),
  ADD COLUMN settles_at timestamptz,
  ADD CONSTRAINT sandbox_charges_pending_settles CHECK (
    (outcome = 'pending') = (settles_as IS NOT NULL)
    AND (outcome = 'pending') = (settles_at IS NOT NULL)
  );

UPDATE sandbox_charges SET
  reason = CASE
    WHEN outcome = 'approved' THEN NULL
    WHEN refunded_at IS NULL THEN 'card_declined'
    ELSE 'voided'
  END,
  refund_calls = CASE WHEN refunded_at IS NULL THEN 0 ELSE 1 END;

CREATE INDEX sandbox_charges_pending ON sandbox_charges (settles_at) WHERE outcome = 'pending';

-- Every movement of money, one row each. Nothing here is unique on purpose: the row of the charge
-- keeps the money from moving twice, and this table is what would tell if it did.
CREATE TABLE sandbox_movements (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  payment_id uuid NOT NULL REFERENCES sandbox_charges,
  kind       text NOT NULL CHECK (kind IN ('capture', 'refund')),
  currency   text NOT NULL,
  -- Minor units of the currency.
  amount     bigint NOT NULL,
  moved_at   timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX sandbox_movements_by_payment ON sandbox_movements (payment_id, kind);

INSERT INTO sandbox_movements (payment_id, kind, currency, amount, moved_at)
SELECT payment_id, 'capture', currency, amount, created_at
FROM sandbox_charges WHERE outcome = 'approved'
UNION ALL
SELECT payment_id, 'refund', currency, amount, refunded_at
FROM sandbox_charges WHERE outcome = 'approved' AND refunded_at IS NOT NULL
ORDER BY 5;

CREATE FUNCTION refuse_sandbox_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
END
$$;

CREATE TRIGGER sandbox_movements_append_only
  BEFORE UPDATE OR DELETE OR TRUNCATE ON sandbox_movements
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_sandbox_change();
