/** @file Reading protobuf's wire format without a schema: the fields of a message, and where their bytes are. */

/** One field: `raw` is all of it, `value` its payload (of a length-delimited field) or nothing. */
export interface Field {
  readonly number: number;
  readonly raw: Uint8Array;
  readonly value: Uint8Array;
}

/**
 * The fields of a message in the order they lie.
 *
 * @throws RangeError if the bytes are no message
 */
export function fieldsOf(message: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      if (at >= message.length || factor > 2 ** 63) throw new RangeError('a number that does not end');
      const byte = message[at++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const start = at;
    const tag = varint();
    const type = tag % 8;
    let value = start;
    if (type === 0) varint();
    else if (type === 1) at += 8;
    else if (type === 5) at += 4;
    else if (type === 2) {
      const length = varint();
      value = at;
      at += length;
    } else throw new RangeError(`a field of the unknown kind ${type}`);
    if (at > message.length) throw new RangeError('a field that is cut off');
    const payload = type === 2 ? message.subarray(value, at) : message.subarray(at, at);
    fields.push({ number: Math.floor(tag / 8), raw: message.subarray(start, at), value: payload });
  }
  return fields;
}

/** Text of the first field of a number, or nothing. */
export function textOf(message: Uint8Array, number: number): string {
  return textsOf(message, number)[0] ?? '';
}

/** Texts of all fields of a number. */
export function textsOf(message: Uint8Array, number: number): string[] {
  const decoder = new TextDecoder();
  return fieldsOf(message).flatMap((field) => (field.number === number ? [decoder.decode(field.value)] : []));
}
