import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startFakeConnector, type FakeConnector } from '../helpers/fakeConnector';
import { createPace, say } from '../helpers/fakeModelScript';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { settled, startParley, wordsOf, type Parley, type ParleyHost } from '../helpers/parley';
import { startServerProcess, type ServerProcess } from '../helpers/serverProcess';
import { openTeamsChat } from '../helpers/teamsChat';
import { temporaryFolder } from '../helpers/temporaryFolder';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => void (folder = temporaryFolder()));
/** What a test that fails half-way leaves open would keep jest from ending. */
const running = new Set<Parley>();
afterEach(async () => {
  for (const parley of running) await parley.close();
  running.clear();
  folder.remove();
});

test('history, settings, files and an open question survive a restart', async () => {
  const databaseFile = join(folder.path, 'parley.db');
  const before = await startParley({ databaseFile });
  running.add(before);
  const visitor = await before.webChat();
  const meeting = await readFile('test/fixtures/ami-ES2016c.vtt');
  const summary = JSON.stringify(await visitor.upload([{ name: 'meeting.vtt', type: 'text/vtt', content: new Uint8Array(meeting) }]));
  await visitor.say('settings short summaries');
  await visitor.say('summarize');
  const said = await visitor.history();
  await visitor.close();
  await before.close();
  running.delete(before);

  const after = await startParley({ databaseFile });
  running.add(after);
  const again = await after.webChat(visitor.token);
  expect(await again.history()).toEqual(said);
  expect(wordsOf(await again.say('The garden opens in May. Water the roses every day. Cut them in autumn. Who has the key to the shed?'))).toContain('Key sentences, quoted');
  expect(wordsOf(await again.say('What energy source did they decide on?'))).toContain('decided batteries');
  expect(JSON.stringify(await again.say('settings'))).toContain('"id":"summaryLength","label":"Length of summaries","style":"compact","value":"short"');
  const page = /\/threads\/[\w-]+/.exec(summary)?.[0] ?? '';
  expect((await fetch(after.url + page)).status).toBe(200);
  await again.close();
});

describe('a process that is stopped', () => {
  let model: FakeModelServer;
  let teams: FakeConnector;
  let server: ServerProcess | undefined;

  beforeEach(async () => {
    model = await startFakeModelServer();
    teams = await startFakeConnector();
  });
  afterEach(async () => {
    await server?.end('SIGKILL');
    await teams.close();
    await model.close();
  });

  async function start(): Promise<ParleyHost> {
    server = await startServerProcess({ DATABASE_URL: join(folder.path, 'parley.db'), OPENAI_BASE_URL: model.baseUrl, OPENAI_API_KEY: 'k', OPENAI_MODEL: 'test-model' });
    const { url } = server;
    return { url, teams, identity: undefined, settled: () => settled(url) };
  }

  test('SIGTERM lets what was accepted be answered, and ends with 0', async () => {
    const pace = createPace();
    model.script(say('Roses are red.', { pace }));
    const chat = openTeamsChat(await start());
    await chat.deliver(chat.activity('message', { text: 'Tell me about the flowers' }));
    pace.release(1);
    await teams.waitFor(() => chat.shown().length > 0);
    const ended = server?.end('SIGTERM');
    await untilRefused(server?.url ?? '');
    pace.release();
    expect(await ended).toBe(0);
    expect(chat.shown().map(({ text }) => text)).toEqual(['Roses are red.']);
    expect(server?.said()).toMatch(/^Parley is running: \S+$/);
  });

  test('what a killed process had accepted is answered by the next one, once', async () => {
    const asked = new Promise<void>((resolve) => {
      model.answerWith(() => {
        resolve();
        return { kind: 'hang' };
      });
    });
    const first = openTeamsChat(await start());
    const message = first.activity('message', { text: 'Tell me about the flowers' });
    await first.deliver(message);
    await asked;
    expect(await server?.end('SIGKILL')).toBeNull();

    model.behaveLikeAModel();
    const host = await start();
    const chat = openTeamsChat(host, { id: first.id });
    await chat.deliver(message); // Teams had no answer, and comes again
    await teams.waitFor(() => wordsOf(chat.shown()).includes('This is a fake answer'), 20_000);
    await host.settled();
    expect(chat.shown().map(({ text }) => text)).toEqual(['This is a fake answer to: Tell me about the flowers']);
  });
});

/** Resolves when nobody listens there any more. */
async function untilRefused(url: string): Promise<void> {
  for (;;) {
    const isUp = await fetch(`${url}/healthz`, { headers: { connection: 'close' } }).then(() => true, () => false);
    if (!isUp) return;
  }
}
