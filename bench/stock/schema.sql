CREATE TABLE users (id text PRIMARY KEY, name text NOT NULL);

INSERT INTO users (id, name) SELECT n::text, 'Customer ' || n FROM generate_series(1, 24) AS n;

CREATE TABLE orders (
  id            uuid        PRIMARY KEY,
  customer_id   text        NOT NULL,
  customer_name text        NOT NULL,
  currency      text        NOT NULL,
  total         bigint      NOT NULL,
  items         jsonb       NOT NULL,
  status        text        NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  paid_at       timestamptz
);

CREATE INDEX orders_by_customer ON orders (customer_id, created_at);

CREATE TABLE ledger (
  id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id   uuid        NOT NULL,
  account    text        NOT NULL,
  amount     bigint      NOT NULL,
  booked_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE payments (
  id         uuid        PRIMARY KEY,
  order_id   uuid        NOT NULL,
  amount     bigint      NOT NULL,
  status     text        NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
