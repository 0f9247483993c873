CREATE TABLE products (
  sku  text PRIMARY KEY CHECK (sku ~ '^[!-~]{1,64}$'),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200)
);

-- A product is sold in the currencies it has a price in, and in no other.
CREATE TABLE prices (
  sku        text   NOT NULL REFERENCES products (sku) ON DELETE CASCADE,
  currency   text   NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  -- Minor units of the currency: cents of USD, whole yen.
  unit_price bigint NOT NULL CHECK (unit_price BETWEEN 1 AND 1000000000000),
  PRIMARY KEY (sku, currency)
);
