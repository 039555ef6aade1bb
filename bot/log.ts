import { createHmac, createSecretKey } from 'node:crypto';
import { multistream, pino, type DestinationStream, type LevelWithSilent as Level, type Logger } from 'pino';
import { AIError } from '../ai/error';
import { TokenError } from '../ai/tokenCache';
import { StateError } from '../state/database';
import { AuthenticationError } from './authentication';
import { ConnectorError } from './connector/connector';
import { ExchangeError } from './connector/exchange';
import { ServiceError } from './directLine/serviceError';
import { KeysUnavailable } from './keys';
import { HttpError } from './readBody';
import type { Telemetry } from './telemetry/telemetry';

/** The process's own log: lines of JSON on `output`, and to OpenTelemetry where there is one. */
export function createLog(level: Level, telemetry: Pick<Telemetry, 'logFields' | 'logStream'> | undefined, output: DestinationStream): Logger {
  const options = { level, serializers: { err: (error: unknown) => describeError(error) } };
  if (!telemetry) return pino(options, output);
  const streams = [output, telemetry.logStream].map((stream) => ({ level: 'trace' as const, stream })); // the log's own level decides
  return pino({ ...options, mixin: telemetry.logFields }, multistream(streams));
}

/**
 * The same log without what people say and who they are, whatever is handed to it: ids become pseudonyms (the same id
 * gives the same one, with the same `key`), errors of others lose their messages, which may hold a body or a header,
 * and text in a field that is not known to hold a word of ours gives way to its length.
 */
export function contentFree(log: Logger, key: Uint8Array): Logger {
  const secret = createSecretKey(key); // made once: making it costs five times what the HMAC does
  const pseudonym = (id: unknown): unknown => (typeof id === 'string' ? createHmac('sha256', secret).update(id).digest('base64url').slice(0, 16) : undefined);
  const ofIds = Object.fromEntries(ids.map((name) => [name, pseudonym]));
  const ofWords = Object.fromEntries(words.map((name) => [name, word]));
  // Serializers reach the fields of child loggers too, the formatter those of lines: what is in neither list is hidden by it.
  return log.child({}, { serializers: { ...ofIds, ...ofWords, err: (error: unknown) => describeError(error), error: (error: unknown) => describeError(error) }, formatters: { log: hideUnknown } });
}

/** They name people, or hold an id that does: of Teams' chats, of Direct Line's activities. */
const ids = ['conversationKey', 'conversationId', 'userKey', 'activityId', 'outboxId', 'answerId'];

/** Words of ours, of protocols and of the settings. */
const words = ['auditHead', 'capability', 'channelId', 'code', 'component', 'deployment', 'host', 'kind', 'limit', 'method', 'model', 'name', 'operation', 'outcome', 'reaction', 'reason', 'region', 'setting', 'spanId', 'store', 'traceId'];

/** Without spaces: nobody's sentence. */
const word = (value: unknown): unknown => (typeof value === 'string' && !/^[\w.:/@[\]+-]{1,200}$/.test(value) ? hidden(value) : value);

const hidden = (text: string): string => `[${text.length} characters]`;

const known = new Set([...ids, ...words, 'err', 'error']);

function hideUnknown(line: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(line).map(([name, value]: [string, unknown]) => [name, known.has(name) ? value : withoutText(value)]));
}

function withoutText(value: unknown): unknown {
  if (typeof value === 'string') return hidden(value);
  return typeof value === 'object' && value !== null ? '[object]' : value;
}

/** Their messages are written by us, of our own words and of codes. */
const ownErrors = [AIError, AuthenticationError, ConnectorError, ExchangeError, HttpError, KeysUnavailable, ServiceError, StateError, TokenError];
const MAX_CAUSES = 4;

/** What a log may say of an error: of ours its message; of any other where it was thrown, its code and its status. */
export function describeError(error: unknown, depth = 0): unknown {
  if (typeof error !== 'object' || error === null) return { type: typeof error };
  const { name, code, status, cause, stack, message } = error as Partial<Record<'name' | 'code' | 'status' | 'cause' | 'stack' | 'message', unknown>>; // anything can be thrown
  const isOwn = error instanceof Error && ownErrors.some((own) => error instanceof own);
  return {
    type: shortWord(name) ?? 'Error',
    code: shortWord(code),
    status: typeof status === 'number' ? status : undefined,
    ...(isOwn ? { message } : { stack: framesOf(stack, message) }),
    ...(cause !== undefined && depth < MAX_CAUSES && { cause: describeError(cause, depth + 1) }),
  };
}

const shortWord = (value: unknown): unknown =>
  typeof value === 'number' || (typeof value === 'string' && /^[A-Za-z][\w.-]{0,59}$/.test(value)) ? value : undefined;

const MAX_FRAMES = 10;
const frame = /^ {4}at (?:(?:async |new )*[\w$.<>#]+(?: \[as [\w$]+\])? \()?(?:file:|node:|\/|[A-Z]:\\)[^\s()]*:\d+:\d+\)?$/;

/** The lines that say where. The message stands before them, and may look like one of them. */
function framesOf(stack: unknown, message: unknown): string | undefined {
  if (typeof stack !== 'string') return undefined;
  const start = typeof message === 'string' && stack.includes(message) ? stack.indexOf(message) + message.length : 0;
  return stack.slice(start).split('\n').filter((line) => frame.test(line)).slice(0, MAX_FRAMES).join('\n');
}
