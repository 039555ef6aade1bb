import { open } from 'node:fs/promises';
import { z } from 'zod';
import { detailKinds } from '../ai/deidentify';
import { MIN_EXAMPLES } from '../ai/trainingData';
import { keptAnswerShape } from '../dialogs/rating';
import { parseSettings } from '../bot/turns/settings';
import type { Words } from '../cards/words';
import type { Database } from '../state/database';
import { countRatings, readKept, type KeptRating, type Reaction } from '../state/feedback';
import { readSettings } from '../state/users';
import type { Terminal } from './command';
import { CommandError } from './command';
import { inertText } from './inertText';
import { oneOperand, parseOptions } from './options';
import { leftOutReasons, lineOf, sumOf, toExample, type Example, type LeftOutReason } from './trainingExamples';
import { withStore } from './withStore';

const options = { json: { type: 'boolean', default: false }, preview: { type: 'string' }, force: { type: 'boolean', default: false } } as const;

interface Collected {
  readonly examples: readonly Example[];
  readonly leftOut: ReadonlyMap<LeftOutReason, number>;
  readonly thumbs: Readonly<Record<Reaction, number>>;
}

/** `finetune export FILE`: rated answers of those who agreed, de-identified, as JSON lines. With --preview nothing is written. */
export async function exportDataset(args: readonly string[], terminal: Terminal): Promise<void> {
  const { words } = terminal;
  const { values, positionals } = parseOptions(args, options, words);
  const preview = values.preview === undefined ? undefined : toCount(values.preview, words);
  const path = preview === undefined ? oneOperand(positionals, words) : undefined;
  const collected = await withStore(terminal, (database) => collect(database));
  const lines = collected.examples.map((example) => `${lineOf(example)}\n`).join('');
  if (path !== undefined && path !== '-' && collected.examples.length > 0) await write(path, lines, values.force, words);
  if (path === '-') terminal.print(lines);
  else terminal.print(values.json ? `${JSON.stringify(report(collected, path, preview), undefined, 2)}\n` : reportText(collected, path, preview, words));
}

async function collect(database: Database): Promise<Collected> {
  const examples = new Map<string, Example>();
  const leftOut = new Map<LeftOutReason, number>();
  for await (const row of readKept(database)) {
    const example = await exampleOf(database, row);
    const reason = typeof example === 'string' ? example : examples.has(lineOf(example)) ? 'repeated' : undefined;
    if (reason !== undefined) leftOut.set(reason, (leftOut.get(reason) ?? 0) + 1);
    else if (typeof example !== 'string') examples.set(lineOf(example), example);
  }
  return { examples: [...examples.values()], leftOut, thumbs: await countRatings(database) };
}

/** Whoever took the consent back in the meantime is left out, though what was kept goes with it. */
async function exampleOf(database: Database, { userKey, reaction, kept }: KeptRating): Promise<Example | LeftOutReason> {
  const { improvement } = parseSettings(await readSettings(database, userKey));
  if (improvement !== 'yes') return 'consent';
  const { data } = keptAnswerShape.safeParse(parseJson(kept));
  return data ? toExample({ ...data, reaction }) : 'unreadable';
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const MAX_PREVIEW = 1_000;
const count = z.string().regex(/^\d{1,4}$/).transform(Number).pipe(z.number().min(1).max(MAX_PREVIEW));

function toCount(text: string, { cli }: Words): number {
  const parsed = count.safeParse(text);
  if (!parsed.success) throw new CommandError(cli.finetune.preview(text), 2);
  return parsed.data;
}

/** For its owner alone: what it holds was said in confidence. */
async function write(path: string, text: string, isForced: boolean, { cli }: Words): Promise<void> {
  try {
    const file = await open(path, isForced ? 'w' : 'wx', 0o600);
    await file.writeFile(text).finally(() => file.close());
  } catch (error) {
    const code = typeof error === 'object' && error && 'code' in error ? String(error.code) : 'unknown';
    throw new CommandError(code === 'EEXIST' ? cli.finetune.exists(path) : cli.finetune.notWritable(path, code), 1, { cause: error });
  }
}

function report({ examples, leftOut, thumbs }: Collected, path: string | undefined, preview: number | undefined): object {
  return {
    file: path ?? null,
    thumbs,
    examples: examples.length,
    corrected: examples.filter(({ isCorrected }) => isCorrected).length,
    leftOut: Object.fromEntries(leftOutReasons.map((reason) => [reason, leftOut.get(reason) ?? 0])),
    replaced: sumOf(examples.map(({ replaced }) => replaced)),
    ...(preview !== undefined && { preview: examples.slice(0, preview).map(({ messages }) => ({ messages })) }),
  };
}

function reportText({ examples, leftOut, thumbs }: Collected, path: string | undefined, preview: number | undefined, words: Words): string {
  const { finetune } = words.cli;
  const replaced = sumOf(examples.map((example) => example.replaced));
  const corrected = examples.filter(({ isCorrected }) => isCorrected).length;
  const lines = [
    ...examples.slice(0, preview ?? 0).flatMap((example, index) => previewOf(example, index, words)),
    finetune.thumbs(thumbs.like, thumbs.dislike),
    finetune.examples(examples.length, corrected),
    ...[...leftOut].map(([reason, number]) => `- ${finetune.leftOut[reason](number)}`),
    finetune.replaced(detailKinds.filter((kind) => replaced[kind] > 0).map((kind) => `${finetune.details[kind]}: ${replaced[kind]}`).join(', ')),
    ...(path !== undefined && examples.length > 0 ? [finetune.written(path)] : []),
    ...(examples.length < MIN_EXAMPLES ? [finetune.tooFew(examples.length, MIN_EXAMPLES)] : []),
    finetune.limits,
  ];
  return `${lines.join('\n')}\n`;
}

function previewOf({ messages: [, question, answer] }: Example, index: number, { cli: { finetune } }: Words): readonly string[] {
  return [`${index + 1}. ${finetune.person}: ${inertText(question.content)}`, `   Parley: ${inertText(answer.content)}`, ''];
}
