import { callTool, contextTooLong, promptFiltered, say, unsupportedParameter, type Script } from '../helpers/fakeModelScript';
import { startFakeModelServer, type ModelCall } from '../helpers/fakeModelServer';
import { startParley, type Parley } from '../helpers/parley';
import { closeAfterwards } from './closing';
import { inParallel } from './load';
import { ask, askIn, type AnsweredTurn } from './modelTurns';
import { expectMeasured, score } from './scorecard';

const TURNS = 30;
const STALL_MS = 15_000;
const MOST_ROUNDS = 5;

interface Fault {
  /** What the person says; `id` is in every request of this turn. */
  readonly says: (id: string) => string;
  readonly plays: (call: ModelCall) => Script;
  /** A file that the person gave before. */
  readonly gives?: string;
  /** What the person reads. */
  readonly reads: RegExp;
}

const question = (id: string): string => `What do you think of ${id}?`;
const broken = (how: 'stall' | 'cut' | 'end' | 'bad-json' | 'error-event'): Fault => ({
  says: question,
  plays: () => ({ kind: 'broken', pieces: ['The half', ' of an'], how }),
  reads: /^The half of an[^]*This answer is incomplete\.[^]*[Tt]ry again/,
});
const wholeText = 'A whole answer.';

const faults: Readonly<Record<string, Fault>> = {
  stall: broken('stall'),
  cut: broken('cut'),
  'end without finish_reason': broken('end'),
  'error event': broken('error-event'),
  'bad SSE': broken('bad-json'),
  'content_filter on the prompt': { says: question, plays: promptFiltered, reads: /^The AI service’s safety filter[^]*Say it in other words/ },
  'content_filter on the completion': { says: question, plays: () => say('', { finishReason: 'content_filter' }), reads: /^The AI service’s safety filter held the answer back\.[^]*Ask in other words/ },
  'content_filter in the stream': { says: question, plays: () => say('The half of an', { finishReason: 'content_filter' }), reads: /^The half of an[^]*This answer is incomplete\.[^]*safety filter stopped it/ },
  'truncated JSON': { says: (id) => `translate to German: the plan of ${id} is good`, plays: () => say('{"from":"en","segments":[{"id":0,"te', { finishReason: 'length' }), reads: /^The AI service gave an answer that cannot be used\.[^]*Try again/ },
  'tool loop': { says: question, plays: callAgain, gives: 'Ada: We decided to ship version two on Friday.\nBen: I will write the release notes by Thursday.', reads: /^The AI service gave an answer that cannot be used\.[^]*Try again/ },
  context_length: { says: question, plays: contextTooLong, reads: /^This is more text than[^]*shorter/ },
  'unsupported parameter': { says: question, plays: ({ body }) => (body['max_completion_tokens'] === undefined ? say(wholeText) : unsupportedParameter('max_completion_tokens')), reads: /^A whole answer\.$/ },
};

/** Looks into documents for as long as it may; then it calls what does not exist. */
function callAgain({ body }: ModelCall): Script {
  const offered = (body.tools ?? []).map((tool) => tool.function.name);
  return callTool(offered.find((name) => name.startsWith('look_up')) ?? 'again', { query: 'again' });
}

const closing = closeAfterwards();
const names = Object.keys(faults);
const idOf = (fault: number, turn: number): string => `item-${fault}-${turn}-`;

interface Judged extends AnsweredTurn {
  readonly fault: string;
  readonly rounds: number;
  readonly isRight: boolean;
}

async function suffer(parley: Parley, calls: readonly ModelCall[], index: number): Promise<Judged> {
  const number = Math.floor(index / TURNS);
  const fault = names[number] ?? '';
  const { says, reads, gives } = faults[fault] ?? broken('cut'); // every name has one
  const id = idOf(number, index % TURNS);
  const chat = parley.teamsChat();
  if (gives !== undefined) await chat.deliver(chat.activity('message', { attachments: [{ contentType: 'text/plain', name: 'notes.txt', contentUrl: `data:text/plain;base64,${Buffer.from(gives).toString('base64')}` }] }));
  if (gives !== undefined) await parley.teams.waitFor(() => chat.shown().some(({ type }) => type === 'message'), 60_000);
  const turn = await askIn(parley, chat, says(id));
  const rounds = calls.filter((call) => lastSaid(call).includes(id)).length;
  const isHonest = fault === 'unsupported parameter' || !turn.words.includes(wholeText);
  return { ...turn, fault, rounds, isRight: reads.test(turn.words) && isHonest && rounds <= MOST_ROUNDS };
}

const lastSaid = ({ body }: ModelCall): string => JSON.stringify(body.messages.filter(({ role }) => role === 'user').slice(-3));

test('row 15: whatever goes wrong in an answer is told as what it is, and no part is taken for the whole', async () => {
  const startedAt = performance.now();
  const model = closing(await startFakeModelServer());
  const parley = closing(await startParley({ model: { server: model, as: 'azure' } }));
  model.answerWith((call) => {
    const number = Number(/item-(\d+)-/.exec(lastSaid(call))?.[1] ?? -1);
    return faults[names[number] ?? '']?.plays(call) ?? say(wholeText);
  });
  await ask(parley, 'Are you there?');
  const turns = await inParallel(names.length * TURNS, TURNS, (index) => suffer(parley, model.calls, index));
  const right = turns.filter(({ isRight }) => isRight);
  const stalls = turns.filter(({ fault }) => fault === 'stall').map(({ tookMs }) => tookMs);
  const rounds = Math.max(...turns.filter(({ fault }) => fault === 'tool loop').map((turn) => turn.rounds));
  expect(turns.filter(({ isRight }) => !isRight).map(({ fault, words, rounds: sent }) => ({ fault, words, sent }))).toEqual([]);
  expectMeasured(Math.max(...stalls)).toBeLessThan(STALL_MS);
  expect(rounds).toBeGreaterThan(1); // it did go round
  expect(rounds).toBeLessThanOrEqual(MOST_ROUNDS);
  score(15, {
    load: `${names.length} faults x ${TURNS}`,
    figure: `${right.length}/${turns.length} told as what they are; stall found after ${(Math.max(...stalls) / 1_000).toFixed(1)} s at most; ${rounds} rounds of tools at most`,
  });
  console.log(`row 15 took ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
});
