import type { Exchange } from './engine';
import { estimateTokens } from './tokens';

const OVERHEAD_TOKENS = 5; // role and punctuation of a message

/** One message takes no more than this share of the window, so that one long text does not push out all the others. */
const LONGEST_SHARE = 0.25;

/** Something that was said; `length`: characters of the whole, where `text` is only its beginning. */
export interface Said extends Exchange {
  readonly length?: number;
}

/**
 * The newest messages that fit into `maxTokens`, oldest first as given: whole ones, but for those that are long, which
 * say how much of them is left out.
 */
export function windowOf(said: readonly Said[], maxTokens: number): readonly Exchange[] {
  const chosen: Exchange[] = [];
  let tokens = 0;
  for (const message of said.toReversed()) {
    const exchange = shortened(message, maxTokens * LONGEST_SHARE);
    tokens += estimateTokens(exchange.text) + OVERHEAD_TOKENS;
    if (tokens > maxTokens) break;
    chosen.push(exchange);
  }
  return chosen.toReversed();
}

/** Tokens of a window, as they are counted when it is filled. */
export const windowTokens = (exchanges: readonly Exchange[]): number =>
  exchanges.reduce((sum, { text }) => sum + estimateTokens(text) + OVERHEAD_TOKENS, 0);

/** The beginning says what a long message is about. */
function shortened({ role, text, length = text.length }: Said, maxTokens: number): Exchange {
  const share = Math.min(1, maxTokens / estimateTokens(text));
  if (share === 1 && text.length >= length) return { role, text };
  const beginning = text.slice(0, Math.floor(text.length * share)).toWellFormed();
  return { role, text: `${beginning} … [shortened: ${length - beginning.length} more characters are not shown here]` };
}
