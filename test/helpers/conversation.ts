import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { pino } from 'pino';
import type { ConverseRequest, Engine } from '../../ai/engine';
import { createOfflineEngine } from '../../ai/offline/engine';
import { createAdapter } from '../../bot/adapter';
import { createBot } from '../../bot/bot';
import type { Connector } from '../../bot/connector/connector';
import { createConnectors } from '../../bot/connector/httpConnector';
import { loadConfig } from '../../bot/config';
import { filesOf } from '../../bot/files';
import { createMemoryKeeper } from '../../bot/memory/keeper';
import { createEngines } from '../../bot/model';
import { createMetrics } from '../../bot/metrics';
import { createTurnEngine } from '../../bot/turns/engine';
import { conversationKey } from '../../bot/turns/keys';
import type { TurnServices } from '../../bot/turns/turn';
import { openDatabase } from '../../state/openDatabase';
import { createTurnStore } from '../../state/turns';
import { parseThread } from '../../threads/parse';
import type { ShownActivity } from './channelConversation';
import { startFakeConnector } from './fakeConnector';
import { startFakeModelServer } from './fakeModelServer';
import { temporaryFolder } from './temporaryFolder';
import { teamsMessage } from './turnHost';

export interface ConversationSetup {
  /** The offline engine when absent. */
  readonly engine?: Engine;
  /** web: one person, final messages only. teams: streams. group: placeholders, answered when mentioned. */
  readonly channel?: 'web' | 'teams' | 'group';
  readonly locale?: string;
  readonly maxFileBytes?: number;
  readonly publicUrl?: string;
  readonly withoutModeration?: TurnServices['withoutModeration'];
  /** What the channel writes into every activity beside or in place of the usual. */
  readonly place?: object;
}

export interface TestFile {
  readonly name: string;
  readonly contentType: string;
  readonly content: string | Uint8Array;
}

/**
 * A person who talks to the bot: the real turn engine, store and connector client, with a fake channel behind. The
 * conversation document goes through the store as JSON after every message. Each call gives what the bot answered.
 */
export async function startConversation({ engine = createOfflineEngine(), channel = 'web', locale = 'en-US', maxFileBytes = 1_000_000, publicUrl = 'https://parley.example', withoutModeration, place: morePlace }: ConversationSetup = {}) {
  const folder = temporaryFolder();
  const service = await startFakeConnector({ minChunkIntervalMs: 0 });
  const log = pino({ level: 'silent' });
  const database = await openDatabase(join(folder.path, 'conversation.db'));
  const connectors = createConnectors({ token: async () => undefined, log });
  const connectorFor = (): Connector => connectors.for(service.serviceUrl); // whatever the service URL, the fake is behind it
  const store = createTurnStore(database);
  const memories = createMemoryKeeper({ database, engineFor: () => engine, log });
  const turns = createTurnEngine({
    ...createAdapter('28:bot', connectorFor),
    store,
    database,
    engineFor: () => engine,
    tendMemory: (...place) => memories.tend(...place),
    connectorFor,
    publicUrl: () => publicUrl,
    ...(withoutModeration && { withoutModeration }),
    filesOf: (activity) => filesOf(activity, { maxBytes: maxFileBytes, readOwn: async () => undefined, download: () => Promise.reject(new Error('No file is fetched in this conversation.')), parse: parseThread }),
    forgetConversation: async () => undefined,
    bot: createBot(log),
    metrics: createMetrics(),
    log,
  });
  const conversationId = `c-${randomUUID()}`;
  service.open({ id: conversationId, type: channel === 'group' ? 'groupChat' : 'personal' });
  const mention = { type: 'mention', text: '<at>Parley</at>', mentioned: { id: '28:bot', name: 'Parley' } };
  const place = channel === 'web'
    ? { channelId: 'emulator', conversation: { id: conversationId } }
    : { channelId: 'msteams', conversation: { id: conversationId, conversationType: channel === 'group' ? 'groupChat' : 'personal', tenantId: 'tenant' } };

  async function post(text: string, more: object = {}): Promise<readonly ShownActivity[]> {
    const before = JSON.stringify(service.activities(conversationId));
    const known = new Map((JSON.parse(before) as ShownActivity[]).map((activity) => [activity.id, JSON.stringify(activity)]));
    const isGroup = channel === 'group';
    const activity = teamsMessage(service.serviceUrl, conversationId, isGroup && text ? `<at>Parley</at> ${text}` : text, {
      ...place, ...morePlace, locale, ...(isGroup && { entities: [mention] }), ...more,
    } as never); // a wire activity has less than the SDK's type asks for
    await turns.accept(activity);
    await turns.idle();
    return service.activities(conversationId).filter((shown) => known.get(shown.id) !== JSON.stringify(shown));
  }

  return {
    service,
    conversationId,
    database,
    post,
    say: (text: string, files: readonly TestFile[] = []) => post(text, files.length > 0 ? { attachments: files.map(toAttachment) } : {}),
    drop: (...files: TestFile[]) => post('', { attachments: files.map(toAttachment) }),
    submit: (action: string, values: object = {}, inputs: object = {}) => post('', { text: undefined, value: { parley: { action, values }, ...inputs } }),
    /** Presses a button of the newest card that has it. */
    press: async (title: string) => {
      const shown = service.activities(conversationId);
      const button = shown.toReversed().flatMap((activity) => buttonsOf(activity)).find((each) => each.title === title);
      if (!button) throw new Error(`No button "${title}"; there are: ${shown.flatMap((activity) => buttonsOf(activity)).map((each) => each.title).join(', ')}`);
      return post('', { text: undefined, value: button.data });
    },
    shown: () => service.activities(conversationId),
    /** The stored conversation document. */
    document: async () => (await store.head(conversationKey(teamsMessage(service.serviceUrl, conversationId, '', place as never)))).document,
    replaceDocument: async (json: string) => {
      // a new fence, as after a restart: whoever holds the conversation reads it again
      await database.execute('UPDATE conversations SET document = ?, fence = fence + 1', [json]);
    },
    /** Names it in the store. */
    key: () => conversationKey(teamsMessage(service.serviceUrl, conversationId, '', place as never)),
    /** Resolves when no notes are being taken of what was said. */
    remembered: () => memories.idle(),
    close: async () => {
      await memories.close();
      await connectors.close();
      await service.close();
      await database.close();
      folder.remove();
    },
  };
}

export type TestConversation = Awaited<ReturnType<typeof startConversation>>;

function toAttachment({ name, contentType, content }: TestFile) {
  const data = Buffer.from(content).toString('base64');
  return { name, contentType, contentUrl: `data:${contentType};base64,${data}` };
}

/** Everything that can be read in some messages: text, the words that stand for cards, and the cards themselves. */
export function read(shown: readonly ShownActivity[]): string {
  return shown.map(({ text, summary, attachments }) => [text, summary, attachments && JSON.stringify(attachments)].filter(Boolean).join('\n')).join('\n');
}

/** What a person is offered under the newest message. */
export const choicesOf = (shown: readonly ShownActivity[]): string[] =>
  ((shown.at(-1)?.suggestedActions as { actions?: { title: string }[] } | undefined)?.actions ?? []).map(({ title }) => title);

export interface TestButton {
  readonly title: string;
  readonly data: { readonly parley: { readonly action: string; readonly values: Readonly<Record<string, unknown>> } };
}

/** All buttons of a message's cards, wherever they are in the card. */
export function buttonsOf({ attachments }: ShownActivity): TestButton[] {
  const found: TestButton[] = [];
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    const { type, title, data } = part as { type?: string; title?: string; data?: TestButton['data'] };
    if ((type === 'Action.Submit' || type === 'Action.Execute') && title && data) found.push({ title, data });
    for (const child of Object.values(part)) visit(child);
  };
  visit(attachments);
  return found;
}

/** The real model engine, on a fake model service over HTTP. */
export async function startModel() {
  const server = await startFakeModelServer();
  const { engineFor } = createEngines(loadConfig({ OPENAI_BASE_URL: server.baseUrl, OPENAI_API_KEY: 'key', OPENAI_MODEL: 'test-model' }), { log: pino({ level: 'silent' }) });
  const engine = engineFor({ userKey: 'user', tenantKey: '', conversationKey: 'conversation', activityId: 'activity' });
  server.behaveLikeAModel();
  return { server, engine };
}

/** An engine that records what it is asked, and throws where the test did not say what it does. */
export function scriptedEngine(script: Partial<Engine> = {}) {
  const asked: ConverseRequest[] = [];
  const unscripted = (name: string) => (): never => {
    throw new Error(`The test did not say what ${name} does.`);
  };
  const engine: Engine = {
    modelName: 'test-model',
    summarize: unscripted('summarize'),
    translate: unscripted('translate'),
    detectLanguage: unscripted('detectLanguage'),
    ...script,
    converse: (request, signal, onText) => {
      asked.push(request);
      return (script.converse ?? unscripted('converse'))(request, signal, onText);
    },
  };
  return { engine, asked };
}
