import type { BotLogic } from '../../../bot/turns/run';
import { startFakeConnector, type FakeConnector } from '../../helpers/fakeConnector';
import { startPostgres, type PostgresServer } from '../../helpers/postgres';
import { startTurnHost, teamsMessage, type TurnHost } from '../../helpers/turnHost';

/** Two processes' worth of engines on one PostgreSQL store, each with its own pool, serving one channel. */
describe('two replicas on one store', () => {
  let server: PostgresServer;
  let teams: FakeConnector;
  let one: TurnHost;
  let two: TurnHost;
  let logic: BotLogic;

  beforeAll(async () => {
    server = await startPostgres();
    teams = await startFakeConnector();
    const databaseUrl = await server.databaseUrl();
    const bot: BotLogic = (turn, document) => logic(turn, document);
    one = await startTurnHost(bot, { databaseUrl, teams });
    two = await startTurnHost(bot, { databaseUrl, teams });
    await one.turns.recover();
    await two.turns.recover();
  });
  afterAll(async () => {
    await one.turns.drain(5_000);
    await two.turns.drain(5_000);
    await one.close();
    await two.close();
    await teams.close();
    await server.close();
  });

  let conversations = 0;
  const open = (): string => teams.open({ id: `a:r${++conversations}`, type: 'personal' });
  const message = (conversation: string, text: string): ReturnType<typeof teamsMessage> =>
    teamsMessage(teams.serviceUrl, conversation, text, { channelId: 'emulator' }); // without Teams' limits on messages a second
  const texts = (conversation: string): string[] => teams.activities(conversation).map(({ text }) => String(text));
  const echo: BotLogic = async (turn) => {
    await turn.context.sendActivity(turn.text);
  };

  test('an activity that both get at once is answered once', async () => {
    logic = echo;
    const rooms = Array.from({ length: 20 }, open);
    await Promise.all(rooms.map((room) => {
      const activity = message(room, 'hello');
      return Promise.all([one.turns.accept(activity), two.turns.accept(activity), one.turns.accept(activity)]);
    }));
    await teams.waitFor(() => rooms.every((room) => texts(room).length > 0));
    await Promise.all([one.turns.idle(), two.turns.idle()]);
    expect(rooms.map(texts)).toEqual(rooms.map(() => ['hello']));
  });

  test('messages that go to them by turns are answered in the order they were sent, also while the first takes long', async () => {
    const room = open();
    const gate = Promise.withResolvers<undefined>();
    logic = async (turn) => {
      if (turn.text === '0') await gate.promise;
      await turn.context.sendActivity(turn.text);
    };
    for (let index = 0; index < 10; index += 1) await (index % 2 === 0 ? one : two).turns.accept(message(room, String(index)));
    expect(texts(room)).toEqual([]);
    gate.resolve(undefined);
    await teams.waitFor(() => texts(room).length >= 10);
    expect(texts(room)).toEqual(Array.from({ length: 10 }, (_, index) => String(index)));
  });

  test('no turn loses what another wrote, though they come at once to both', async () => {
    const rooms = Array.from({ length: 10 }, open);
    logic = async (turn, document) => {
      const before = Number(Reflect.get(document, 'count') ?? 0); // what it does not know a document hands on
      Reflect.set(document, 'count', before + 1);
      await turn.context.sendActivity(String(before + 1));
    };
    await Promise.all(rooms.flatMap((room) => Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? one : two).turns.accept(message(room, `m${index}`)))));
    await teams.waitFor(() => rooms.every((room) => texts(room).length >= 10), 20_000);
    const counted = Array.from({ length: 10 }, (_, index) => String(index + 1));
    expect(rooms.map(texts)).toEqual(rooms.map(() => counted));
  });

  test('what a replica that stands still had accepted is answered by the other, and by that one alone', async () => {
    logic = echo;
    const room = open();
    const databaseUrl = await server.databaseUrl();
    const gate = Promise.withResolvers<undefined>();
    const first = await startTurnHost(async (turn) => {
      await gate.promise;
      await turn.context.sendActivity('too late');
    }, { databaseUrl, teams });
    await first.turns.accept(message(room, 'still here?'));
    const second = await startTurnHost(echo, { databaseUrl, teams });
    await second.turns.recover();
    await teams.waitFor(() => texts(room).length > 0, 10_000);
    gate.resolve(undefined); // it was only slow: its lease is another's by now
    await first.turns.drain(5_000);
    expect(texts(room)).toEqual(['still here?']);
    await second.turns.drain(5_000);
    await second.close();
    await first.close();
  });
});
