/** @file TensorBoard event files: protobuf messages in TFRecord frames. */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { crc32c } from '@node-rs/crc32';
import type { RecordEnds } from './file.ts';
import type { LogRecord } from './record.ts';

/** Chapters of TensorBoard's pages. */
const chapters = { train: 'train', evaluation: 'val', round: 'round', timing: 'time' } as const;

/** Field numbers of tensorflow/core/util/event.proto and framework/summary.proto. */
const event = { wallTime: 1, step: 2, fileVersion: 3, summary: 5 } as const;
const summary = { value: 1 } as const;
const value = { tag: 1, simpleValue: 2 } as const;

/** The first record of every event file. */
export function headerFrame(seconds: number): Uint8Array {
  const message = eventAt(seconds).tag(event.fileVersion, WireType.LengthDelimited).string('brain.Event:2');
  return frame(message.finish());
}

/**
 * A record as one event with one scalar for each value, tagged `train/loss`, `val/rsum`, `time/pairsPerSecond` …
 *
 * @param seconds since 1970
 */
export function eventFrame({ kind, step, values }: LogRecord, seconds: number): Uint8Array {
  const message = eventAt(seconds).tag(event.step, WireType.Varint).int64(step);
  message.tag(event.summary, WireType.LengthDelimited).fork();
  for (const [name, number] of Object.entries(values)) {
    message.tag(summary.value, WireType.LengthDelimited).fork();
    message.tag(value.tag, WireType.LengthDelimited).string(`${chapters[kind]}/${name}`);
    message.tag(value.simpleValue, WireType.Bit32).float(Math.fround(number));
    message.join();
  }
  return frame(message.join().finish());
}

function eventAt(seconds: number): BinaryWriter {
  return new BinaryWriter().tag(event.wallTime, WireType.Bit64).double(seconds);
}

/** Length (8 bytes) and its checksum (4), then the message and its checksum (4), all little-endian. */
const PREFIX = 12;
const SUFFIX = 4;

function frame(message: Uint8Array): Uint8Array {
  const framed = Buffer.alloc(PREFIX + message.length + SUFFIX);
  framed.writeBigUInt64LE(BigInt(message.length), 0);
  framed.writeUInt32LE(maskedChecksum(framed.subarray(0, 8)), 8);
  framed.set(message, PREFIX);
  framed.writeUInt32LE(maskedChecksum(message), PREFIX + message.length);
  return framed;
}

/** Whole frames with sound checksums, up to the first that is not. */
export const frameEnds: RecordEnds = (content) => {
  const ends: number[] = [];
  for (let at = 0; at + PREFIX + SUFFIX <= content.length; ) {
    if (content.readUInt32LE(at + 8) !== maskedChecksum(content.subarray(at, at + 8))) break;
    const end = at + PREFIX + Number(content.readBigUInt64LE(at)) + SUFFIX;
    if (end > content.length) break;
    const message = content.subarray(at + PREFIX, end - SUFFIX);
    if (content.readUInt32LE(end - SUFFIX) !== maskedChecksum(message)) break;
    ends.push(end);
    at = end;
  }
  return ends;
};

/** CRC-32C, rotated and shifted so that a checksum over data that holds checksums is no special case. */
export function maskedChecksum(data: Uint8Array): number {
  const crc = crc32c(data);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
