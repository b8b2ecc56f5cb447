/** Just enough of Protocol Buffers to write messages: a field is its bytes, a message the bytes of its fields. */

type Bytes = Uint8Array;

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/** Fields one after the other. */
export function concat(parts: readonly Bytes[]): Bytes {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** An integer, an enum or a flag. */
export const integerField = (field: number, value: number | boolean): Bytes =>
  concat([tag(field, VARINT), varint(BigInt.asUintN(64, BigInt(value)))]);

/** Text, bytes or a message. */
export function bytesField(field: number, value: Bytes | string): Bytes {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  return concat([tag(field, LENGTH_DELIMITED), varint(BigInt(bytes.length)), bytes]);
}

export function floatField(field: number, value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return concat([tag(field, FIXED32), bytes]);
}

export const messageField = (field: number, ...fields: readonly Bytes[]): Bytes => bytesField(field, concat(fields));

const tag = (field: number, wireType: number): Bytes => varint(BigInt((field << 3) | wireType));

function varint(value: bigint): Bytes {
  const bytes: number[] = [];
  for (; value > 127n; value >>= 7n) bytes.push(Number(value & 127n) | 128);
  return Uint8Array.from([...bytes, Number(value)]);
}
