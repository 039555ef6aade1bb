import { z } from 'zod';
import type { Capability } from '../../ai/capability';
import { embed } from '../../ai/embeddings';
import type { CallOrigin, Gateway } from '../../ai/gateway';
import { draw } from '../../ai/images';
import { soundTypeOf } from '../../ai/mediaType';
import { moderate } from '../../ai/moderate';
import { createModel } from '../../ai/openai';
import { speak } from '../../ai/speak';
import { transcribe } from '../../ai/transcribe';

type Ask = (gateway: Gateway, origin: CallOrigin, voice: string, signal: AbortSignal) => Promise<{ readonly fitsSchema?: boolean }>;

const shape = z.object({ ready: z.boolean() });

/** As Parley asks: a stream, of JSON that fits a schema. */
const askInWords = (capability: Capability): Ask => async (gateway, origin, _voice, signal) => {
  const schema = { name: 'doctor', schema: { type: 'object', properties: { ready: { type: 'boolean' } }, required: ['ready'], additionalProperties: false } };
  let text = '';
  for await (const event of createModel(gateway, capability, origin).stream({ messages: [{ role: 'user', content: 'Answer with {"ready": true} as JSON.' }], schema, maxOutputTokens: 50, temperature: 0 }, signal)) {
    if (event.type === 'done') ({ text } = event.result);
  }
  return { fitsSchema: shape.safeParse(parse(text)).success };
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The smallest that each of them can be asked for. */
export const requests: Readonly<Record<Capability, Ask>> = {
  chat: askInWords('chat'),
  code: askInWords('code'),
  summarize: askInWords('summarize'),
  translate: askInWords('translate'),
  embeddings: async (gateway, origin, _voice, signal) => {
    await embed(gateway, origin, ['ready'], signal);
    return {};
  },
  images: async (gateway, origin, _voice, signal) => {
    await draw(gateway, origin, { prompt: 'A grey circle.', quality: 'draft' }, undefined, signal);
    return {};
  },
  transcribe: async (gateway, origin, _voice, signal) => {
    await transcribe(gateway, origin, silence(), signal);
    return {};
  },
  speak: async (gateway, origin, voice, signal) => {
    await speak(gateway, origin, 'Ready.', voice, signal);
    return {};
  },
  moderate: async (gateway, origin, _voice, signal) => {
    await moderate(gateway, origin, 'Ready.', 'prompt', signal);
    return {};
  },
};

export const isAskedInWords = (capability: Capability): boolean => ['chat', 'code', 'summarize', 'translate'].includes(capability);

const SAMPLES_PER_SECOND = 8_000;

/** Half a second of nothing, as WAV (RIFF, 8 bits, one channel). */
function silence(): Parameters<typeof transcribe>[2] {
  const samples = Buffer.alloc(SAMPLES_PER_SECOND / 2, 0x80);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(SAMPLES_PER_SECOND, 24);
  head.writeUInt32LE(SAMPLES_PER_SECOND, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples.length, 40);
  const bytes = Buffer.concat([head, samples]);
  return { bytes, type: soundTypeOf(bytes) ?? { contentType: 'audio/wav', extension: 'wav' } };
}
