import { type Connection, Client, types } from 'pg';

/** As what the driver gives a column's values. */
export type Kind = 'string' | 'number' | 'boolean' | 'Date' | 'Buffer' | 'json' | 'object';

export interface Column {
  name: string;
  kind: Kind;
  isArray: boolean;
}

interface Field {
  name: string;
  dataTypeID: number;
}

const kinds: Record<string, Kind> = {
  ...{ int2: 'number', int4: 'number', int8: 'number', float4: 'number', float8: 'number' },
  ...{ oid: 'number', bool: 'boolean', bytea: 'Buffer', json: 'json', jsonb: 'json' },
  ...{ timestamptz: 'Date', timestamp: 'Date', date: 'Date', interval: 'object', point: 'object' },
  // Of a list Db leaves the parser as the driver has it.
  _int8: 'string',
};

const typeNames = 'SELECT oid, typname FROM pg_type';

/** Asks PostgreSQL what a statement's columns are, and runs it not. */
export class Columns {
  private constructor(
    private readonly client: Client,
    private readonly names: ReadonlyMap<number, string>,
  ) {}

  static async open(url: string): Promise<Columns> {
    const client = new Client(url);
    await client.connect();
    const { rows } = await client.query<{ oid: number; typname: string }>(typeNames);
    return new Columns(client, new Map(rows.map(({ oid, typname }) => [oid, typname])));
  }

  /** @returns undefined when it is no SQL that this database takes */
  async of(text: string): Promise<Column[] | undefined> {
    const fields = await new Promise<Field[] | undefined>((resolve) => {
      this.client.query(new Description(text, resolve));
    });
    return fields?.map(({ name, dataTypeID }) => ({ name, ...this.kindOf(dataTypeID) }));
  }

  async close(): Promise<void> {
    await this.client.end();
  }

  private kindOf(oid: number): Omit<Column, 'name'> {
    const name = this.names.get(oid) ?? '';
    const parse = types.getTypeParser(oid) as (text: string) => unknown;
    // A list of a type that the driver does not know comes as a text.
    const isArray = name.startsWith('_') && Array.isArray(parse('{}'));
    const kind = kinds[name] ?? (isArray ? kinds[name.slice(1)] : undefined) ?? 'string';
    return { kind, isArray };
  }
}

/** Parse and Describe of the extended protocol, as the driver takes what it is to send. */
class Description {
  private fields: Field[] = [];

  constructor(
    private readonly text: string,
    private readonly done: (fields?: Field[]) => void,
  ) {}

  submit(connection: Connection): void {
    connection.parse({ name: '', text: this.text, types: [] }, true);
    connection.describe({ type: 'S', name: '' }, true);
    connection.sync();
  }

  handleRowDescription({ fields }: { fields: Field[] }): void {
    this.fields = fields;
  }

  handleError(): void {
    // The driver forgets the query now: it does not tell it of the end.
    this.done();
  }

  handleReadyForQuery(): void {
    this.done(this.fields);
  }
}
