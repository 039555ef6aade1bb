import { setTimeout as sleep } from 'node:timers/promises';
import { FineTuningError, type FineTuning, type TuningEvent, type TuningJob } from '../ai/fineTuning';
import type { Deployment } from '../ai/deployments';
import type { Words } from '../cards/words';
import type { Terminal } from './command';
import { CommandError } from './command';
import { deploymentLine } from './deploymentLine';
import { inertText } from './inertText';
import { parseOptions } from './options';
import { numberOption } from './tuningOptions';
import { withTuning } from './tuningService';

const options = {
  json: { type: 'boolean', default: false },
  deployment: { type: 'string' },
  watch: { type: 'boolean', default: false },
  every: { type: 'string', default: '10' },
} as const;

/** `finetune status JOB`: how far it is; with --watch until its end. */
export async function showJob(args: readonly string[], terminal: Terminal): Promise<void> {
  const { words, print } = terminal;
  const { values, positionals } = parseOptions(args, options, words);
  const id = jobId(positionals, words);
  const everyMs = 1_000 * (numberOption('--every', values.every, { min: 0.01, max: 3_600 }, words) ?? 10);
  const say = (line: string): void => { if (!values.json) print(`${line}\n`); };
  await withTuning(terminal, values.deployment, async ({ tuning, deployment }) => {
    const job = values.watch ? await watchJob(tuning, id, { everyMs, words, say }) : await tuning.job(id);
    if (!values.watch) for (const line of statusLines(job, await tuning.events(id), words)) say(line);
    endOf(job, deployment, terminal, values.json);
  });
}

/** `finetune cancel JOB` */
export async function cancelJob(args: readonly string[], terminal: Terminal): Promise<void> {
  const { words, print } = terminal;
  const { values, positionals } = parseOptions(args, { json: options.json, deployment: options.deployment }, words);
  const id = jobId(positionals, words);
  const job = await withTuning(terminal, values.deployment, ({ tuning }) => tuning.cancel(id));
  print(values.json ? jsonOf(job) : `${words.cli.finetune.stateOf(inertText(job.id), words.cli.finetune.states[job.state])}\n`);
}

/** `finetune list`: newest first. */
export async function listJobs(args: readonly string[], terminal: Terminal): Promise<void> {
  const { words, print } = terminal;
  const { values, positionals } = parseOptions(args, { json: options.json, deployment: options.deployment, limit: { type: 'string', default: '20' } }, words);
  if (positionals.length > 0) throw new CommandError(words.cli.noOperand(positionals[0] ?? ''), 2);
  const limit = numberOption('--limit', values.limit, { min: 1, max: 100, isWhole: true }, words) ?? 20;
  const jobs = await withTuning(terminal, values.deployment, ({ tuning }) => tuning.list(limit));
  const lines = jobs.map((job) => inertText([job.id, words.cli.finetune.states[job.state], dayOf(job.createdAt), job.model ?? job.baseModel].join('  ')));
  print(values.json ? jsonOf(jobs) : `${(lines.length > 0 ? lines : [words.cli.finetune.noJobs]).join('\n')}\n`);
}

const jsonOf = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

/** Such as 2026-11-23 01:40. */
const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');

function jobId([id, another]: readonly string[], { cli }: Words): string {
  if (id === undefined || another !== undefined || !/^[\w.-]{1,200}$/.test(id)) throw new CommandError(cli.finetune.noJob, 2);
  return id;
}

interface Watching {
  readonly everyMs: number;
  readonly words: Words;
  readonly say: (line: string) => void;
}

const MAX_MISSED = 10;

/** Tells each event once, and how far it is, until the job has ended. A service that is away for a while is asked again. */
export async function watchJob(tuning: FineTuning, id: string, { everyMs, words, say }: Watching): Promise<TuningJob> {
  const told = new Set<string>();
  let state = '';
  for (let missed = 0; ; ) {
    try {
      const job = await tuning.job(id);
      const events = await tuning.events(id);
      missed = 0;
      if (job.state !== state) say(stateLine(job, words));
      state = job.state;
      for (const event of events.filter((each) => !told.has(each.id))) say(eventLine(event));
      for (const event of events) told.add(event.id);
      if (isOver(job)) return job;
    } catch (error) {
      missed += 1;
      if (!(error instanceof FineTuningError) || (error.code !== 'unavailable' && error.code !== 'busy') || missed > MAX_MISSED) throw error;
      say(words.cli.finetune.missed);
    }
    await sleep(everyMs);
  }
}

const isOver = ({ state }: TuningJob): boolean => state === 'succeeded' || state === 'failed' || state === 'cancelled';

const MAX_SHOWN_EVENTS = 10;

const statusLines = (job: TuningJob, events: readonly TuningEvent[], words: Words): readonly string[] => [stateLine(job, words), ...events.slice(-MAX_SHOWN_EVENTS).map(eventLine)];

function stateLine({ id, state, estimatedFinish }: TuningJob, { cli: { finetune } }: Words): string {
  const line = finetune.stateOf(inertText(id), finetune.states[state]);
  return estimatedFinish === undefined || state !== 'running' ? line : `${line} ${finetune.until(dayOf(estimatedFinish))}`;
}

function eventLine({ at, message, step }: TuningEvent): string {
  const line = `${dayOf(at)}  ${inertText(message)}`;
  return step?.of === undefined ? line : `${line}  ${progressBar(step.done / step.of)}`;
}

const BAR_LENGTH = 20;

/** Such as [##########..........] 50 %. */
function progressBar(share: number): string {
  const done = Math.min(1, Math.max(0, share));
  const filled = Math.round(done * BAR_LENGTH);
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_LENGTH - filled)}] ${Math.floor(done * 100)} %`;
}

/** What comes of the job: the line that brings its model into use, or why there is none. Throws CommandError where it failed. */
export function endOf(job: TuningJob, deployment: Deployment, { words, env, print }: Terminal, isJson: boolean): void {
  const { finetune } = words.cli;
  const next = job.state === 'succeeded' && job.model !== undefined ? deploymentLine(deployment, job.model, env) : undefined;
  if (isJson) print(jsonOf({ ...job, ...(next && { deployment: next }) }));
  else if (next) {
    const lines = [finetune.made(job.model ?? ''), ...(next.deploy === undefined ? [] : [finetune.deployFirst, `  ${next.deploy}`]), finetune.addRow, `  ${next.row}`, ...(next.setting === undefined ? [] : [finetune.addSetting, `  ${next.setting}`])];
    print(`${inertText(lines.join('\n'))}\n`);
  } else if (!isOver(job)) print(`${finetune.later(inertText(job.id))}\n`);
  if (job.state === 'failed') throw new CommandError(finetune.failed(inertText(job.failure ?? '').replace(/[.\s]+$/, '')));
  if (job.state === 'cancelled') throw new CommandError(finetune.cancelled);
}
