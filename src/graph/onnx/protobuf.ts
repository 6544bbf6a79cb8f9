/** @file Writing protobuf's wire format: varints, fixed 32-bit numbers and length-delimited fields. */

/** One encoded message under construction. Fields are written in the order of the calls. */
export class Message {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  /** Field of wire type 0. Negative numbers take ten bytes, as protobuf's int64 does. */
  integer(field: number, value: number | bigint): this {
    return this.#push(varint((field << 3) | 0)).#push(varint(value));
  }

  /** Field of wire type 5: a 32-bit float. */
  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.#push(varint((field << 3) | 5)).#push(bytes);
  }

  /** Field of wire type 2: raw bytes, taken as they are and not copied. */
  bytes(field: number, value: Uint8Array): this {
    return this.#push(varint((field << 3) | 2))
      .#push(varint(value.length))
      .#push(value);
  }

  /** Field of wire type 2: UTF-8 text. */
  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  /** Field of wire type 2: an embedded message. */
  message(field: number, value: Message): this {
    this.#push(varint((field << 3) | 2)).#push(varint(value.#length));
    for (const chunk of value.#chunks) this.#push(chunk);
    return this;
  }

  /** Field of wire type 2: packed 64-bit integers. */
  packedIntegers(field: number, values: readonly number[]): this {
    const body = new Message();
    for (const value of values) body.#push(varint(value));
    return this.message(field, body);
  }

  /** Field of wire type 2: packed 32-bit floats. */
  packedFloats(field: number, values: readonly number[]): this {
    const view = new DataView(new ArrayBuffer(4 * values.length));
    values.forEach((value, i) => {
      view.setFloat32(4 * i, value, true);
    });
    return this.bytes(field, new Uint8Array(view.buffer));
  }

  /** The message's bytes. */
  finish(): Uint8Array {
    const out = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      out.set(chunk, at);
      at += chunk.length;
    }
    return out;
  }

  #push(bytes: Uint8Array): this {
    this.#chunks.push(bytes);
    this.#length += bytes.length;
    return this;
  }
}

/** Base-128, least significant group first; negative numbers as 64-bit two's complement. */
function varint(value: number | bigint): Uint8Array {
  const out: number[] = [];
  if (typeof value === 'number' && value >= 0 && value < 2 ** 31) {
    let rest = value;
    while (rest > 127) {
      out.push((rest & 127) | 128);
      rest >>>= 7;
    }
    out.push(rest);
  } else {
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 127n) {
      out.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    out.push(Number(rest));
  }
  return Uint8Array.from(out);
}
