import { setImmediate } from 'node:timers/promises';
import { similarity } from '../../ai/embeddings';
import { AIError } from '../../ai/error';
import { loadVocabulary } from '../../ai/offline/vocabulary';
import { mergeRanks, rankByWords } from '../../ai/recall';
import type { ConversationMemory } from '../../dialogs/turn';
import { readMemory, type Position } from '../../state/memory';
import { latestTexts, type LoggedText } from '../../state/messages';
import { vectorsAfter } from '../../state/vectors';
import { newThreadId } from '../../threads/shelf';
import type { Thread } from '../../threads/thread';
import type { MemoryParts } from './conversationMemory';

/** Messages that an answer may stand on. */
const MAX_FOUND = 12;
/** Of each way of looking, before they are put together. */
const MAX_RANKED = 24;
/** Read at once: others are served in between. */
const PAGE = 250;
/** The newest so many are searched: some years of talk. */
const MAX_SEARCHED = 20_000;
const MAX_TEXT_LENGTH = 4_000; // characters
/** Texts with less in common are near by chance. */
const MIN_SIMILARITY = 0.2;

/** Earlier messages about something: by their words, and by their meaning where a deployment knows it. */
export async function recall(parts: MemoryParts, query: string, isTelling: Parameters<ConversationMemory['recall']>[1]): Promise<Thread> {
  const { startsAfter } = await readMemory(parts.database, parts.asker.conversationKey);
  const byKey = new Map<string, LoggedText>();
  const [words, meanings] = await Promise.all([lookForWords(parts, startsAfter, query, isTelling, byKey), lookForMeaning(parts, startsAfter, query)]);
  const found = mergeRanks([words, meanings.filter((key) => byKey.has(key))], MAX_FOUND).flatMap((key) => byKey.get(key) ?? []);
  return toThread(found.toSorted((one, other) => one.at - other.at), parts.linkTo);
}

/** Fills `byKey` with everything that was looked at. */
async function lookForWords(parts: MemoryParts, after: Position, query: string, isTelling: Parameters<ConversationMemory['recall']>[1], byKey: Map<string, LoggedText>): Promise<readonly string[]> {
  const language = (await parts.engine.detectLanguage(query)) ?? parts.locale.split('-', 1)[0] ?? 'en';
  const ranking = rankByWords(query, await loadVocabulary(language));
  let before: Position | undefined;
  while (byKey.size < MAX_SEARCHED) {
    const page = await latestTexts(parts.database, parts.asker.conversationKey, { after, limit: PAGE, maxLength: MAX_TEXT_LENGTH, ...(before && { before }) });
    const telling = page.filter((message) => message.id !== parts.position.id && isTelling({ text: message.text, isOwn: message.role === 'bot' }));
    for (const message of telling) byKey.set(keyOf(message), message);
    ranking.add(telling.map((message) => ({ key: keyOf(message), text: message.text })));
    before = page.at(-1);
    if (page.length < PAGE) break;
    await setImmediate();
  }
  return ranking.best(MAX_RANKED);
}

/** Empty where no deployment knows meanings, or it does not answer: words are enough then. */
async function lookForMeaning({ database, asker, engine, record }: MemoryParts, start: Position, query: string): Promise<readonly string[]> {
  const { embeddings } = engine;
  const [wanted] = (await embeddings?.embed([query], record.signal).catch(ignoreModelFailure)) ?? [];
  if (!embeddings || !wanted) return [];
  const near: { readonly key: string; readonly score: number }[] = [];
  for (let after = start; ;) {
    const page = await vectorsAfter(database, asker.conversationKey, embeddings.model, after, PAGE);
    for (const { at, id, vector } of page) near.push({ key: keyOf({ at, id }), score: similarity(wanted, vector) });
    const last = page.at(-1);
    if (!last || page.length < PAGE) break;
    after = { at: last.at, id: last.id };
    await setImmediate();
  }
  return near.filter(({ score }) => score >= MIN_SIMILARITY).toSorted((one, other) => other.score - one.score).slice(0, MAX_RANKED).map(({ key }) => key);
}

function ignoreModelFailure(error: unknown): undefined {
  if (!(error instanceof AIError)) throw error;
}

const keyOf = ({ at, id }: Position): string => `${at} ${id}`;

function toThread(found: readonly LoggedText[], linkTo: MemoryParts['linkTo']): Thread {
  const messages = found.map(({ id, authorKey, authorName, at, text }) => ({
    id, author: { id: authorKey, name: authorName }, createdAt: new Date(at).toISOString(), text, url: linkTo(id),
  }));
  const participants = [...new Map(messages.map(({ author }) => [author.id, author])).values()];
  return { id: newThreadId(), title: '', kind: 'chat', messages, participants, isLog: true };
}
