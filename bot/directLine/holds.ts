/**
 * Keeps a conversation's readers back while a post is being answered: clients must know the id of their own activity before
 * it comes back to them (DirectLineJS's tests begin to look for it only then; Web Chat would show it twice for a moment).
 */
export interface Holds {
  /** Holds readers back until a moment after `answered`, and never longer than a second. */
  hold(conversationId: string, answered: Promise<void>): void;
  isHeld(conversationId: string): boolean;
  /** Resolves when nothing holds readers back. */
  ready(conversationId: string): Promise<void>;
}

/** The answer and the stream reach the client by different connections. */
const HEAD_START_MS = 40;
const MAX_HOLD_MS = 1_000;

export function createHolds(): Holds {
  const holds = new Map<string, Set<Promise<void>>>();
  return {
    hold: (conversationId, answered) => {
      const released = Promise.race([answered.then(() => delay(HEAD_START_MS)), delay(MAX_HOLD_MS)]);
      const current = holds.get(conversationId) ?? new Set();
      holds.set(conversationId, current.add(released));
      void released.then(() => {
        current.delete(released);
        if (current.size === 0) holds.delete(conversationId);
      });
    },
    isHeld: (conversationId) => holds.has(conversationId),
    ready: async (conversationId) => {
      // Somebody who posts without pause must not silence the stream.
      const deadline = Date.now() + MAX_HOLD_MS;
      for (let current = holds.get(conversationId); current && Date.now() < deadline; current = holds.get(conversationId)) {
        await Promise.all(current);
      }
    },
  };
}

const delay = (durationMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, durationMs).unref());
