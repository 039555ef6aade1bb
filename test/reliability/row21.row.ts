import { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Activity } from 'botbuilder';
import { conversationKey } from '../../bot/turns/keys';
import { openDatabase } from '../../state/openDatabase';
import { createTurnStore } from '../../state/turns';
import { startFakeIdentity, type FakeIdentity } from '../helpers/fakeIdentity';
import { startFileNetwork, type FakeFileNetwork } from '../helpers/fileNetwork';
import { startHttpServer, type HttpServer, type RecordedRequest } from '../helpers/httpServer';
import { startParley, wordsOf, type Parley } from '../helpers/parley';
import { temporaryFolder } from '../helpers/temporaryFolder';
import { deceitfulNames, outsideUrls } from './outsideUrls';
import { score } from './scorecard';

const folder = temporaryFolder();
const databaseFile = join(folder.path, 'row21.db');
const recorded: RecordedRequest[] = [];
let recorder: HttpServer;
let identity: FakeIdentity;
let network: FakeFileNetwork;
let parley: Parley;
let urls: readonly string[];

/** Every connection that this process opened, whatever opened it. */
const dialled: string[] = [];

function watchSockets(): void {
  const connect = Reflect.get(Socket.prototype, 'connect') as (this: Socket, ...given: unknown[]) => Socket; // its overloads hide that it takes a list
  jest.spyOn(Socket.prototype, 'connect').mockImplementation(function (this: Socket, ...given: unknown[]) {
    // net.connect hands on a list of what it was given, tls.connect the options alone
    const options = (Array.isArray(given[0]) ? given[0][0] : given[0]) as { readonly host?: string; readonly port?: number | string };
    dialled.push(`${options.host ?? 'localhost'}:${options.port}`);
    return connect.apply(this, given);
  });
}

beforeAll(async () => {
  recorder = await startHttpServer((request) => {
    recorded.push(request);
    return { status: 200, text: 'inside' };
  });
  urls = outsideUrls(recorder.port);
  identity = await startFakeIdentity();
  network = await startFileNetwork(deceitfulNames, ({ headers }) =>
    headers.host === 'redirecting.sharepoint.com' ? { status: 302, headers: { location: `http://127.0.0.1:${recorder.port}/` } } : { status: 200, text: 'The plan of the week.' });
  await storeReferences();
  watchSockets();
  await fetch(recorder.url); // it watches
  expect([dialled.splice(0), recorded.splice(0).length]).toEqual([[`127.0.0.1:${recorder.port}`], 1]);
  parley = await startParley({ identity, databaseFile, edges: { fileNetwork: network } });
});
afterAll(async () => {
  jest.restoreAllMocks();
  await parley.close();
  await network.close();
  await identity.close();
  await recorder.close();
  folder.remove();
});

const message = (serviceUrl: string, id: string): Partial<Activity> => ({
  type: 'message', id, text: 'help', channelId: 'msteams', serviceUrl, from: { id: '29:eve', name: 'Eve' }, recipient: { id: `28:${identity.account.appId}`, name: 'Parley' },
  conversation: { id: `a:${id}`, name: '', isGroup: false, conversationType: 'personal' },
});

/** What a process that died left in the store, or whoever could write to it: for each address an activity to answer and an answer to deliver. */
async function storeReferences(): Promise<void> {
  const database = await openDatabase(databaseFile);
  const store = createTurnStore(database);
  const claimant = { owner: 'somebody-else', untilMs: 0 };
  for (const [index, serviceUrl] of urls.entries()) {
    const activity = message(serviceUrl, `inbox-${index}`);
    await store.accept({ conversationKey: conversationKey(activity), activityId: activity.id ?? '', activity: JSON.stringify(activity) }, claimant, () => '');
    const answered = message(serviceUrl, `outbox-${index}`);
    const key = conversationKey(answered);
    const reply = { conversationKey: key, id: `reply-${index}`, sequence: 1, position: 0, kind: 'send', targetId: undefined, serviceUrl, activity: JSON.stringify({ ...answered, text: 'An answer.' }) } as const;
    await store.commit({ conversationKey: key, activityId: answered.id ?? '', sequence: 1, claimant, basis: { kind: 'new', head: await store.head(key), recent: '' }, document: '', outbox: [reply], log: [], effects: [] });
  }
  await database.close();
}

/** Activities that name the address as their service, with a genuine token that names it too. Gives the statuses. */
async function callFrom(serviceUrl: string, index: number): Promise<number> {
  const token = await identity.signToken({ serviceUrl });
  const response = await fetch(`${parley.url}/api/messages`, {
    method: 'POST', body: JSON.stringify(message(serviceUrl, `call-${index}`)), headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
  });
  await response.arrayBuffer();
  return response.status;
}

const file = (downloadUrl: string): object => ({ contentType: 'application/vnd.microsoft.teams.file.download.info', name: 'plan.txt', content: { downloadUrl, fileType: 'txt' } });
const picture = (contentUrl: string): object => ({ contentType: 'text/plain', name: 'plan.txt', contentUrl });

/** What a person reads who sends an attachment at this address. */
async function attach(attachment: object): Promise<string> {
  const chat = parley.teamsChat();
  return wordsOf(await chat.exchange(chat.activity('message', { text: '', attachments: [attachment] })));
}

test('row 21: sixty addresses of elsewhere, as service, in the store and as attachments, are never called, and no token leaves', async () => {
  const startedAt = performance.now();
  while ((await leftInStore()) > 0) await sleep(100); // taken up in portions, and given up
  const fromStore = dialled.length;
  const statuses = [];
  for (const [index, url] of urls.entries()) statuses.push(await callFrom(url, index));
  const refused = statuses.filter((status) => status === 401 || status === 403).length;
  const words = [];
  for (const url of urls) words.push(await attach(file(url)), await attach(picture(url)));
  const control = await attach(file('https://contoso.sharepoint.com/plan.txt'));
  await parley.settled();

  expect(urls).toHaveLength(60);
  expect(new Set(urls).size).toBe(60);
  expect(refused).toBe(60);
  const own = [parley.url, parley.teams.serviceUrl, identity.authorityUrl].map((url) => new URL(url).port);
  const fileServer = network.connections.length;
  const outside = dialled.filter((target) => !own.some((port) => target.endsWith(`:${port}`)) && !isFileServer(target));
  expect(outside).toEqual([]);
  expect(recorded).toEqual([]);
  expect(network.connections.filter(({ hostname, address }) => !hostname.endsWith('.sharepoint.com') || address !== '52.112.0.1')).toEqual([]);
  expect(network.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  expect(words.filter((text) => text === '' || text.includes('inside'))).toEqual([]);
  expect(control).toContain('plan'); // the way to where files may be is open
  expect(await leftInStore()).toBe(0);
  score(21, {
    load: `${urls.length} URLs as service, in stored activities and replies, as two kinds of attachment`,
    figure: `${outside.length + recorded.length} requests outside of ${dialled.length} connections, 0 tokens leaked, ${refused}/60 callers refused`,
  });
  console.log(`row 21 took ${((performance.now() - startedAt) / 1000).toFixed(1)} s; ${fromStore} connections at the start, ${fileServer} to file hosts`);
});

const isFileServer = (target: string): boolean => target === `127.0.0.1:${network.port}`;

/** Activities without an answer and answers that are not delivered. */
async function leftInStore(): Promise<number> {
  const database = await openDatabase(databaseFile);
  const [left] = await database.query<{ count: number }>('SELECT (SELECT COUNT(*) FROM outbox) + (SELECT COUNT(*) FROM inbox WHERE answered = 0) AS count');
  await database.close();
  return Number(left?.count);
}
