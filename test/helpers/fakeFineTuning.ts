import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerWhole } from './fakeModelPlayer';
import { fileRequestProblem, fileResponseProblem, jobEventsResponseProblem, jobRequestProblem, jobResponseProblem, jobsResponseProblem } from './openaiSpec';
import { readForm } from './readForm';

/** A request as it came; bodies and forms were checked against OpenAI's own description. */
export interface TuningCall {
  readonly method: string;
  /** After `/v1`, without the query. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly file?: { readonly name: string; readonly text: string };
}

export interface FakeFineTuning {
  readonly calls: readonly TuningCall[];
  /** States that the next job has, one each time somebody looks; the last one stays. */
  plan(...states: readonly JobState[]): void;
  /** How the next uploads stand when somebody looks; `processed` unless it is said. */
  fileStates(...states: readonly string[]): void;
  /** Refuses the next request to a path. */
  refuse(path: string, status: number, message: string): void;
  deployedModels: readonly string[];
}

type JobState = 'validating_files' | 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

export interface TuningHandler extends FakeFineTuning {
  /** Answers the request where it is one of files or fine-tuning. Gives what the service would object to; undefined: nothing. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<string | undefined>;
}

const ours = /^(?:\/openai)?\/v1(\/(?:files|fine_tuning)(?:\/[\w/-]+)?)(?:\?.*)?$|^\/openai(\/(?:files|fine_tuning)(?:\/[\w/-]+)?)\?(?:.*&)?api-version=[\w-]+(?:&.*)?$/;

const pathOf = ({ url = '' }: IncomingMessage): string | undefined => {
  const [, v1, dated] = ours.exec(url) ?? [];
  return v1 ?? dated;
};

export const isTuningRequest = (request: IncomingMessage): boolean => pathOf(request) !== undefined;

interface Job {
  readonly id: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly states: JobState[];
  /** As it was when somebody looked last. */
  shown: JobState | undefined;
}

const AT = 1_790_000_000;
const STEPS = 30;

/** Files and jobs live as long as the server. */
export function createFakeFineTuning(): TuningHandler {
  const calls: TuningCall[] = [];
  const files = new Map<string, { readonly name: string; readonly bytes: number; readonly states: string[] }>();
  const jobs = new Map<string, Job>();
  const refusals = new Map<string, { readonly status: number; readonly message: string }>();
  let planned: JobState[] = ['validating_files', 'running', 'succeeded'];
  let fileStates: string[] = ['processed'];

  const fileOf = (id: string): object => {
    const file = files.get(id);
    return checked({ id, object: 'file', bytes: file?.bytes, created_at: AT, filename: file?.name, purpose: 'fine-tune', status: stateOf(file?.states ?? []) }, fileResponseProblem);
  };
  const handler: TuningHandler = {
    calls,
    plan: (...states) => void (planned = [...states]),
    fileStates: (...states) => void (fileStates = [...states]),
    refuse: (path, status, message) => void refusals.set(path, { status, message }),
    deployedModels: ['gpt-4.1-mini-2025-04-14'],
    handle: async (request, response) => {
      const call = await readCall(request);
      const problem = problemOf(call, request);
      if (problem !== undefined) {
        answerWhole(response, 500, JSON.stringify({ error: { message: problem, code: 'fake_violation' } }));
        return problem;
      }
      calls.push(call);
      const refusal = refusals.get(call.path);
      refusals.delete(call.path);
      const answered = refusal ? refusedWith(refusal.status, refusal.message) : answer(call);
      answerWhole(response, answered.status, JSON.stringify(answered.body));
      return undefined;
    },
  };

  function answer({ method, path, body, file }: TuningCall): { readonly status: number; readonly body: object } {
    const [, , , jobId = '', action] = path.split('/');
    if (path === '/files') {
      const id = `file-${files.size + 1}`;
      files.set(id, { name: file?.name ?? '', bytes: file?.text.length ?? 0, states: [...fileStates] });
      return ok(fileOf(id));
    }
    if (path.startsWith('/files/')) return files.has(path.slice(7)) ? ok(fileOf(path.slice(7))) : refusedWith(404, `No such File object: ${path.slice(7)}`);
    if (path === '/fine_tuning/jobs' && method === 'GET') return ok(checked({ object: 'list', data: [...jobs.values()].toReversed().map((job) => jobBody(job, false)), has_more: false }, jobsResponseProblem));
    if (path === '/fine_tuning/jobs') return create(body);
    const job = jobs.get(jobId);
    if (!job) return refusedWith(404, `Could not find fine tune: ${jobId}`);
    if (action === 'events') return ok(checked({ object: 'list', data: eventsOf(job), has_more: false }, jobEventsResponseProblem));
    if (action === 'cancel') job.states.splice(0, job.states.length, 'cancelled');
    return ok(jobBody(job, true));
  }

  function create(body: TuningCall['body']): { readonly status: number; readonly body: object } {
    if (!handler.deployedModels.includes(String(body['model']))) return refusedWith(400, `The specified base model does not support fine-tuning: ${String(body['model'])}`);
    const file = files.get(String(body['training_file']));
    if (!file || file.states[0] !== 'processed') return refusedWith(400, `The file ${String(body['training_file'])} is not ready to be used.`);
    const job = { id: `ftjob-${jobs.size + 1}`, body, states: [...planned], shown: undefined };
    jobs.set(job.id, job);
    return ok(jobBody(job, false));
  }

  return handler;
}

/** The next state each time it is looked at; the last one stays. */
function stateOf<State>(states: State[]): State | undefined {
  return states.length > 1 ? states.shift() : states[0];
}

function jobBody(job: Job, isLook: boolean): object {
  const { id, body, states } = job;
  if (isLook) job.shown = stateOf(states);
  const state = job.shown ?? states[0];
  const isDone = state === 'succeeded';
  return checked({
    id, object: 'fine_tuning.job', created_at: AT, organization_id: 'org-fake', result_files: [], seed: Number(body['seed'] ?? 1),
    model: body['model'], status: state, training_file: body['training_file'], validation_file: body['validation_file'] ?? null,
    hyperparameters: { n_epochs: 'auto' },
    finished_at: isDone || state === 'failed' ? AT + 600 : null,
    fine_tuned_model: isDone ? `ft:${String(body['model'])}:fake:${typeof body['suffix'] === 'string' ? body['suffix'] : ''}:1` : null,
    trained_tokens: isDone ? 12_345 : null,
    error: state === 'failed' ? { code: 'invalid_training_file', message: 'The training file has examples that are not allowed.', param: 'training_file' } : null,
  }, jobResponseProblem);
}

/** Newest first, as the service lists them. */
function eventsOf({ id, shown: state }: Job): readonly object[] {
  const event = (number: number, message: string, data?: object): object => ({ id: `${id}-${number}`, object: 'fine_tuning.job.event', created_at: AT + number, level: 'info', message, type: data ? 'metrics' : 'message', ...(data && { data }) });
  const step = (done: number): object => event(10 + done, `Step ${done}/${STEPS}: training loss=0.50`, { step: done, total_steps: STEPS, train_loss: 0.5 });
  const events = [event(1, `Created fine-tuning job: ${id}`)];
  if (state === 'running' || state === 'succeeded') events.push(event(2, 'Fine-tuning job started'), step(10), step(20));
  if (state === 'succeeded') events.push(step(30), event(90, 'The job has successfully completed'));
  return events.toReversed();
}

const ok = (body: object): { status: number; body: object } => ({ status: 200, body });
const refusedWith = (status: number, message: string): { status: number; body: object } => ({ status, body: { error: { message, type: 'invalid_request_error', param: null, code: null } } });

/** The fake itself speaks as OpenAI's description says. */
function checked(body: object, problem: (body: unknown) => string | undefined): object {
  const found = problem(body);
  if (found !== undefined) throw new Error(`The fake would answer what the service does not: ${found}`);
  return body;
}

async function readCall(request: IncomingMessage): Promise<TuningCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // no encoding is set: chunks are buffers
  const bytes = Buffer.concat(chunks);
  const about = { method: request.method ?? '', path: pathOf(request) ?? '' };
  if (about.method !== 'POST' || bytes.length === 0) return { ...about, body: {} };
  if (about.path !== '/files') return { ...about, body: JSON.parse(bytes.toString()) as TuningCall['body'] }; // checked by the schema
  const { body, file } = await readForm(bytes, request.headers['content-type']);
  return { ...about, body, ...(file && { file: { name: file.name, text: await file.text() } }) };
}

const routes: readonly (readonly [method: string, path: RegExp, problem?: (body: unknown) => string | undefined])[] = [
  ['POST', /^\/files$/, fileRequestProblem],
  ['GET', /^\/files\/[\w-]+$/],
  ['POST', /^\/fine_tuning\/jobs$/, jobRequestProblem],
  ['GET', /^\/fine_tuning\/jobs(?:\/[\w-]+(?:\/events)?)?$/],
  ['POST', /^\/fine_tuning\/jobs\/[\w-]+\/cancel$/],
];

function problemOf(call: TuningCall, { headers }: IncomingMessage): string | undefined {
  const route = routes.find(([method, path]) => method === call.method && path.test(call.path));
  if (!route) return `There is no ${call.method} ${call.path}.`;
  if (!/^Bearer \S+/.test(headers.authorization ?? '') && headers['api-key'] === undefined) return 'The request carries neither a bearer token nor a key.';
  const problem = route[2]?.(call.body) ?? (call.path === '/files' ? uploadProblem(call) : undefined);
  return problem && `Not a request to ${call.path}: ${problem}`;
}

function uploadProblem({ file, body }: TuningCall): string | undefined {
  if (!file) return 'the form has no file';
  if (body['purpose'] !== 'fine-tune') return `the purpose is ${String(body['purpose'])}`;
  if (!file.name.endsWith('.jsonl')) return `the file is named ${file.name}`;
  return file.text.trim().split('\n').every((line) => line.startsWith('{')) ? undefined : 'the file is no JSONL';
}
