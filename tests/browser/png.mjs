// PNG files made by hand.
import { deflateSync } from 'node:zlib';

// Of PNG's chunks (ISO 3309), bit by bit: zlib.crc32 is not in every Node that may run this.
export function crc32(bytes) {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ -1) >>> 0;
}

// row(y): the bytes of a line. PNG's colour types: 2 is RGB, 6 RGBA.
export function png(width, height, depth, type, row) {
  const chunk = (name, data) => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    ends.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, type], 8);
  const lines = Array.from({ length: height }, (_, y) => Buffer.concat([Buffer.from([0]), Buffer.from(row(y))]));
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(lines))), chunk('IEND', Buffer.alloc(0))]);
}

// A card of one colour with a grain of its own: no two seeds give the same picture.
function card(red, green, blue, seed) {
  const noise = (x, y) => ((x * 7919 + y * 104729 + seed * 15485863) % 61) - 30;
  const level = (value, x, y) => Math.max(0, Math.min(255, value + noise(x, y)));
  return png(80, 60, 8, 2, (y) => Array.from({ length: 80 }, (_, x) => [red, green, blue].map((v) => level(v, x, y))).flat());
}
export const warm = (seed) => card(200 - 20 * (seed % 5), 60, 40 + 10 * (seed % 7), seed);
export const cold = (seed) => card(40 + 10 * (seed % 7), 70, 200 - 20 * (seed % 5), seed);
