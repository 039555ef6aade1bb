import { StateError } from '../../state/database';
import { HttpError } from '../readBody';

/**
 * An error answer of the service: `{"error":{"code","message"}}`. Clients act on status and `code`; the words may change.
 * Source: https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-direct-line-3-0-api-reference
 */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';

  constructor(readonly status: number, readonly code: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
  }
}

/** The error answers, one function each, so that a stack trace shows where it arose. */
export const serviceErrors = {
  missingToken: () => new ServiceError(401, 'BadArgument', 'Missing token or secret'),
  invalidToken: () => new ServiceError(403, 'BadArgument', 'Invalid token or secret'),
  tokenExpired: () => new ServiceError(403, 'TokenExpired', 'Token has expired'),
  foreignConversation: () => new ServiceError(403, 'BadArgument', 'Token is not valid for this conversation'),
  untrustedOrigin: () => new ServiceError(403, 'BadArgument', 'Origin is not trusted'),
  conversationNotFound: () => new ServiceError(404, 'ConversationNotFound', 'Conversation not found'),
  notFound: () => new ServiceError(404, 'NotFound', 'Not found'),
  badArgument: (message: string) => new ServiceError(400, 'BadArgument', message),
  missingProperty: (message: string) => new ServiceError(400, 'MissingProperty', message),
  tooLarge: () => new ServiceError(413, 'MessageSizeTooBig', 'Message size too large'),
  botFailed: (cause: unknown) => new ServiceError(502, 'BotError', 'Failed to send activity: bot returned an error', { cause }),
};

/** Any failure as an answer; what it does not know becomes a 500 that tells nothing. */
export function toServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  if (error instanceof HttpError) return fromHttpError(error);
  if (error instanceof StateError) return new ServiceError(503, 'ServiceUnavailable', 'Try again later', { cause: error });
  return new ServiceError(500, 'ServiceError', 'Internal error', { cause: error });
}

function fromHttpError(error: HttpError): ServiceError {
  if (error.status === 413) return serviceErrors.tooLarge();
  if (error.status === 429) return new ServiceError(429, 'TooManyRequests', error.message);
  return new ServiceError(error.status, 'BadArgument', error.message);
}
