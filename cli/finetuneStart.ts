import { setTimeout as sleep } from 'node:timers/promises';
import type { FineTuning, TuningFile } from '../ai/fineTuning';
import { MIN_EXAMPLES } from '../ai/trainingData';
import type { Words } from '../cards/words';
import type { Terminal } from './command';
import { CommandError } from './command';
import { endOf, watchJob } from './finetuneJobs';
import { isGood } from './finetuneValidate';
import { inertText } from './inertText';
import { oneOperand, parseOptions } from './options';
import { problemLines, readDataset, type Dataset } from './readDataset';
import { numberOption } from './tuningOptions';
import { withTuning } from './tuningService';

const options = {
  json: { type: 'boolean', default: false },
  model: { type: 'string' },
  validation: { type: 'string' },
  suffix: { type: 'string' },
  epochs: { type: 'string' },
  seed: { type: 'string' },
  deployment: { type: 'string' },
  watch: { type: 'boolean', default: false },
  every: { type: 'string', default: '10' },
} as const;

/** How long services look at a file before it can be used. */
const FILE_LIMIT_MS = 15 * 60_000;

/** `finetune start FILE --model MODEL`: checks, uploads and starts; with --watch it stays until the end. */
export async function startJob(args: readonly string[], terminal: Terminal): Promise<void> {
  const { words, print } = terminal;
  const { values, positionals } = parseOptions(args, options, words);
  const path = oneOperand(positionals, words);
  const { model, suffix } = values;
  if (model === undefined || model === '') throw new CommandError(words.cli.finetune.noModel, 2);
  if (suffix !== undefined && !/^[\w.-]{1,64}$/.test(suffix)) throw new CommandError(words.cli.finetune.suffix(suffix), 2);
  const epochs = numberOption('--epochs', values.epochs, { min: 1, max: 50, isWhole: true }, words);
  const seed = numberOption('--seed', values.seed, { min: 0, max: 2_147_483_647, isWhole: true }, words);
  const everyMs = 1_000 * (numberOption('--every', values.every, { min: 0.01, max: 3_600 }, words) ?? 10);
  const training = await readGood(path, words);
  const validation = values.validation === undefined ? undefined : await readDataset(values.validation, words);
  if (validation && validation.check.problems.length > 0) throw new CommandError(problemLines({ ...validation.check, hasEnough: true }, words, MIN_EXAMPLES).join(' '));
  await withTuning(terminal, values.deployment, async ({ tuning, deployment }) => {
    const say = (line: string): void => { if (!values.json) print(`${line}\n`); };
    const trainingFile = await upload(tuning, training, everyMs, words, say);
    const validationFile = validation && (await upload(tuning, validation, everyMs, words, say));
    const started = await tuning.start({ model, trainingFile, ...(validationFile !== undefined && { validationFile }), ...(suffix !== undefined && { suffix }), ...(epochs !== undefined && { epochs }), ...(seed !== undefined && { seed }) });
    say(words.cli.finetune.started(inertText(started.id)));
    const job = values.watch ? await watchJob(tuning, started.id, { everyMs, words, say }) : started;
    endOf(job, deployment, terminal, values.json);
  });
}

async function readGood(path: string, words: Words): Promise<Dataset> {
  const dataset = await readDataset(path, words);
  if (!isGood(dataset.check)) throw new CommandError([words.cli.finetune.notGood(path), ...problemLines(dataset.check, words, MIN_EXAMPLES)].join(' '));
  return dataset;
}

/** Gives the file's id once the service can use it. */
async function upload(tuning: FineTuning, { name, bytes }: Dataset, everyMs: number, { cli: { finetune } }: Words, say: (line: string) => void): Promise<string> {
  say(finetune.uploading(name, Math.max(1, Math.round(bytes.length / 1_000))));
  let file: TuningFile = await tuning.upload({ name, bytes });
  for (const endMs = Date.now() + FILE_LIMIT_MS; file.state === 'waiting'; file = await tuning.file(file.id)) {
    if (Date.now() > endMs) throw new CommandError(finetune.fileSlow(file.id));
    await sleep(everyMs);
  }
  if (file.state === 'refused') throw new CommandError(finetune.fileRefused(inertText(file.id), inertText(file.detail)));
  return file.id;
}
