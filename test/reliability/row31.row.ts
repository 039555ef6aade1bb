import { setTimeout as sleep } from 'node:timers/promises';
import type { TurnCommit } from '../../state/turns';
import { openDatabase } from '../../state/openDatabase';
import { startFakeIdentity } from '../helpers/fakeIdentity';
import { likeAModel } from '../helpers/fakeModelBehavior';
import { startFakeModelServer } from '../helpers/fakeModelServer';
import { startParley } from '../helpers/parley';
import { onEveryStore } from '../helpers/stores';
import { startBuiltParley } from './builtParley';
import { canaryOf, modelFault, secret, secrets, takeTurn, TURNS, type Ask, type CanaryHost, type Gathered } from './canaryTurns';
import { inParallel } from './load';
import { score } from './scorecard';

const AT_ONCE = 8;
const metricsToken = secret(1);
const env = { LOG_LEVEL: 'trace', METRICS_TOKEN: metricsToken, AZURE_OPENAI_API_KEY: secret(2), DIRECT_LINE_EMBEDDED_SECRET: secret(3) };

/** One process of Parley, from its start to its end. */
interface Running extends CanaryHost {
  /** Lines of its log, or of whatever it said. */
  readonly logged: readonly string[];
  close(): Promise<void>;
}

interface Outcome {
  readonly gathered: Gathered;
  readonly log: readonly string[];
}

/** All turns, in two processes one after the other; in between, what is stored is damaged. */
async function takeAllTurns(databaseUrl: string, start: () => Promise<Running>): Promise<Outcome> {
  const gathered: Gathered = { bodies: [], conversations: new Map() };
  const run = async (from: number, to: number): Promise<readonly string[]> => {
    const parley = await start();
    const ask: Ask = async (path, init) => {
      gathered.bodies.push(await (await fetch(`${parley.url}${path}`, init)).text());
    };
    try {
      await inParallel(to - from, AT_ONCE, (index) => takeTurn(from + index, { parley, ask, gathered }));
      await settled(parley);
      await ask('/readyz', {});
      await ask('/metrics', { headers: { authorization: `Bearer ${metricsToken}` } });
    } finally {
      await parley.close();
    }
    return parley.logged;
  };
  const first = await run(0, TURNS / 2);
  await damage(databaseUrl);
  return { gathered, log: [...first, ...(await run(TURNS / 2, TURNS))] };
}

/** What was said anywhere holds no canary, and the faults did happen. */
function judge({ gathered, log }: Outcome, outputs: readonly string[], where: string): void {
  const said = [...log, ...gathered.bodies, ...outputs].join('\n');
  const hits = [...secrets, ...Array.from({ length: TURNS }, (_, turn) => canaryOf(turn))].filter((each) => said.includes(each));
  expect(hits).toEqual([]);
  const messages = log.filter((line) => line.startsWith('{')).map((line) => (JSON.parse(line) as { msg?: string }).msg);
  expect([...new Set(messages)]).toEqual(expect.arrayContaining(['turn finished', 'request refused', 'model call finished', 'reply was not delivered', 'stored conversation cannot be used and is set aside']));
  score(31, { load: `${TURNS} turns with ${secrets.length} secrets and ${TURNS} canaries, ${where}, ${log.length} lines of log, ${gathered.bodies.length} answers`, figure: `${hits.length} hits` });
}

onEveryStore('logs', (store) => {
  test('row 31: what people say, and secrets, are in no log, metric or answer of the host', async () => {
    const databaseUrl = await store.url();
    const identity = await startFakeIdentity({ password: secret(0) });
    const server = await startFakeModelServer();
    server.answerWith((call) => modelFault(call) ?? likeAModel(call));
    const outputs: string[] = [];
    const spies = [process.stdout, process.stderr].map((stream) => jest.spyOn(stream, 'write').mockImplementation((chunk) => outputs.push(String(chunk)) > 0));
    const failing = failingOnce();
    try {
      const outcome = await takeAllTurns(databaseUrl, () => startParley({
        databaseFile: databaseUrl,
        identity,
        model: { server, as: 'azure' },
        modelLimits: { maxWaitMs: 50, maxRetries: 1 },
        env,
        edges: { turnStore: (turns) => ({ ...turns, commit: (turn) => failing(turn) ?? turns.commit(turn) }) },
      }));
      judge(outcome, outputs, store.kind);
    } finally {
      for (const spy of spies) spy.mockRestore();
      await server.close().catch(() => undefined); // prompts that were scripted away count as its violations
      await identity.close();
    }
  });

  if (store.kind === 'SQLite') return; // it would be the same lines again
  test('row 31: what people say, and secrets, are in neither output of the built server', async () => {
    const databaseUrl = await store.url();
    const server = await startFakeModelServer();
    server.answerWith((call) => modelFault(call) ?? likeAModel(call));
    try {
      const outcome = await takeAllTurns(databaseUrl, () => startBuiltParley({ databaseUrl, model: { server, as: 'azure' }, env }));
      judge(outcome, [], `the built server's outputs, ${store.kind}`);
    } finally {
      await server.close().catch(() => undefined);
    }
  });
});

/** Between two runs: what is stored is damaged, and holds words. */
async function damage(databaseUrl: string): Promise<void> {
  const database = await openDatabase(databaseUrl);
  const words = canaryOf(1);
  await database.execute(`UPDATE conversations SET document = '{"greeted": ${words}, ' || document`);
  await database.execute(`UPDATE users SET settings = '${words} ' || settings`);
  await database.execute(`UPDATE threads SET document = '${words} ' || document`);
  await database.close();
}

/** A store that says what it was to write, once for some activities. */
function failingOnce(): (turn: TurnCommit) => Promise<never> | undefined {
  const failed = new Set<string>();
  return (turn) => {
    const words = JSON.stringify(turn);
    const isDue = Number(/canary(\d+)x/.exec(words)?.[1] ?? 1) % 50 === 0 && !failed.has(turn.activityId);
    if (!isDue) return undefined;
    failed.add(turn.activityId);
    return Promise.reject(Object.assign(new Error(`duplicate key: ${words}`), { detail: words, code: '23505' }));
  };
}

async function settled({ url }: CanaryHost): Promise<void> {
  const endsAt = Date.now() + 60_000;
  for (;;) {
    const { backlog } = (await (await fetch(`${url}/readyz`)).json()) as { backlog: number };
    if (backlog === 0) return;
    if (Date.now() > endsAt) throw new Error(`${backlog} turns are not done after a minute.`);
    await sleep(50);
  }
}
