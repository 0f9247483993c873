-- Messages of handlers that take those of a key one after another: one that failed, until its next
-- try, and those of its key behind it.
CREATE TABLE held_messages (
  position bigint GENERATED ALWAYS AS IDENTITY,
  queue text NOT NULL,
  key text NOT NULL,
  message_id text NOT NULL,
  -- As bytes of AMQP.
  properties bytea NOT NULL,
  content bytea NOT NULL,
  -- Since when it waits, however often it has been tried.
  held_at timestamptz NOT NULL DEFAULT now(),
  -- Changed with each try: who has begun one finds out that another has finished it.
  version integer NOT NULL DEFAULT 0,
  not_before timestamptz NOT NULL,
  -- Its dead letter is an operator's to decide about; until then its key stands still.
  is_stopped boolean NOT NULL DEFAULT false,
  PRIMARY KEY (queue, message_id)
);

CREATE INDEX held_messages_line ON held_messages (queue, key, position);
CREATE INDEX held_messages_stopped ON held_messages (queue, key) WHERE is_stopped;

-- Who takes from the partitions of a queue: each its share of them.
CREATE TABLE partition_replicas (
  queue text NOT NULL,
  replica uuid NOT NULL,
  seen_at timestamptz NOT NULL,
  PRIMARY KEY (queue, replica)
);
