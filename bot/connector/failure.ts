import { z } from 'zod';
import { ConnectorError, type ConnectorErrorCode } from './connector';
import { ExchangeError, type ChannelAnswer, type ChannelRequest } from './exchange';

/** Not 2xx, or 2xx for a chunk of a stream that is dropped all the same. */
export function isRefused({ status, text }: ChannelAnswer): boolean {
  if (status < 200 || status > 299) return true;
  return status === 202 && text.includes('ContentStream') && isStreamRefusal(readServiceError(text));
}

/** What a refusal or a fault of the service means for the caller. */
export function answerFailure(method: ChannelRequest['method'], answer: ChannelAnswer): ConnectorError {
  const service = readServiceError(answer.text);
  const code = codeOf(method, answer.status, service);
  return new ConnectorError(code, `The channel answered ${method} with ${answer.status} ${service.code ?? ''}`.trim(), {
    status: answer.status,
    ...(service.code !== undefined && { serviceCode: service.code }),
    ...(service.message !== undefined && { serviceMessage: service.message }),
    ...retryAfter(answer.headers['retry-after']),
  });
}

/** What a missing answer means: ambiguous only where a repetition could be seen twice. */
export function exchangeFailure(method: ChannelRequest['method'], error: unknown): ConnectorError {
  const isWritten = !(error instanceof ExchangeError) || error.isWritten;
  const code = isWritten ? faultOf(method) : 'unavailable';
  const reason = error instanceof Error ? error.message : 'The request failed.';
  return new ConnectorError(code, `${method} to the channel: ${reason}`, { cause: error });
}

interface ServiceError {
  readonly code?: string | undefined;
  readonly message?: string | undefined;
}

/** A code with spaces may be somebody's sentence: codes are logged. */
const serviceCode = z.string().regex(/^[\w.-]{1,80}$/).optional().catch(undefined);
const errorBody = z.object({ error: z.object({ code: serviceCode, message: z.string().optional() }) });

function readServiceError(text: string): ServiceError {
  try {
    return errorBody.parse(JSON.parse(text)).error;
  } catch {
    // Proxies on the way answer with HTML or nothing: the status has to do.
    return {};
  }
}

const codeOfStatus: Readonly<Record<number, ConnectorErrorCode>> = {
  401: 'unauthorized',
  403: 'blocked',
  404: 'gone',
  410: 'gone',
  412: 'rate-limited', // Teams: a conflict that passes, to be retried like 429 (Learn, "Optimize your bot with rate limiting")
  413: 'too-large',
  429: 'rate-limited',
  501: 'bad-request', // this channel has no such operation: asking again changes nothing
};

function codeOf(method: ChannelRequest['method'], status: number, service: ServiceError): ConnectorErrorCode {
  if (isTooLarge(service)) return 'too-large';
  if ((status === 403 || status === 202) && isStreamRefusal(service)) return 'stream-refused';
  const known = codeOfStatus[status];
  if (known) return known;
  return status === 408 || status >= 500 ? faultOf(method) : 'bad-request';
}

/** https://learn.microsoft.com/microsoftteams/platform/bots/streaming-ux, "Error codes" */
const isStreamRefusal = (service: ServiceError): boolean =>
  /^ContentStream/i.test(service.code ?? '') || /\bcontent stream\b|\bstreamed content\b/i.test(service.message ?? '');

/** A message, or a chunk of a stream, whose error code says no more than that it is not allowed. */
const isTooLarge = (service: ServiceError): boolean => service.code === 'MessageSizeTooBig' || /\bmessage size too large\b/i.test(service.message ?? '');

/** Only POST makes something new each time: everything else can be repeated. */
const faultOf = (method: ChannelRequest['method']): ConnectorErrorCode => (method === 'POST' ? 'ambiguous' : 'unavailable');

/** Seconds or an HTTP date (RFC 9110, 10.2.3). */
function retryAfter(header: string | readonly string[] | undefined): { retryAfterMs?: number } {
  if (typeof header !== 'string') return {};
  const milliseconds = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(milliseconds) ? {} : { retryAfterMs: Math.max(0, milliseconds) };
}
