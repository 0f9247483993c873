CREATE TABLE heard (
  payment_id uuid    NOT NULL,
  event      text    NOT NULL,
  times      integer NOT NULL,
  PRIMARY KEY (payment_id, event)
);
