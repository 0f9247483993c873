-- Callbacks that are to be sent, a row each time one is: a duplicate is another row with the same
-- webhook_id. What was delivered is deleted; what was given up stays, with the last error.
CREATE TABLE sandbox_callbacks (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  webhook_id text NOT NULL,
  body       text NOT NULL,
  due_at     timestamptz NOT NULL,
  tries      integer NOT NULL DEFAULT 0,
  given_up   boolean NOT NULL DEFAULT false,
  last_error text,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX sandbox_callbacks_due ON sandbox_callbacks (due_at) WHERE NOT given_up;
