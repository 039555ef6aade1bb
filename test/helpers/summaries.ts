import { claimId } from '../../ai/summary/claimId';
import type { Claim, Summary } from '../../ai/summary/summary';

/** A summary that a model made of all of two messages, except where the test says otherwise. */
export function summaryOf(given: Partial<Summary> = {}): Summary {
  return {
    origin: 'ai', language: 'en', length: 'standard', tldr: [], claims: [], keySentences: [], dropped: 0,
    coverage: { messages: 2, read: 2, omitted: [], quotedOnly: 0 },
    engine: { kind: 'model', name: 'test-model' },
    ...given,
  };
}

/** A claim on one message. */
export function claimOf(text: string, messageId: string, given: Partial<Claim> = {}): Claim {
  const claim = { kind: 'fact' as const, text, evidence: [{ messageId, quote: text }], status: 'current' as const, ...given };
  return { id: claimId(claim), ...claim };
}

interface Item {
  readonly text: string;
  readonly messageId: string;
  readonly owner?: string;
  readonly due?: string;
}

/** What a summary says, by sections. */
export function sectionsOf({ claims, keySentences }: Pick<Summary, 'claims' | 'keySentences'>): Readonly<Record<'keyPoints' | 'decisions' | 'actionItems' | 'openQuestions', readonly Item[]>> {
  const items = (...kinds: readonly Claim['kind'][]): readonly Item[] => claims.filter(({ kind }) => kinds.includes(kind)).map(toItem);
  return { keyPoints: [...items('topic', 'fact'), ...keySentences], decisions: items('decision'), actionItems: items('action'), openQuestions: items('question') };
}

const toItem = ({ text, evidence, owner, due }: Claim): Item =>
  ({ text, messageId: evidence[0]?.messageId ?? '', ...(owner !== undefined && { owner }), ...(due !== undefined && { due }) });

export const itemsOf = (summary: Pick<Summary, 'claims' | 'keySentences'>): readonly Item[] => Object.values(sectionsOf(summary)).flat();
