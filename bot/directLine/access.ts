import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isTrustedOrigin } from './origins';
import { serviceErrors } from './serviceError';
import type { Grant, Tokens } from './tokens';

/** Who asks: the holder of the secret (any conversation), or the bearer of a token (one conversation). */
export type Access = { readonly kind: 'secret' } | { readonly kind: 'token'; readonly grant: Grant };

/** Reads `Authorization: Bearer SECRET_OR_TOKEN`. Throws ServiceError 401 without it, 403 where it does not hold. */
export async function authenticate(request: IncomingMessage, tokens: Tokens, secret: string | undefined): Promise<Access> {
  const bearer = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (bearer === undefined) throw serviceErrors.missingToken();
  if (secret !== undefined && isSame(bearer, secret)) return { kind: 'secret' };
  const grant = await tokens.verify(bearer);
  if (!isTrustedOrigin(request.headers.origin, grant.origins)) throw serviceErrors.untrustedOrigin();
  return { kind: 'token', grant };
}

/** What the bearer may do in this conversation. Throws ServiceError 403 where the token is for another one. */
export function grantFor(access: Access, conversationId: string): Grant {
  if (access.kind === 'secret') return { conversationId, origins: [] };
  if (access.grant.conversationId !== conversationId) throw serviceErrors.foreignConversation();
  return access.grant;
}

/** Compares in constant time. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
