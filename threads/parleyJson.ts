import { z } from 'zod';
import { MAX_MESSAGES } from './assemble';
import { FileError } from './error';
import { readJsonExport } from './jsonExports';
import type { Author, Thread, ThreadMessage } from './thread';

const author = z.object({ id: z.string().min(1), name: z.string().min(1) });

const message = z.object({
  id: z.string().min(1),
  author,
  createdAt: z.iso.datetime({ offset: true }).optional(),
  offsetMs: z.number().nonnegative().optional(),
  text: z.string(),
  url: z.url({ protocol: /^https?$/ }).optional(),
  replyTo: z.string().optional(),
});

const thread = z.object({
  id: z.string().min(1).optional(),
  title: z.string().min(1).optional(),
  kind: z.enum(['meeting', 'chat', 'channel', 'document']).default('chat'),
  messages: z.array(message).min(1).max(MAX_MESSAGES),
  participants: z.array(author).optional(),
});

const MAX_PROBLEMS_NAMED = 10;

/**
 * A thread in Parley's own JSON: the shape of `Thread`, where `id`, `title`, `kind` and `participants` may be missing; or
 * an export of Slack or Teams. Throws FileError: `mismatch` where it is no JSON, `unreadable` naming every problem by its path.
 */
export function parseParleyJson(name: string, text: string): Thread {
  const value = parseJson(name, text);
  const exported = readJsonExport(name, value);
  if (exported) return exported;
  const result = thread.safeParse(value);
  if (!result.success) throw problemsError(name, result.error.issues.map(({ path, message: what }) => `${at(path)}: ${what}`));
  const repeated = repeatedIds(result.data.messages);
  if (repeated.length > 0) throw problemsError(name, repeated.map((id) => `messages: the id "${id}" occurs twice`));
  const { id = name, title = name, kind, messages, participants } = result.data;
  return { id, title, kind, messages, participants: participants ?? distinctAuthors(messages) };
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new FileError('mismatch', `${name} is named as JSON, but is not JSON.`, { cause: error });
  }
}

function problemsError(name: string, problems: readonly string[]): FileError {
  const named = problems.slice(0, MAX_PROBLEMS_NAMED).join('; ');
  const more = problems.length > MAX_PROBLEMS_NAMED ? `; and ${problems.length - MAX_PROBLEMS_NAMED} more` : '';
  return new FileError('unreadable', `${name} is not a Parley thread: ${named}${more}`);
}

const at = (path: readonly PropertyKey[]): string =>
  path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('').replace(/^\./, '') || 'file';

function repeatedIds(messages: readonly { readonly id: string }[]): readonly string[] {
  const seen = new Set<string>();
  return [...new Set(messages.map(({ id }) => id).filter((id) => seen.size === seen.add(id).size))];
}

const distinctAuthors = (messages: readonly ThreadMessage[]): readonly Author[] =>
  [...new Map(messages.map((each) => [each.author.id, each.author])).values()];
