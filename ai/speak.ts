import { AIError } from './error';
import type { Attempt, CallOrigin, Gateway } from './gateway';
import { soundTypeOf } from './mediaType';
import { estimateTokens } from './tokens';

/** Characters that are spoken in one piece: the service takes 4,096 (OpenAI, "Create speech"). */
export const MAX_SPOKEN_LENGTH = 4_000;

export interface Speech {
  readonly bytes: Uint8Array;
  /** By the bytes themselves. */
  readonly contentType: string;
}

const MAX_SPEECH_BYTES = 20 * 1024 * 1024;
const TOKENS_PER_CHARACTER = 1.4; // of sound: about 15 characters and 20 tokens a second

/** Says a plain text of at most MAX_SPOKEN_LENGTH characters. Throws AIError. */
export async function speak(gateway: Gateway, origin: CallOrigin, text: string, voice: string, signal: AbortSignal): Promise<Speech> {
  const tokens = estimateTokens(text) + Math.ceil(text.length * TOKENS_PER_CHARACTER);
  const call = { capability: 'speak', operation: 'speech', tokens, ...origin } as const;
  for await (const speech of gateway.call(call, attempt(text, voice), signal)) return speech;
  throw new AIError('invalid-response', 'The speech had no end.');
}

const attempt = (text: string, voice: string): Attempt<Speech> => async function* (connection, watch, note) {
  const client = await connection.client();
  // Every client of Teams and every browser plays MP3.
  const response = await client.audio.speech.create({ model: connection.modelName, input: text, voice, response_format: 'mp3' }, { signal: watch.signal });
  const bytes = new Uint8Array(await response.arrayBuffer());
  // The service does not count.
  note({ inputTokens: estimateTokens(text), outputTokens: Math.ceil(text.length * TOKENS_PER_CHARACTER), estimated: true });
  const type = soundTypeOf(bytes); // a server may speak in a form of its own
  if (!type || bytes.length > MAX_SPEECH_BYTES) throw new AIError('invalid-response', 'What the model gave is no recording, or too long a one.');
  yield { bytes, contentType: type.contentType };
};
