import type { ThreadMessage } from '../threads/thread';
import { estimateTokens } from './tokens';

const MESSAGE_OVERHEAD_TOKENS = 20; // id, author and punctuation around each message's JSON

/** Cuts on message boundaries so that each part takes about `maxTokens`; a longer message is a part of its own. */
export function cutIntoChunks(messages: readonly ThreadMessage[], maxTokens: number): readonly (readonly ThreadMessage[])[] {
  const chunks: ThreadMessage[][] = [];
  let tokens = Number.POSITIVE_INFINITY;
  for (const message of messages) {
    const size = estimateTokens(message.text) + MESSAGE_OVERHEAD_TOKENS;
    if (tokens + size > maxTokens) {
      chunks.push([]);
      tokens = 0;
    }
    chunks.at(-1)?.push(message);
    tokens += size;
  }
  return chunks;
}
