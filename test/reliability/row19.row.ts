import type { BotLogic } from '../../bot/turns/run';
import { startFakeConnector, type FakeConnector } from '../helpers/fakeConnector';
import { teamsLimits } from '../helpers/sendLimits';
import { startTurnHost, teamsMessage, type TurnHost } from '../helpers/turnHost';
import { score } from './scorecard';

const REPLIES = 20;
const CONVERSATIONS = 10;

let teams: FakeConnector;
let host: TurnHost;

/** What is shown live comes from the same purse as the answers. */
const bot: BotLogic = async (turn) => {
  const reply = turn.reply();
  reply.show('reply');
  await teams.waitFor(() => teams.activities(turn.context.activity.conversation.id).length > 0);
  await reply.finish({ text: 'reply 1' });
  for (let number = 2; number <= REPLIES; number += 1) await turn.context.sendActivity(`reply ${number}`);
};

beforeAll(async () => {
  teams = await startFakeConnector({ sendLimits: teamsLimits });
  host = await startTurnHost(bot, { teams });
});
afterAll(async () => {
  await host.close();
  await teams.close();
});

test('row 19: a burst of 20 replies arrives in order at the pace that Teams takes', async () => {
  const startedAt = performance.now();
  const ids = Array.from({ length: CONVERSATIONS }, (_, index) => teams.open({ id: `burst-${index}` }));
  await Promise.all(ids.map((id) => host.turns.accept(teamsMessage(teams.serviceUrl, id, 'go'))));
  await host.turns.idle();
  const seconds = (performance.now() - startedAt) / 1_000;

  const expected = Array.from({ length: REPLIES }, (_, index) => `reply ${index + 1}`);
  for (const id of ids) expect(teams.activities(id).map(({ text }) => text)).toEqual(expected);
  const most = Math.max(...ids.map((id) => teams.refusedForPace(id)));
  expect(most).toBeLessThanOrEqual(1);
  score(19, { load: `${REPLIES} replies at once in ${CONVERSATIONS} conversations`, figure: `${REPLIES}/${REPLIES} in order in each, at most ${most} x 429, in ${seconds.toFixed(1)} s` });
});
