import { createHash } from 'node:crypto';
import type { Claim } from './summary';

/** The same for the same statement on the same messages, whoever makes it and whenever. */
export function claimId({ kind, text, evidence }: Pick<Claim, 'kind' | 'text' | 'evidence'>): string {
  const messages = [...new Set(evidence.map(({ messageId }) => messageId))].sort();
  return createHash('sha256').update(JSON.stringify([kind, text, messages])).digest('base64url').slice(0, ID_LENGTH);
}

const ID_LENGTH = 16; // 96 bits: no two claims of a store meet
