CREATE TABLE reservations (
  job integer PRIMARY KEY
);
