CREATE TABLE parcels (
  job integer NOT NULL
);
