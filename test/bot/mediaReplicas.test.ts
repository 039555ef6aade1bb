import { openDatabase } from '../../state/openDatabase';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { startParley, wordsOf, type Parley } from '../helpers/parley';
import { startPostgres, type PostgresServer } from '../helpers/postgres';

let server: PostgresServer;
let model: FakeModelServer;
let replicas: readonly Parley[];
let databaseFile: string;

beforeAll(async () => {
  [server, model] = await Promise.all([startPostgres(), startFakeModelServer()]);
  model.behaveLikeAModel();
  databaseFile = await server.databaseUrl();
  const start = (): Promise<Parley> => startParley({ databaseFile, model: { server: model, as: 'openai' }, env: { OPENAI_IMAGES_MODEL: 'gpt-image-1', REPLICAS: '2' } });
  replicas = [await start(), await start()];
});
afterAll(async () => {
  await Promise.all(replicas.map((replica) => replica.close()));
  await Promise.all([server.close(), model.close()]);
});

test('what one replica drew the others serve, until it expires or its owner is forgotten', async () => {
  const [first, second] = replicas as [Parley, Parley];
  const chat = await first.webChat();
  const draw = async (what: string): Promise<string> => `${second.url}${/\/media\/[\w-]{32}/.exec(wordsOf(await chat.say(`draw ${what}`)))?.[0] ?? ''}`;
  const [boat, house] = [await draw('a boat'), await draw('a house')];
  const bytes = await Promise.all([boat, boat.replace(second.url, first.url)].map(async (url) => Buffer.from(await (await fetch(url)).arrayBuffer())));
  expect(bytes[0]?.length).toBeGreaterThan(1_000);
  expect(bytes[0]).toEqual(bytes[1]);

  const database = await openDatabase(databaseFile);
  await database.execute('UPDATE media SET expires_at = ? WHERE id = ?', [Date.now() - 1, boat.slice(-32)]);
  await database.close();
  await expect(fetch(boat)).resolves.toMatchObject({ status: 404 });
  await expect(fetch(house)).resolves.toMatchObject({ status: 200 });

  await chat.say('forget me');
  await chat.say('yes');
  await expect(fetch(house)).resolves.toMatchObject({ status: 404 });
  await chat.close();
});
