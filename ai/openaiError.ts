import { AIError, type ServiceErrorCode } from './error';
import { readFailure, type Failure } from './openaiFailure';

/**
 * The AIError for anything that the SDK throws. A vendor's message may echo what people wrote,
 * so only its status, codes and request id are told, and the error itself is no cause.
 */
export function toAIError(error: unknown, modelName: string): AIError {
  const own = ownError(error);
  if (own) return own;
  const failure = readFailure(error);
  const code = codeOf(failure, error);
  const details = [failure.status && `status ${failure.status}`, failure.code, failure.param && `parameter ${failure.param}`, failure.requestId];
  const message = `${sentences[code](modelName)} (${details.filter(Boolean).join(', ') || connectionCode(error)})`;
  return new AIError(code, message, { ...(failure.retryAfterMs !== undefined && { retryAfterMs: failure.retryAfterMs }), filters: failure.filters });
}

/** True where the same request may well succeed a moment later. */
export function isTransient(error: unknown): boolean {
  const own = ownError(error);
  if (own) return own.code === 'unavailable';
  const { status, code } = readFailure(error);
  if (code === 'insufficient_quota') return false; // a 429 that waiting does not mend
  if (status !== undefined) return status === 408 || status === 409 || status === 429 || status >= 500;
  return codeOf(readFailure(error), error) === 'unavailable';
}

/** True where another deployment may do what this one did not. */
export const isOfTarget = ({ code }: AIError): boolean => code === 'unavailable' || code === 'unauthorized' || code === 'rate-limited' || code === 'timeout';

/** An AIError that passed through the SDK: thrown by the token provider, it comes back as the cause of another. */
function ownError(error: unknown): AIError | undefined {
  if (error instanceof AIError) return error;
  const cause = causeOf(error);
  return cause === undefined ? undefined : ownError(cause);
}

function codeOf(failure: Failure, error: unknown): ServiceErrorCode {
  if (failure.isFiltered) return 'content-filtered';
  if (failure.isTooLong) return 'too-long';
  if (failure.status === undefined) return codeWithoutStatus(failure, error);
  if (failure.status >= 500) return 'unavailable';
  return codeByStatus[failure.status] ?? 'invalid-response';
}

const codeByStatus: Readonly<Record<number, ServiceErrorCode>> = {
  401: 'unauthorized',
  403: 'unauthorized',
  404: 'unavailable', // DeploymentNotFound, or a model that the server has not loaded
  408: 'unavailable',
  409: 'unavailable',
  429: 'rate-limited',
};

/** SyntaxError: the SDK could not read an event or a body. All else without a status is a connection that failed. */
function codeWithoutStatus(failure: Failure, error: unknown): ServiceErrorCode {
  if (nameOf(error) === 'SyntaxError') return 'invalid-response';
  return failure.code.startsWith('rate_limit') ? 'rate-limited' : 'unavailable';
}

const sentences: Readonly<Record<ServiceErrorCode, (modelName: string) => string>> = {
  'rate-limited': (name) => `The model "${name}" has no capacity left for now.`,
  timeout: (name) => `The model "${name}" took too long.`,
  'content-filtered': (name) => `The content filter of the model "${name}" stopped the request.`,
  unauthorized: (name) => `The service of the model "${name}" refused the key or identity: check it and its role.`,
  unavailable: (name) => `The model "${name}" cannot be reached: check the endpoint and the name of the deployment or model.`,
  'invalid-response': (name) => `The model "${name}" and its client did not understand each other.`,
  'too-long': (name) => `The request is longer than the context of the model "${name}".`,
};

/** Such as ECONNREFUSED or UND_ERR_SOCKET; fetch hides it in a chain of causes. */
function connectionCode(error: unknown): string {
  const { code } = readFailure(error);
  const cause = causeOf(error);
  if (code) return code;
  return cause === undefined ? nameOf(error) : connectionCode(cause);
}

// Not by instanceof: errors of fetch may belong to another realm (jest, workers).
const causeOf = (error: unknown): unknown => (typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined);

const nameOf = (error: unknown): string => (typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : 'no details');
