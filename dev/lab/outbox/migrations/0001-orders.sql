CREATE TABLE orders (number integer PRIMARY KEY);
CREATE TABLE shipments (number integer NOT NULL);
