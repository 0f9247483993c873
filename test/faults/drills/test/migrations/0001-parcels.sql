CREATE TABLE parcels (
  job integer NOT NULL
);

CREATE TABLE labels (job integer NOT NULL);
