import type { OpenAI } from 'openai' with { 'resolution-mode': 'import' };
import { z } from 'zod';
import { AIError } from './error';
import type { Attempt, CallOrigin, Gateway } from './gateway';
import type { SoundType } from './mediaType';
import type { Connection } from './openaiConnection';
import { readFailure } from './openaiFailure';
import { estimateTokens } from './tokens';

/** The most that the service takes (OpenAI, "Speech to text": 25 MB), the form around it included. */
export const MAX_RECORDING_BYTES = 25_000_000;

/** Something that was said, as bytes whose form was looked at. */
export interface Recording {
  readonly bytes: Uint8Array;
  readonly type: SoundType;
}

export interface TranscriptSegment {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  /** As the service tells voices apart: "A", "speaker_0". Absent: it does not. */
  readonly speaker?: string;
}

export interface Transcript {
  /** '' where nobody speaks. */
  readonly text: string;
  /** Absent where the service does not say. */
  readonly durationMs?: number;
  /** In order of time; empty where the service gives the text alone. */
  readonly segments: readonly TranscriptSegment[];
}

/** Writes down what is said. Throws AIError. */
export async function transcribe(gateway: Gateway, origin: CallOrigin, recording: Recording, signal: AbortSignal): Promise<Transcript> {
  const call = { capability: 'transcribe', operation: 'transcript', tokens: reservedTokens(recording), ...origin } as const;
  for await (const transcript of gateway.call(call, attempt(recording), signal)) return transcript;
  throw new AIError('invalid-response', 'The transcription had no end.');
}

const TOKENS_PER_SECOND = 10; // of sound (OpenAI, "Audio tokens")
const USUAL_BYTES_PER_SECOND = 4_000; // of compressed speech; long recordings in large files are not more talk
const MAX_RESERVED_TOKENS = 40_000; // over an hour

const reservedTokens = ({ bytes }: Recording): number => Math.min(MAX_RESERVED_TOKENS, 500 + Math.ceil(bytes.length / USUAL_BYTES_PER_SECOND) * TOKENS_PER_SECOND);

/** Answers with times, with voices told apart, with the text alone: models differ, and the name of a deployment need not say which it is. */
type Format = 'verbose_json' | 'diarized_json' | 'json';

function firstFormat(modelName: string): Format {
  if (/diari[sz]e/i.test(modelName)) return 'diarized_json';
  return /gpt|4o/i.test(modelName) ? 'json' : 'verbose_json';
}

/** What a deployment was found to understand, for as long as this process lives. */
const learned = new WeakMap<Connection, Format>();

const attempt = (recording: Recording): Attempt<Transcript> => async function* (connection, watch, note) {
  const response = readResponse(await send(connection, recording, watch.signal));
  const seconds = response.duration ?? response.segments.at(-1)?.end ?? (response.usage?.type === 'duration' ? response.usage.seconds : undefined);
  const counted = response.usage?.type === 'tokens' ? response.usage : undefined;
  note({
    inputTokens: counted?.input_tokens ?? Math.ceil((seconds ?? recording.bytes.length / USUAL_BYTES_PER_SECOND) * TOKENS_PER_SECOND),
    outputTokens: counted?.output_tokens ?? estimateTokens(response.text),
    estimated: !counted,
  });
  yield {
    text: response.text.trim(),
    segments: response.segments.map(toSegment).filter(({ text }) => text !== ''),
    ...(seconds !== undefined && { durationMs: Math.round(seconds * 1_000) }),
  };
};

async function send(connection: Connection, recording: Recording, signal: AbortSignal): Promise<unknown> {
  const client = await connection.client();
  for (let format = learned.get(connection) ?? firstFormat(connection.modelName); ;) {
    try {
      return await client.audio.transcriptions.create(parameters(recording, connection.modelName, format), { signal });
    } catch (error) {
      if (format === 'json' || !isRefused(error)) throw error;
      learned.set(connection, 'json');
      format = 'json';
    }
  }
}

/** The name is ours: services tell the form by its ending, and what people call their files is not theirs to know. */
function parameters({ bytes, type }: Recording, model: string, format: Format): OpenAI.Audio.TranscriptionCreateParamsNonStreaming {
  const file = new File([new Uint8Array(bytes)], `recording.${type.extension}`, { type: type.contentType });
  return {
    file,
    model,
    response_format: format,
    // Without it recordings of over 30 seconds are refused where voices are told apart.
    ...(format === 'diarized_json' && { chunking_strategy: 'auto' as const }),
  };
}

function isRefused(error: unknown): boolean {
  const { status, param, message } = readFailure(error);
  return (status === 400 || status === 422) && (param ? /response_format|chunking_strategy/.test(param) : /response_format|chunking_strategy/.test(message));
}

const usageShape = z.union([
  z.object({ type: z.literal('tokens'), input_tokens: z.number(), output_tokens: z.number() }),
  z.object({ type: z.literal('duration'), seconds: z.number() }),
]);
const segmentShape = z.object({ start: z.number(), end: z.number(), text: z.string(), speaker: z.string().nullish() });
const responseShape = z.object({
  text: z.string(),
  duration: z.coerce.number().optional().catch(undefined),
  segments: z.array(segmentShape).catch([]).default([]),
  usage: usageShape.optional().catch(undefined),
});

function readResponse(response: unknown): z.infer<typeof responseShape> {
  const { data } = responseShape.safeParse(response);
  if (!data) throw new AIError('invalid-response', 'The answer is no transcript.');
  return data;
}

const toSegment = ({ start, end, text, speaker }: z.infer<typeof segmentShape>): TranscriptSegment => ({
  startMs: Math.max(0, Math.round(start * 1_000)),
  endMs: Math.max(0, Math.round(end * 1_000)),
  text: text.trim(),
  ...(speaker && { speaker }),
});
