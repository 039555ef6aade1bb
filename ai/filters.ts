import { z } from 'zod';
import type { FilterVerdict } from './call';

const verdictShape = z.object({ filtered: z.boolean().catch(false), severity: z.string().optional().catch(undefined), detected: z.boolean().optional().catch(undefined) });
const verdictsShape = z.record(z.string(), z.unknown());
const promptsShape = z.array(z.object({ content_filter_results: z.unknown().optional(), content_filter_result: z.unknown().optional() })).catch([]);

/**
 * What `content_filter_results` of Azure OpenAI says, by category; nothing where it says nothing. A filter that could not
 * judge is named `content_filter_error`: nothing was filtered then (Learn, "Content filtering", "Scenario details").
 */
export function readVerdicts(on: FilterVerdict['on'], results: unknown): readonly FilterVerdict[] {
  if (results === undefined || results === null) return []; // most chunks of a stream
  const { data = {} } = verdictsShape.safeParse(results);
  return Object.entries(data).flatMap(([category, said]) => {
    if (category === 'error') return [{ on, category: 'content_filter_error', isFiltered: false }];
    const { data: verdict } = verdictShape.safeParse(said);
    return verdict && categoryName.test(category) ? [toVerdict(on, category, verdict)] : [];
  });
}

const categoryName = /^\w{1,60}$/; // a name of the service's own, never text

function toVerdict(on: FilterVerdict['on'], category: string, { filtered, severity, detected }: z.infer<typeof verdictShape>): FilterVerdict {
  const isSeverity = severity !== undefined && categoryName.test(severity);
  return { on, category, isFiltered: filtered, ...(isSeverity && { severity }), ...(detected !== undefined && { isDetected: detected }) };
}

/** What `prompt_filter_results` of a completion or of a stream's first chunk says. */
export function readPromptVerdicts(results: unknown): readonly FilterVerdict[] {
  if (results === undefined || results === null) return [];
  return promptsShape.parse(results).flatMap((prompt) => readVerdicts('prompt', prompt.content_filter_results ?? prompt.content_filter_result));
}

/** One verdict for each filter: a stream tells them again and again, and what was filtered once stays so. */
export function mergeVerdicts(before: readonly FilterVerdict[], added: readonly FilterVerdict[]): readonly FilterVerdict[] {
  const merged = new Map(before.map((verdict) => [nameOf(verdict), verdict]));
  for (const verdict of added) {
    const known = merged.get(nameOf(verdict));
    if (!known?.isFiltered || verdict.isFiltered) merged.set(nameOf(verdict), { ...known, ...verdict });
  }
  return [...merged.values()];
}

const nameOf = ({ on, category }: FilterVerdict): string => `${on} ${category}`;
