import { PrismaPg } from '@prisma/adapter-pg';
import { getPrismaClient } from '@prisma/client/runtime/client';
import { PrismaDatabase } from '@tradepost/messaging/prisma';
import model from './prisma-model.json';
import type { TestOrm } from './orm';

const schema = `
  datasource db {
    provider = "postgresql"
  }
  model Effect {
    note String @id
    @@map("effects")
  }`;

/** Of the client that `prisma generate` writes for the schema, what is used here. */
interface Client {
  effect: { create(query: { data: { note: string } }): Promise<unknown> };
  $queryRawUnsafe<T>(query: string, ...values: unknown[]): Promise<T>;
  $executeRawUnsafe(query: string): Promise<number>;
}

interface RootClient extends Client {
  $transaction<T>(work: (client: Client) => Promise<T>, limits?: object): Promise<T>;
  $disconnect(): Promise<void>;
}

// What its types leave out.
const compiler = '@prisma/client/runtime/query_compiler_fast_bg.postgresql';
const { wasm } = require(`${compiler}.wasm-base64.js`) as { wasm: string };
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: { Module: new (content: Buffer) => object };
};

// What such a client does when it is loaded. prisma-model.json is the part that is generated.
const PrismaClient = getPrismaClient({
  ...model,
  previewFeatures: [],
  clientVersion: 'tests',
  engineVersion: 'tests',
  activeProvider: 'postgresql',
  inlineSchema: schema,
  compilerWasm: {
    getRuntime: async (): Promise<unknown> => require(`${compiler}.js`),
    getQueryCompilerWasmModule: async () => new WebAssembly.Module(Buffer.from(wasm, 'base64')),
    importName: './query_compiler_fast_bg.js',
  },
} as never) as unknown as new (options: { adapter: PrismaPg }) => RootClient;

export async function openPrisma(connectionString: string): Promise<TestOrm<Client>> {
  const client = new PrismaClient({ adapter: new PrismaPg({ connectionString }) });
  return {
    database: new PrismaDatabase(client),
    own: async (work) => client.$transaction(work),
    insert: async (tx, note) => tx.effect.create({ data: { note } }),
    raw: async (tx, text) => tx.$executeRawUnsafe(text),
    outside: client,
    close: async () => client.$disconnect(),
  };
}
