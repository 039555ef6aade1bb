import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudAdapter, ConfigurationBotFrameworkAuthentication, type Activity } from 'botbuilder';
import { createServer, plugins, type Server } from 'restify';
import { createConnectorFactory } from '../../bot/connector/botFrameworkConnector';
import type { Connectors } from '../../bot/connector/httpConnector';
import { testConnectors } from '../bot/connector/connectors';
import { startPlayground, type Playground, type PlaygroundScope } from './playground';

let playground: Playground;
let server: Server;
let connectors: Connectors;
let received: Partial<Activity>[];

/** The smallest bot: it repeats what it hears, as text, then as an update of that text. */
async function start(scope: PlaygroundScope): Promise<void> {
  received = [];
  connectors = testConnectors();
  const authentication = new ConfigurationBotFrameworkAuthentication({});
  authentication.createConnectorFactory = () => createConnectorFactory(connectors.for);
  // Without an app id the SDK takes every caller, and makes its factory itself.
  const authenticate = authentication.authenticateRequest.bind(authentication);
  authentication.authenticateRequest = async (activity, header) => ({ ...(await authenticate(activity, header)), connectorFactory: createConnectorFactory(connectors.for) });
  const adapter = new CloudAdapter(authentication);
  server = createServer();
  server.use(plugins.bodyParser());
  server.post('/api/messages', async (request, response) => {
    received.push(request.body as Partial<Activity>);
    await adapter.process(request, response, async (context) => {
      if (context.activity.type !== 'message') return;
      const sent = await context.sendActivity('Working on it');
      await context.updateActivity({ type: 'message', id: sent?.id, text: `Echo: ${context.activity.text}` });
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  playground = await startPlayground({ botUrl: `http://127.0.0.1:${port}/api/messages`, scope });
}

afterEach(async () => {
  await playground.close();
  await new Promise<void>((closed) => server.close(closed));
  await connectors.close();
});

test.each<[PlaygroundScope, string]>([
  ['personal', 'personal'],
  ['group', 'groupChat'],
  ['channel', 'channel'],
])('in %s scope a message reaches the bot and its updated answer the page', async (scope, conversationType) => {
  await start(scope);
  await playground.send('Good morning');
  const answer = await playground.waitForBotMessage(({ text }) => text.includes('Echo:'));
  expect(answer.text).toMatch(/Good morning$/);
  await playground.page.getByText(/Echo:.*Good morning/).first().waitFor();
  expect(received.map(({ type }) => type)).toEqual(expect.arrayContaining(['installationUpdate', 'conversationUpdate', 'message']));
  const message = received.find(({ type }) => type === 'message');
  expect(message).toMatchObject({ channelId: 'msteams', conversation: { conversationType } });
  expect(message?.entities?.some(({ type }) => type === 'mention') ?? false).toBe(scope !== 'personal');
});

test('what the page shows can be photographed', async () => {
  await start('personal');
  const path = join(tmpdir(), `parley-playground-${process.pid}.png`);
  await playground.screenshot(path);
  expect((await readFile(path)).subarray(1, 4).toString()).toBe('PNG');
  await rm(path);
});
