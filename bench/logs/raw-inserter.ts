import { Client } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { obey } from '../harness/obey';
import { factsOf, text } from './line';
import type { Command } from './protocol';

/** The ceiling: rows like those of the log sink, from memory into its table, in large batches. */

/** A row costs as little with 500 to 2,000, and more with 200. */
const batchSize = 1_000;

const insert = {
  name: 'raw-insert-entries',
  text: `INSERT INTO log_entries (
           id, time, level, service, message, context, trace_id, data, words)
         SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[],
                              $6::text[], $7::text[], $8::jsonb[], $9::tsvector[])`,
};

const client = new Client({ connectionString: process.env['POSTGRES_URL'] });
const ready = client.connect();

function rowOf(number: number): unknown[] {
  const trace = uuidv7().replaceAll('-', '');
  const facts = factsOf(number);
  const words = `${text} ${Object.values(facts).join(' ')}`.toLowerCase().match(/\w+/g)?.join(' ');
  const columns = [uuidv7(), new Date(), 'info', 'bench', text, 'AdvanceOrder', trace];
  return [...columns, JSON.stringify(facts), words];
}

async function write(count: number): Promise<void> {
  for (let from = 0; from < count; from += batchSize) {
    const size = Math.min(batchSize, count - from);
    const rows = Array.from({ length: size }, (_, i) => rowOf(from + i));
    const columns = Array.from({ length: 9 }, (_, column) => rows.map((row) => row[column]));
    await client.query({ ...insert, values: columns });
  }
}

obey<Command>(async (command) => {
  await ready;
  return command.do === 'write' ? write(command.count) : undefined;
});
