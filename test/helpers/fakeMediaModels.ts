import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { soundTypeOf } from '../../ai/mediaType';
import { answerWhole } from './fakeModelPlayer';
import { imageRequestProblem, moderationRequestProblem, speechRequestProblem, transcriptionRequestProblem } from './openaiSpec';
import { mp3Of, pngOf } from './sampleMedia';
import { readForm } from './readForm';

export type MediaKind = 'images' | 'transcriptions' | 'speech' | 'moderations';

/** A request as it came; checked against OpenAI's own description. */
export interface MediaCall {
  readonly kind: MediaKind;
  readonly path: string;
  /** Fields of a form, too. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly file?: { readonly name: string; readonly type: string; readonly bytes: Uint8Array };
}

export type MediaScript =
  | { readonly kind: 'json'; readonly body: object }
  | { readonly kind: 'bytes'; readonly type: string; readonly bytes: Uint8Array }
  | { readonly kind: 'refusal'; readonly status: number; readonly body: object; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: 'hang' };

/** What stands behind the name of a deployment: each refuses what the real one refuses. */
export type Family = 'gpt-image' | 'dall-e-3' | 'dall-e-2' | 'plain-images' | 'whisper' | 'gpt-transcribe' | 'gpt-diarize';

export interface FakeMedia {
  readonly calls: readonly MediaCall[];
  /** Answers for the next calls of a kind, in order. */
  script(kind: MediaKind, ...scripts: readonly MediaScript[]): void;
  /** Pictures and speech are made, and nothing is flagged, unless a test says otherwise; what recordings say, a test must say. */
  answerWith(kind: MediaKind, answerer: (call: MediaCall) => MediaScript): void;
  deploy(name: string, family: Family): void;
}

export interface MediaHandler extends FakeMedia {
  /** Answers the request where it is one for pictures or sound. Gives what the service would object to; undefined: nothing. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<string | undefined>;
}

const paths: Readonly<Record<string, MediaKind>> = {
  'images/generations': 'images', 'audio/transcriptions': 'transcriptions', 'audio/speech': 'speech', moderations: 'moderations',
};

const kindOf = (url = ''): MediaKind | undefined => paths[/^(?:\/openai)?\/v1\/([\w/]+)$/.exec(url)?.[1] ?? ''] ?? paths[/^\/openai\/deployments\/[^/]+\/([\w/]+)\?api-version=/.exec(url)?.[1] ?? ''];

export const isMediaRequest = ({ url }: IncomingMessage): boolean => kindOf(url) !== undefined;

export function createFakeMedia(): MediaHandler {
  const calls: MediaCall[] = [];
  const queues = new Map<MediaKind, MediaScript[]>();
  const answerers = new Map<MediaKind, (call: MediaCall) => MediaScript>([['images', drawn], ['speech', spoken], ['moderations', unflagged]]);
  const families = new Map<string, Family>();
  return {
    calls,
    script: (kind, ...scripts) => void queues.set(kind, [...(queues.get(kind) ?? []), ...scripts]),
    answerWith: (kind, answerer) => void answerers.set(kind, answerer),
    deploy: (name, family) => void families.set(name, family),
    handle: async (request, response) => {
      const call = await readCall(request);
      const problem = problemOf(call, request);
      if (problem !== undefined) {
        answerWhole(response, 500, JSON.stringify({ error: { message: problem, code: 'fake_violation' } }));
        return problem;
      }
      const refused = refusalOf(call, families.get(String(call.body['model'])));
      calls.push(call);
      const script = refused ?? queues.get(call.kind)?.shift() ?? answerers.get(call.kind)?.(call);
      if (!script) {
        answerWhole(response, 500, JSON.stringify({ error: { message: 'Nobody scripted it.', code: 'fake_violation' } }));
        return `Nobody scripted a call of ${call.kind}.`;
      }
      play(script, response);
      return undefined;
    },
  };
}

async function readCall(request: IncomingMessage): Promise<MediaCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // no encoding is set: chunks are buffers
  const bytes = Buffer.concat(chunks);
  const about = { kind: kindOf(request.url) ?? 'images', path: request.url ?? '' };
  if (about.kind !== 'transcriptions') return { ...about, body: JSON.parse(bytes.toString()) as MediaCall['body'] }; // checked by the schema
  const { body, file } = await readForm(bytes, request.headers['content-type']);
  return { ...about, body, ...(file && { file: { name: file.name, type: file.type, bytes: new Uint8Array(await file.arrayBuffer()) } }) };
}

const problems: Readonly<Record<MediaKind, (body: unknown) => string | undefined>> = {
  images: imageRequestProblem, transcriptions: transcriptionRequestProblem, speech: speechRequestProblem, moderations: moderationRequestProblem,
};

function problemOf(call: MediaCall, { method, headers }: IncomingMessage): string | undefined {
  if (method !== 'POST') return `There is no ${method ?? ''} ${call.path}.`;
  if (!/^Bearer \S+/.test(headers.authorization ?? '') && headers['api-key'] === undefined) return 'The request carries neither a bearer token nor a key.';
  const problem = problems[call.kind](call.body) ?? (call.kind === 'transcriptions' ? fileProblem(call) : undefined);
  return problem && `Not a request of ${call.kind}: ${problem}`;
}

const MAX_FILE_BYTES = 26_214_400; // what OpenAI names in its refusal

/** The service goes by the ending of the name, and then by what the file is. */
function fileProblem({ file }: MediaCall): string | undefined {
  if (!file) return 'the form has no file';
  if (file.bytes.length > MAX_FILE_BYTES) return 'the file is too large';
  if (!/\.(?:flac|m4a|mp3|mp4|mpeg|mpga|oga|ogg|wav|webm)$/.test(file.name)) return `the file is named ${file.name}`;
  return soundTypeOf(file.bytes) ? undefined : 'the file is no recording';
}

const unknown = (param: string, message = `Unknown parameter: '${param}'.`): MediaScript =>
  ({ kind: 'refusal', status: 400, body: { error: { message, type: 'invalid_request_error', param, code: 'unknown_parameter' } } });

/** Parameters that a family does not know. */
const strangers: Readonly<Partial<Record<Family, readonly string[]>>> = {
  'gpt-image': ['response_format', 'style'],
  'dall-e-3': ['output_format', 'output_compression', 'background', 'moderation'],
  'dall-e-2': ['output_format', 'output_compression', 'background', 'moderation', 'quality', 'style'],
  'plain-images': ['output_format', 'output_compression', 'background', 'moderation', 'quality', 'style', 'size', 'n', 'response_format'],
};
const formats: Readonly<Partial<Record<Family, readonly string[]>>> = {
  whisper: ['json', 'text', 'srt', 'verbose_json', 'vtt'], 'gpt-transcribe': ['json', 'text'], 'gpt-diarize': ['json', 'text', 'diarized_json'],
};

function refusalOf({ body }: MediaCall, family: Family | undefined): MediaScript | undefined {
  if (!family) return undefined;
  const stranger = strangers[family]?.find((name) => body[name] !== undefined);
  if (stranger) return unknown(stranger);
  if (family === 'dall-e-3' && Number(body['n'] ?? 1) > 1) return unknown('n', 'You must provide n=1 for this model.');
  const format = typeof body['response_format'] === 'string' ? body['response_format'] : 'json';
  const known = formats[family];
  return known && !known.includes(format) ? unknown('response_format', `response_format '${format}' is not compatible with this model.`) : undefined;
}

function play(script: MediaScript, response: ServerResponse): void {
  if (script.kind === 'hang') return;
  if (script.kind === 'bytes') {
    response.writeHead(200, { 'content-type': script.type, 'content-length': script.bytes.length });
    response.end(script.bytes);
  } else if (script.kind === 'json') answerWhole(response, 200, JSON.stringify(script.body));
  else answerWhole(response, script.status, JSON.stringify(script.body), script.headers);
}

/** Pictures in the form that was asked for, a quarter as large, each with other colours. */
export function drawn({ body }: MediaCall): MediaScript {
  const [width = 1024, height = 1024] = (typeof body['size'] === 'string' ? body['size'] : '1024x1024').split('x').map(Number);
  const count = Number(body['n'] ?? 1);
  const seed = createHash('sha256').update(String(body['prompt'])).digest()[0] ?? 0;
  const data = Array.from({ length: count }, (_, index) => ({ b64_json: pngOf(width / 4, height / 4, seed + index * 20).toString('base64') }));
  return { kind: 'json', body: { created: 1_790_000_000, data, usage: { input_tokens: 20, output_tokens: 1_056 * count, total_tokens: 20 + 1_056 * count, input_tokens_details: { text_tokens: 20, image_tokens: 0 } } } };
}

/** Silence, about as long as the words would take. */
export const spoken = ({ body }: MediaCall): MediaScript => ({ kind: 'bytes', type: 'audio/mpeg', bytes: mp3Of(Math.max(1, String(body['input']).length / 15)) });

const categories = ['hate', 'hate/threatening', 'harassment', 'harassment/threatening', 'illicit', 'illicit/violent', 'self-harm', 'self-harm/intent', 'self-harm/instructions', 'sexual', 'sexual/minors', 'violence', 'violence/graphic'];

function judged({ body }: MediaCall, isFlagged: (text: string) => boolean): MediaScript {
  const input = body['input'];
  const texts: readonly unknown[] = Array.isArray(input) ? input : [input];
  const results = texts.map((text) => {
    const flagged = isFlagged(String(text));
    const table = <T>(yes: T, no: T): Record<string, T> => Object.fromEntries(categories.map((name) => [name, flagged && name === 'hate' ? yes : no]));
    return { flagged, categories: table(true, false), category_scores: table(0.97, 0.001), category_applied_input_types: table(['text'], ['text']) };
  });
  return { kind: 'json', body: { id: 'modr-fake', model: 'omni-moderation-latest', results } };
}

export const unflagged = (call: MediaCall): MediaScript => judged(call, () => false);

/** Flags every text that has the word. */
export const flagging = (word: string) => (call: MediaCall): MediaScript => judged(call, (text) => text.includes(word));

/** What whisper answers: the words, and when they were said. */
export function whispered(segments: readonly (readonly [startSeconds: number, endSeconds: number, text: string])[], language = 'english'): MediaScript {
  const details = { seek: 0, tokens: [], temperature: 0, avg_logprob: -0.2, compression_ratio: 1.1, no_speech_prob: 0.01 };
  const duration = segments.at(-1)?.[1] ?? 0;
  return {
    kind: 'json',
    body: {
      task: 'transcribe', language, duration, text: segments.map(([, , text]) => text).join(' '),
      segments: segments.map(([start, end, text], id) => ({ id, start, end, text: ` ${text}`, ...details })),
      usage: { type: 'duration', seconds: Math.ceil(duration) },
    },
  };
}

/** What models answer that tell voices apart. */
export function diarized(segments: readonly (readonly [startSeconds: number, endSeconds: number, speaker: string, text: string])[]): MediaScript {
  return {
    kind: 'json',
    body: {
      task: 'transcribe', duration: segments.at(-1)?.[1] ?? 0, text: segments.map(([, , , text]) => text).join(' '),
      segments: segments.map(([start, end, speaker, text], index) => ({ type: 'transcript.text.segment', id: `seg_${index}`, start, end, speaker, text })),
    },
  };
}

/** What models answer that give the words alone. */
export const heard = (text: string): MediaScript =>
  ({ kind: 'json', body: { text, usage: { type: 'tokens', input_tokens: 30, output_tokens: 12, total_tokens: 42, input_token_details: { text_tokens: 0, audio_tokens: 30 } } } });
