/** The part of Fastify's reply that is used here and by controllers. */
export interface HttpReply {
  sent: boolean;
  status(code: number): unknown;
  header(name: string, value: string): unknown;
  headers(values: Record<string, string>): unknown;
  send(body: Buffer): unknown;
}
