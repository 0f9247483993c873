CREATE TABLE heard (
  payment_id uuid        NOT NULL,
  event      text        NOT NULL,
  times      integer     NOT NULL,
  heard_at   timestamptz NOT NULL DEFAULT now(),
  -- Deliveries that the inbox knew already.
  copies     integer     NOT NULL DEFAULT 0,
  PRIMARY KEY (payment_id, event)
);
