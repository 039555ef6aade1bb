import { startFakeConnector } from '../../helpers/fakeConnector';
import { startTurnHost, teamsMessage } from '../../helpers/turnHost';

test('an outage of one service holds back its conversations, in their order, and nobody else', async () => {
  const host = await startTurnHost(async (turn) => {
    await turn.context.sendActivity(`echo ${turn.text}`);
  });
  const { teams } = host;
  const here = teams.open({ id: 'here' });
  const away = await startFakeConnector();
  await away.close();
  const say = (serviceUrl: string, id: string, text: string): Promise<unknown> => host.turns.accept(teamsMessage(serviceUrl, id, text));
  const textsOf = (service: typeof away, id: string): unknown[] => service.activities(id).map(({ text }) => text);

  for (const text of ['one', 'two', 'three']) await say(away.serviceUrl, 'away', text);
  await say(teams.serviceUrl, here, 'hello');
  await teams.waitFor(() => textsOf(teams, here).length === 1);
  expect(host.turns.backlog).toBeGreaterThan(0);

  const back = await startFakeConnector({ port: away.port });
  back.open({ id: 'away' });
  await host.turns.idle();
  expect(textsOf(back, 'away')).toEqual(['echo one', 'echo two', 'echo three']);
  await host.close();
  await back.close();
});
