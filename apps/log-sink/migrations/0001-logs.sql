CREATE TABLE log_entries (
  -- Of the message that brought the entry: its copy is the same entry.
  id text PRIMARY KEY,
  -- Breaks the tie of entries of one millisecond.
  seq bigint GENERATED ALWAYS AS IDENTITY,
  -- Milliseconds, as JavaScript has them: a cursor made of a finer time would lose entries.
  time timestamptz(3) NOT NULL,
  level text NOT NULL,
  service text NOT NULL,
  message text NOT NULL,
  context text,
  trace_id text,
  data jsonb
);

CREATE INDEX log_entries_time ON log_entries (time, seq);
CREATE INDEX log_entries_level ON log_entries (level, time, seq);
CREATE INDEX log_entries_service ON log_entries (service, time, seq);
CREATE INDEX log_entries_trace ON log_entries (trace_id, time, seq) WHERE trace_id IS NOT NULL;
-- The fields of a line, for any combination of them.
CREATE INDEX log_entries_data ON log_entries USING gin (data jsonb_path_ops);

-- One for each message and each queue that brought it.
CREATE TABLE alerts (
  id text NOT NULL,
  level text NOT NULL CHECK (level IN ('warning', 'critical')),
  seq bigint GENERATED ALWAYS AS IDENTITY,
  time timestamptz(3) NOT NULL,
  service text NOT NULL,
  message text NOT NULL,
  trace_id text,
  data jsonb,
  PRIMARY KEY (id, level)
);

CREATE INDEX alerts_time ON alerts (time, seq);
CREATE INDEX alerts_level ON alerts (level, time, seq);
