-- Ids are texts: those of the first users are short numbers, later ones are UUIDs.
CREATE TABLE users (
  id text PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
  created_at timestamptz NOT NULL DEFAULT now()
);

-- One mailbox is one user, however it is spelled.
CREATE UNIQUE INDEX users_email ON users (lower(email));
