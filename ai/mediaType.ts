/** The media type of a picture, by its first bytes; undefined for what no card shows. */
export function pictureTypeOf(bytes: Uint8Array): 'image/png' | 'image/jpeg' | 'image/webp' | 'image/gif' | undefined {
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'image/png';
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return 'image/jpeg';
  if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 12) === 'WEBP') return 'image/webp';
  return /^GIF8[79]a$/.test(ascii(bytes, 0, 6)) ? 'image/gif' : undefined;
}

/** A form of sound that can be transcribed: its media type, and the name ending by which services know it. */
export interface SoundType {
  readonly contentType: string;
  readonly extension: 'flac' | 'm4a' | 'mp3' | 'ogg' | 'wav' | 'webm';
}

/**
 * The form of a recording, by its first bytes; undefined for all that is none. MP4 and WebM may hold pictures too:
 * services take their sound. Names of forms: OpenAI, "Speech to text", and what browsers and phones record.
 */
export function soundTypeOf(bytes: Uint8Array): SoundType | undefined {
  return soundTypes.find(({ matches }) => matches(bytes))?.type;
}

const soundTypes: readonly { readonly type: SoundType; readonly matches: (bytes: Uint8Array) => boolean }[] = [
  { type: { contentType: 'audio/flac', extension: 'flac' }, matches: (bytes) => ascii(bytes, 0, 4) === 'fLaC' },
  { type: { contentType: 'audio/mp4', extension: 'm4a' }, matches: (bytes) => ascii(bytes, 4, 8) === 'ftyp' },
  { type: { contentType: 'audio/ogg', extension: 'ogg' }, matches: (bytes) => ascii(bytes, 0, 4) === 'OggS' },
  { type: { contentType: 'audio/wav', extension: 'wav' }, matches: (bytes) => ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 12) === 'WAVE' },
  { type: { contentType: 'audio/webm', extension: 'webm' }, matches: (bytes) => startsWith(bytes, [0x1a, 0x45, 0xdf, 0xa3]) && ascii(bytes, 0, 64).includes('webm') },
  { type: { contentType: 'audio/mpeg', extension: 'mp3' }, matches: (bytes) => ascii(bytes, 0, 3) === 'ID3' || isMpegFrame(bytes) },
];

/** The head of a frame of MPEG audio, layers II and III (ISO 11172-3, 2.4.1.3). AAC streams have layer 0, and text in UTF-16 may look like layer I. */
function isMpegFrame([first = 0, second = 0, third = 0]: Uint8Array): boolean {
  const layer = (second >> 1) & 3;
  const rate = third >> 4;
  return first === 0xff && second >= 0xe0 && (layer === 1 || layer === 2) && rate !== 0xf;
}

const startsWith = (bytes: Uint8Array, signature: readonly number[]): boolean => signature.every((value, index) => bytes[index] === value);

const ascii = (bytes: Uint8Array, from: number, to: number): string => Buffer.from(bytes.subarray(from, to)).toString('latin1');
