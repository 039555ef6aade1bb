import {
  CloudAdapter,
  ConfigurationBotFrameworkAuthentication,
  TeamsInfo,
  type TurnContext,
  type Activity,
  type ConversationReference,
} from 'botbuilder';
import { createConnectorFactory } from '../../../bot/connector/botFrameworkConnector';
import type { Connectors } from '../../../bot/connector/httpConnector';
import { startFakeConnector, type FakeConnector } from '../../helpers/fakeConnector';
import { testConnectors } from './connectors';

let teams: FakeConnector;
let connectors: Connectors;
let adapter: CloudAdapter;

beforeEach(async () => {
  teams = await startFakeConnector();
  teams.open({ id: 'chat', members: [{ id: '29:ada', name: 'Ada', objectId: 'oid' }, { id: '29:bo', name: 'Bo' }, { id: '29:cy', name: 'Cy' }] });
  connectors = testConnectors();
  adapter = adapterOver(connectors);
});

afterEach(async () => {
  await connectors.close();
  await teams.close();
});

/** botbuilder's own adapter and authentication, with our connectors in place of its own. */
function adapterOver({ for: connectorFor }: Connectors): CloudAdapter {
  const authentication = new ConfigurationBotFrameworkAuthentication({});
  authentication.createConnectorFactory = () => createConnectorFactory(connectorFor);
  return new CloudAdapter(authentication);
}

const turn = (logic: (context: TurnContext) => Promise<void>): Promise<void> => {
  const reference: Partial<ConversationReference> = {
    activityId: 'incoming-1',
    bot: { id: '28:bot', name: 'Parley' },
    user: { id: '29:ada', name: 'Ada' },
    channelId: 'msteams',
    conversation: { id: 'chat', isGroup: false, conversationType: 'personal', name: '' },
    serviceUrl: teams.serviceUrl,
  };
  return adapter.continueConversationAsync('app-id', reference, logic);
};

const wire = (index: number): Partial<Activity> => JSON.parse(teams.requests[index]?.text ?? '') as Partial<Activity>;

const answerEntity = {
  type: 'https://schema.org/Message',
  '@type': 'Message',
  '@context': 'https://schema.org',
  '@id': '',
  additionalType: ['AIGeneratedContent'],
  usageInfo: { '@type': 'CreativeWork', '@id': 's1', name: 'Confidential', description: 'Internal' },
  citation: [
    {
      '@type': 'Claim',
      position: 1,
      appearance: {
        '@type': 'DigitalDocument',
        name: 'Minutes',
        url: 'https://example.com/minutes',
        abstract: 'What was said',
        keywords: ['minutes'],
        image: { '@type': 'ImageObject', name: 'Microsoft Word' },
        usageInfo: { '@type': 'CreativeWork', '@id': 's1', name: 'Confidential', description: 'Internal' },
      },
    },
  ],
};

test('every property of an entity arrives when botbuilder sends the activity', async () => {
  await turn(async (context) => {
    await context.sendActivity({ type: 'message', text: 'As decided [1]', entities: [answerEntity], channelData: { feedbackLoop: { type: 'default' } } });
  });
  expect(wire(0).entities).toEqual([answerEntity]);
  expect(wire(0).channelData).toEqual({ feedbackLoop: { type: 'default' } });
  expect(teams.activities('chat')).toHaveLength(1);
});

test('every property of an entity arrives when botbuilder updates the activity', async () => {
  await turn(async (context) => {
    const sent = await context.sendActivity('Working on it');
    await context.updateActivity({ type: 'message', id: sent?.id, text: 'As decided [1]', entities: [answerEntity] });
  });
  expect(wire(1).entities).toEqual([answerEntity]);
  expect(teams.activities('chat')).toMatchObject([{ text: 'As decided [1]' }]);
});

test('a stream that botbuilder sends is taken, chunk by chunk', async () => {
  await turn(async (context) => {
    const info = { type: 'streaminfo', streamType: 'streaming' };
    const first = await context.sendActivity({ type: 'typing', text: 'One', entities: [{ ...info, streamSequence: 1 }] });
    const streamId = first?.id;
    await context.sendActivity({ type: 'typing', text: 'One two', entities: [{ ...info, streamSequence: 2, streamId }] });
    await context.sendActivity({ type: 'message', text: 'One two three', entities: [{ type: 'streaminfo', streamType: 'final', streamId }] });
  });
  expect(teams.activities('chat')).toMatchObject([{ type: 'message', text: 'One two three' }]);
});

test('a reply is posted below the message of the person', async () => {
  let incomingId = '';
  await turn(async (context) => {
    incomingId = context.activity.id ?? '';
    await context.sendActivity('Hello');
  });
  expect(incomingId).not.toBe('');
  expect(teams.requests[0]?.path).toBe(`/teams/v3/conversations/chat/activities/${incomingId}`);
  expect(wire(0).replyToId).toBe(incomingId);
});

test('botbuilder deletes a message', async () => {
  await turn(async (context) => {
    const sent = await context.sendActivity('Oops');
    await context.deleteActivity(sent?.id ?? '');
  });
  expect(teams.activities('chat')).toEqual([]);
});

test('TeamsInfo reads the members', async () => {
  await turn(async (context) => {
    const ada = { id: '29:ada', name: 'Ada', aadObjectId: 'oid' };
    expect(await TeamsInfo.getMember(context, '29:ada')).toMatchObject(ada);
    expect((await TeamsInfo.getPagedMembers(context)).members).toMatchObject([ada, { name: 'Bo' }, { name: 'Cy' }]);
  });
  expect.assertions(2);
});

test('botbuilder opens a conversation and writes to it', async () => {
  const parameters = { isGroup: false, bot: { id: '28:bot', name: 'Parley' }, members: [{ id: '29:ada', name: 'Ada' }], channelData: {} };
  let opened = '';
  await adapter.createConversationAsync('app-id', 'msteams', teams.serviceUrl, 'audience', parameters, async (context) => {
    opened = context.activity.conversation.id;
    await context.sendActivity('Good morning');
  });
  expect(teams.activities(opened)).toMatchObject([{ text: 'Good morning' }]);
});

test('a message that may have arrived is not posted again, and the turn learns why', async () => {
  teams.failNext(['drop-after']);
  await turn(async (context) => {
    await expect(context.sendActivity('Hello')).rejects.toMatchObject({ name: 'ConnectorError', code: 'ambiguous' });
  });
  expect(teams.activities('chat')).toHaveLength(1);
  expect(teams.requests).toHaveLength(1);
});
