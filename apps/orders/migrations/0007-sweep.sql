-- When the order last changed, or was last looked at because it had not changed for too long, and
-- how often that was since its last change.
ALTER TABLE orders
  ADD COLUMN looked_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN looks     integer     NOT NULL DEFAULT 0;

-- Orders that have not come to an end are few, and alone in here.
CREATE INDEX orders_unfinished ON orders (looked_at)
  WHERE status IN ('pending', 'awaiting_payment', 'paid', 'cancel_pending');
