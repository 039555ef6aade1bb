import { AIError } from './error';

/** How the context window of a chat model is shared out, in tokens. What is left is for instructions, skills and the question. */
export interface PromptBudget {
  /** What was said before, word for word. */
  readonly history: number;
  /** Notes on what was said before that. */
  readonly notes: number;
  /** Passages of documents and of earlier messages. */
  readonly sources: number;
  readonly output: number;
}

/** More costs more than it helps: what is older is in the notes, and is found where it is asked for. */
const MOST: PromptBudget = { history: 12_000, notes: 800, sources: 6_000, output: 2_000 };
const SHARES: PromptBudget = { history: 0.2, notes: 0.06, sources: 0.28, output: 0.22 };

/** What hosted models have at least; local servers may be set to far less. */
const USUAL_CONTEXT_TOKENS = 128_000;

export function promptBudget(contextTokens = USUAL_CONTEXT_TOKENS): PromptBudget {
  const part = (name: keyof PromptBudget): number => Math.floor(Math.min(MOST[name], contextTokens * SHARES[name]));
  return { history: part('history'), notes: part('notes'), sources: part('sources'), output: part('output') };
}

/**
 * Asks, and where the service takes less than it was thought to, once more with a quarter of what stood around the question.
 * Nobody has seen anything then: services refuse what is too long before they answer.
 */
export async function withinBudget<Result>(budget: PromptBudget, ask: (budget: PromptBudget) => Promise<Result>): Promise<Result> {
  try {
    return await ask(budget);
  } catch (error) {
    if (!(error instanceof AIError) || error.code !== 'too-long') throw error;
    return ask(smallerBudget(budget));
  }
}

export const smallerBudget = ({ history, sources, output }: PromptBudget): PromptBudget =>
  ({ history: Math.floor(history / 4), notes: 0, sources: Math.floor(sources / 4), output });
