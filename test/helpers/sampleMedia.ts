import { crc32, deflateSync } from 'node:zlib';

/** A real PNG: a sky that darkens downwards over a hill, in colours that follow from `seed`. */
export function pngOf(width: number, height: number, seed = 0): Buffer {
  const rows = Array.from({ length: height }, (_, y) => {
    const row = Buffer.alloc(1 + width * 3); // filter 0
    for (let x = 0; x < width; x += 1) row.set(colourAt(x / width, y / height, seed), 1 + x * 3);
    return row;
  });
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8); // 8 bits of red, green and blue
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', head), chunk('IDAT', deflateSync(Buffer.concat(rows))), chunk('IEND', Buffer.alloc(0))]);
}

function colourAt(x: number, y: number, seed: number): readonly number[] {
  const hill = 0.75 - 0.2 * Math.sin(Math.PI * (x + (seed % 7) / 10));
  return y > hill ? [40, 110 + (seed % 60), 70] : [90 + Math.round(120 * y), 140 + Math.round(60 * y), 210 - (seed % 40)];
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

const FRAMES_PER_SECOND = 44_100 / 1_152;
const FRAME_BYTES = 104; // 144 * 32,000 / 44,100

/** Real MP3 that says nothing: MPEG 1, layer III, 32 kbit/s, 44.1 kHz. */
export function mp3Of(seconds: number): Buffer {
  const frame = Buffer.alloc(FRAME_BYTES);
  frame.set([0xff, 0xfb, 0x10, 0xc4]);
  return Buffer.concat(Array.from({ length: Math.ceil(seconds * FRAMES_PER_SECOND) }, () => frame));
}

/** A real recording of silence: PCM, 8 bits, 8 kHz. */
export function wavOf(seconds: number): Buffer {
  const rate = 8_000;
  const data = Buffer.alloc(Math.round(seconds * rate), 128);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

/** The first bytes of recordings, enough to tell their form. */
export const soundHeads = {
  flac: Buffer.concat([Buffer.from('fLaC'), Buffer.alloc(60)]),
  m4a: Buffer.concat([Buffer.from('0000001c', 'hex'), Buffer.from('ftypM4A '), Buffer.alloc(60)]),
  ogg: Buffer.concat([Buffer.from('OggS'), Buffer.alloc(24), Buffer.from('OpusHead'), Buffer.alloc(40)]),
  webm: Buffer.concat([Buffer.from('1a45dfa39f4286810142f7810142f2810442f381084282847765626d', 'hex'), Buffer.alloc(60)]),
  tagged: Buffer.concat([Buffer.from('ID3'), Buffer.alloc(60)]),
} as const;
