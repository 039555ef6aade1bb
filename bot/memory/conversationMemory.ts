import type { Asker } from '../../ai/call';
import type { Engine } from '../../ai/engine';
import { windowTokens } from '../../ai/promptWindow';
import type { ConversationMemory, Remembered } from '../../dialogs/turn';
import type { Database } from '../../state/database';
import { startMemoryOver, type Position } from '../../state/memory';
import type { LoggedText } from '../../state/messages';
import type { ConversationReads } from '../turns/readAhead';
import type { TurnRecord } from '../turns/turn';
import { recall } from './recall';

export interface MemoryParts {
  readonly database: Database;
  readonly reads: Pick<ConversationReads, 'memory' | 'texts'>;
  readonly asker: Asker;
  /** Of this turn. */
  readonly engine: Engine;
  /** BCP 47 of the person. */
  readonly locale: string;
  /** Where this message stands in the log. */
  readonly position: Position;
  readonly linkTo: (messageId: string) => string | undefined;
  /** What happens with the turn's commit, and after it. */
  readonly record: Pick<TurnRecord, 'effects' | 'afterCommit' | 'signal'>;
  /** Takes notes between turns; nobody does without it. */
  readonly tend?: (asker: Asker) => void;
}

const PAGE = 50;
/** Notes are taken before a prompt is full of what they lack. */
const FULL_SHARE = 0.75;

/** What one turn may look back at. Reads nothing before it is asked. */
export function createMemory(parts: MemoryParts): ConversationMemory {
  const { asker, record, position } = parts;
  return {
    recent: (maxTokens) => recent(parts, maxTokens),
    recall: (query, isTelling) => recall(parts, query, isTelling),
    startOver: () => void record.effects.push((queries) => startMemoryOver(queries, asker.conversationKey, position)),
  };
}

async function recent(parts: MemoryParts, maxTokens: number): Promise<Remembered> {
  const { asker, engine, reads } = parts;
  const { startsAfter, summary } = await reads.memory();
  const { texts, isWhole } = await newestTexts(parts, startsAfter, maxTokens);
  const open = summary ? texts.filter((text) => isAfter(text, summary.until)) : texts;
  const isOutOfSight = !isWhole && open.length === texts.length; // what comes before is in no notes
  if (engine.compact && (isOutOfSight || windowTokens(open.map(toSaid)) > maxTokens * FULL_SHARE)) parts.record.afterCommit.push(async () => parts.tend?.(asker));
  return { said: texts.toReversed().map(toSaid), isWhole, ...(summary && { notes: summary.text }) };
}

/** Newest first; read page by page, so that it costs the same however long the conversation is. */
async function newestTexts({ reads, position }: MemoryParts, after: Position, maxTokens: number): Promise<{ texts: readonly LoggedText[]; isWhole: boolean }> {
  const texts: LoggedText[] = [];
  let before: Position | undefined;
  for (let tokens = 0; tokens <= maxTokens;) {
    // A message takes a quarter of the window at most: as many characters as it has tokens.
    const page = await reads.texts({ after, limit: PAGE, maxLength: maxTokens, ...(before && { before }) });
    const said = page.filter(({ id, text }) => id !== position.id && text.trim() !== '');
    texts.push(...said);
    tokens += windowTokens(said.map(toSaid));
    before = page.at(-1);
    if (page.length < PAGE) return { texts, isWhole: tokens <= maxTokens };
  }
  return { texts, isWhole: false };
}

/** The store counts characters as people do: an emoji is one. */
const toSaid = ({ role, text, length }: LoggedText): Remembered['said'][number] =>
  ({ role: role === 'bot' ? 'assistant' : 'user', text, ...(length > Array.from(text).length && { length }) });

const isAfter = (one: Position, other: Position): boolean => one.at > other.at || (one.at === other.at && one.id > other.id);
