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

-- Every price is a multiple of 10 minor units but the TEST-* ones: the sandbox payment gateway
-- decides by the last two digits of an amount, so no ordinary order can end in 02, 03 or 04.
INSERT INTO products (sku, name) VALUES
  ('MUG-BLUE',        'Stoneware mug, blue'),
  ('MUG-WHITE',       'Stoneware mug, white'),
  ('TEAPOT-IRON',     'Cast-iron teapot'),
  ('TEA-SENCHA',      'Sencha green tea, 100 g'),
  ('TEA-ASSAM',       'Assam black tea, 250 g'),
  ('COFFEE-YIRG',     'Yirgacheffe coffee beans, 1 kg'),
  ('COFFEE-HOUSE',    'House blend coffee beans, 1 kg'),
  ('GRINDER-HAND',    'Hand coffee grinder'),
  ('KETTLE-GOOSE',    'Gooseneck kettle'),
  ('SCALE-KITCHEN',   'Kitchen scale'),
  ('NOTEBOOK-A5',     'Notebook, A5, dotted'),
  ('PEN-FOUNTAIN',    'Fountain pen, medium nib'),
  ('LAMP-DESK',       'Desk lamp'),
  ('CHAIR-OAK',       'Oak chair'),
  ('BACKPACK-CANVAS', 'Canvas backpack'),
  ('TEST-DECLINE',      'Sandbox: the payment is declined'),
  ('TEST-TIMEOUT-ONCE', 'Sandbox: the payment times out once, then is approved'),
  ('TEST-TIMEOUT',      'Sandbox: the payment always times out');

INSERT INTO prices (sku, currency, unit_price) VALUES
  ('MUG-BLUE',        'USD',   1250), ('MUG-BLUE',      'EUR',  1190), ('MUG-BLUE',     'JPY', 1800),
  ('MUG-WHITE',       'USD',   1150), ('MUG-WHITE',     'EUR',  1090),
  ('TEAPOT-IRON',     'USD',   6900), ('TEAPOT-IRON',   'JPY',  9800),
  ('TEA-SENCHA',      'USD',   1490), ('TEA-SENCHA',    'JPY',  1620), ('TEA-SENCHA',   'KWD', 4500),
  ('TEA-ASSAM',       'USD',    990), ('TEA-ASSAM',     'EUR',   950),
  ('COFFEE-YIRG',     'USD',   2990), ('COFFEE-YIRG',   'EUR',  2790), ('COFFEE-YIRG',  'JPY', 4200),
  ('COFFEE-HOUSE',    'USD',   1890), ('COFFEE-HOUSE',  'EUR',  1790),
  ('GRINDER-HAND',    'USD',   4990), ('GRINDER-HAND',  'EUR',  4690), ('GRINDER-HAND', 'JPY', 7200),
  ('KETTLE-GOOSE',    'USD',   5490), ('KETTLE-GOOSE',  'EUR',  4990),
  ('SCALE-KITCHEN',   'USD',   3490), ('SCALE-KITCHEN', 'EUR',  3290),
  ('NOTEBOOK-A5',     'USD',    790), ('NOTEBOOK-A5',   'EUR',   750), ('NOTEBOOK-A5',  'JPY', 980),
  ('PEN-FOUNTAIN',    'USD',   2450), ('PEN-FOUNTAIN',  'JPY',  3300),
  ('LAMP-DESK',       'EUR',   7990),
  ('CHAIR-OAK',       'EUR',  18900),
  ('BACKPACK-CANVAS', 'JPY',  12800),
  ('TEST-DECLINE',      'USD', 1002),
  ('TEST-TIMEOUT-ONCE', 'USD', 1003),
  ('TEST-TIMEOUT',      'USD', 1004);
