import { join } from 'node:path';
import { pino } from 'pino';
import { createApp, type App } from '../../bot/app';
import { loadConfig } from '../../bot/config';
import { startPlayground, type Playground, type PlaygroundMessage, type PlaygroundScope } from '../helpers/playground';
import { temporaryFolder } from '../helpers/temporaryFolder';

const folder = temporaryFolder();
let app: App;
let playground: Playground;

async function start(scope: PlaygroundScope): Promise<void> {
  const config = loadConfig({ PORT: '0', DATABASE_URL: join(folder.path, `${scope}.db`) });
  app = await createApp(config, join(__dirname, '../../dist/web'), pino({ level: 'silent' }));
  const { url } = await app.listen();
  playground = await startPlayground({ botUrl: new URL('/api/messages', url).href, scope });
}

afterEach(async () => {
  await playground.close();
  await app.close();
});

afterAll(() => folder.remove());

const cardOf = ({ attachments }: PlaygroundMessage) => attachments.find(({ contentType }) => contentType === 'application/vnd.microsoft.card.adaptive');

const MEETING = ['Ada: We decided to ship version two on Friday.', 'Bo: I will write the release notes by Thursday.', 'Ada: Cy will test the installer tomorrow.', 'Cy: Who tells the customers?'].join('\n');

test.each<PlaygroundScope>(['personal', 'group', 'channel'])('in %s scope the bot greets, and summarizes a pasted conversation in a card', async (scope) => {
  await start(scope);
  const greeting = await playground.waitForBotMessage((message) => cardOf(message) !== undefined);
  await playground.send(`summarize\n${MEETING}`);
  const summary = await playground.waitForBotMessage((message) => message.id !== greeting.id && cardOf(message) !== undefined, 15_000);
  expect(JSON.stringify(cardOf(summary)?.content)).toContain('Friday');
  await playground.page.getByText(/Friday/).last().waitFor();
});
