import { TEXTS_AT_ONCE } from '../../ai/embeddings';
import { readMemory, writeUnderLease, type Position } from '../../state/memory';
import { textsWithoutVector, writeVector } from '../../state/vectors';
import type { MemoryWork } from './keeper';

/** Gives every message a vector of the model that does embeddings now. Gives their number; 0 where none does. Throws AIError and StateError. */
export async function addVectors({ database, engine, lease, untilMs, signal }: MemoryWork): Promise<number> {
  const { embeddings } = engine;
  if (!embeddings) return 0;
  const { conversationKey } = lease;
  let { startsAfter: after }: { startsAfter: Position } = await readMemory(database, conversationKey);
  for (let count = 0; ;) {
    const texts = await textsWithoutVector(database, conversationKey, embeddings.model, after, TEXTS_AT_ONCE);
    const last = texts.at(-1);
    if (!last) return count;
    const vectors = await embeddings.embed(texts.map(({ text }) => text), signal);
    const writes = texts.flatMap(({ at, id }, index) => {
      const vector = vectors[index];
      return vector ? [writeVector(conversationKey, embeddings.model, { at, id, vector })] : [];
    });
    await writeUnderLease(database, lease, untilMs(), writes);
    count += texts.length;
    after = { at: last.at, id: last.id };
  }
}
