import { type SeenSpan, spanKinds } from './seen-span';

/** Of a protobuf message: the values of each field, by its number, in their order. */
type Fields = Map<number, (Buffer | bigint)[]>;

/** The spans of an OTLP request, in protobuf: opentelemetry/proto/trace/v1/trace.proto. */
export function spansOf(request: Buffer): SeenSpan[] {
  return messagesAt(fieldsOf(request), 1).flatMap((resourceSpans) => {
    const [resource = new Map() as Fields] = messagesAt(resourceSpans, 1);
    const service = String(attributesOf(resource, 1)['service.name']);
    const scopes = messagesAt(resourceSpans, 2);
    return scopes.flatMap((scope) => messagesAt(scope, 2).map((span) => seen(span, service)));
  });
}

function seen(span: Fields, service: string): SeenSpan {
  const [status] = messagesAt(span, 15);
  const isError = status !== undefined && numberAt(status, 3) === 2n;
  return {
    service,
    traceId: bytesAt(span, 1).toString('hex'),
    spanId: bytesAt(span, 2).toString('hex'),
    parentId: bytesAt(span, 4).toString('hex') || undefined,
    name: bytesAt(span, 5).toString(),
    kind: spanKinds[Number(numberAt(span, 6)) - 1] ?? 'internal',
    startedAt: numberAt(span, 7),
    endedAt: numberAt(span, 8),
    attributes: attributesOf(span, 9),
    links: messagesAt(span, 13).map((link) => ({
      traceId: bytesAt(link, 1).toString('hex'),
      spanId: bytesAt(link, 2).toString('hex'),
      attributes: attributesOf(link, 4),
    })),
    error: isError ? bytesAt(status, 2).toString() : undefined,
  };
}

function attributesOf(fields: Fields, number: number): Record<string, unknown> {
  const entries = messagesAt(fields, number).map((pair) => {
    const [value = new Map() as Fields] = messagesAt(pair, 2);
    return [bytesAt(pair, 1).toString(), valueOf(value)];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

function valueOf(value: Fields): unknown {
  if (value.has(1)) return bytesAt(value, 1).toString();
  if (value.has(2)) return numberAt(value, 2) === 1n;
  if (value.has(3)) return Number(numberAt(value, 3));
  return undefined;
}

function bytesAt(fields: Fields, number: number): Buffer {
  const value = fields.get(number)?.[0];
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
}

function numberAt(fields: Fields, number: number): bigint {
  const value = fields.get(number)?.[0];
  return typeof value === 'bigint' ? value : 0n;
}

function messagesAt(fields: Fields, number: number): Fields[] {
  return (fields.get(number) ?? []).filter(Buffer.isBuffer).map(fieldsOf);
}

function fieldsOf(content: Buffer): Fields {
  const fields: Fields = new Map();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = content.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const bytes = (length: number): Buffer => content.subarray(at, (at += length));
  const value = (wireType: number): Buffer | bigint => {
    if (wireType === 0) return varint();
    if (wireType === 1) return bytes(8).readBigUInt64LE();
    if (wireType === 2) return bytes(Number(varint()));
    if (wireType === 5) return BigInt(bytes(4).readUInt32LE());
    throw new Error(`wire type ${wireType} at byte ${at}`);
  };
  while (at < content.length) {
    const tag = Number(varint());
    const found = fields.get(tag >> 3) ?? [];
    fields.set(tag >> 3, found);
    found.push(value(tag & 7));
  }
  return fields;
}
