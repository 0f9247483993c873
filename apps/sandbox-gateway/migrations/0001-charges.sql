-- The charges of the sandbox gateway, as a provider keeps them on its side. One row a payment id makes
-- it return the same result, and take the money once, however often it is asked.
CREATE TABLE sandbox_charges (
  payment_id   uuid PRIMARY KEY,
  currency     text NOT NULL,
  -- Minor units of the currency.
  amount       bigint NOT NULL,
  outcome      text NOT NULL CHECK (outcome IN ('approved', 'declined', 'pending')),
  -- Why it was declined.
  reason       text,
  -- How often the charge was asked for, and its refund; money moved once at most for either.
  calls        integer NOT NULL,
  refund_calls integer NOT NULL DEFAULT 0,
  created_at   timestamptz NOT NULL DEFAULT now(),
  refunded_at  timestamptz,
  -- What a pending charge becomes, and when.
  settles_as   text CHECK (settles_as IN ('approved', 'declined')),
  settles_at   timestamptz,
  CONSTRAINT sandbox_charges_pending_settles CHECK (
    (outcome = 'pending') = (settles_as IS NOT NULL)
    AND (outcome = 'pending') = (settles_at IS NOT NULL)
  )
);

CREATE INDEX sandbox_charges_pending ON sandbox_charges (settles_at) WHERE outcome = 'pending';

-- Every movement of money, one row each. Nothing here is unique on purpose: the row of the charge
-- keeps the money from moving twice, and this table shows it if that fails.
CREATE TABLE sandbox_movements (
  id         bigint GENERATED ALWAYS AS IDENTITY,
  payment_id uuid NOT NULL REFERENCES sandbox_charges,
  kind       text NOT NULL CHECK (kind IN ('capture', 'refund')),
  currency   text NOT NULL,
  -- Minor units of the currency.
  amount     bigint NOT NULL,
  moved_at   timestamptz NOT NULL DEFAULT now(),
  -- One index alone: movements are read by their payment.
  PRIMARY KEY (payment_id, id)
);

CREATE FUNCTION refuse_sandbox_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
END
$$;

CREATE TRIGGER sandbox_movements_append_only
  BEFORE UPDATE OR DELETE OR TRUNCATE ON sandbox_movements
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_sandbox_change();
