-- Ids are texts: those of the first users are short numbers, later ones are UUIDs.
CREATE TABLE users (
  id text PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL,
  -- One mailbox is one user, however it is spelled: the service writes all spellings alike here. A
  -- server's lower() knows the letters of its own locale alone.
  mailbox text NOT NULL CONSTRAINT users_mailbox UNIQUE,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
  created_at timestamptz NOT NULL DEFAULT now()
);
