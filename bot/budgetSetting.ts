import { z } from 'zod';
import { capabilities, type Capability } from '../ai/capability';
import { budgetSubjects, type Budget } from './budgets';

const ITEM = new RegExp(`^(${budgetSubjects.join('|')})(?: (${capabilities.join('|')}))? (tokens|requests) ([1-9]\\d{0,14})$`);

/** `WHO [CAPABILITY] tokens|requests NUMBER`, such as "user tokens 200000" or "user images requests 20". */
export const budget = z.string()
  .refine((text) => ITEM.test(spaced(text)), `must hold budgets such as "user tokens 200000" or "tenant images requests 500", separated by commas: who (${budgetSubjects.join(', ')}), perhaps a capability (${capabilities.join(', ')}), tokens or requests, and a number`)
  .transform((text): Budget => {
    const [, who, capability, what, limit] = ITEM.exec(spaced(text)) ?? [];
    // both are of the lists that the expression is made of
    return { who: who as Budget['who'], ...(capability !== undefined && { capability: capability as Capability }), [what ?? '']: Number(limit) };
  });

const spaced = (text: string): string => text.trim().replace(/\s+/g, ' ');

/** Tokens and requests of the same are one budget; of two numbers for one thing the smaller counts. */
export function mergeBudgets(budgets: readonly Budget[]): readonly Budget[] {
  const merged = new Map<string, Budget>();
  for (const each of budgets) {
    const name = `${each.who} ${each.capability ?? ''}`;
    const known = merged.get(name) ?? each;
    merged.set(name, { ...known, ...each, ...smaller('tokens', known, each), ...smaller('requests', known, each) });
  }
  return [...merged.values()];
}

function smaller(what: 'tokens' | 'requests', one: Budget, other: Budget): Pick<Budget, 'tokens' | 'requests'> {
  const limit = Math.min(one[what] ?? Infinity, other[what] ?? Infinity);
  return limit === Infinity ? {} : { [what]: limit };
}
