import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { decodeJwt, SignJWT } from 'jose';
import type { BrowserContext, Page } from 'playwright-core';
import { personOf } from '../../bot/person';
import { createDirectLineStore } from '../../state/directLine';
import { erasePerson } from '../../state/erasePerson';
import { openSqlite } from '../../state/sqlite';
import { startParley, type Parley } from '../helpers/parley';
import { temporaryFolder } from '../helpers/temporaryFolder';
import { bubble, ready, say, useBrowser, visitIn, type Visit } from './visit';

const { newContext } = useBrowser();
const folder = temporaryFolder();
const databaseFile = join(folder.path, 'parley.db');

let parley: Parley;
let context: BrowserContext;
beforeAll(async () => void (parley = await startParley({ databaseFile })));
beforeEach(async () => void (context = await newContext()));
afterAll(async () => {
  await parley.close();
  folder.remove();
});

/** What the browser keeps of its conversation. */
interface Kept {
  readonly token: string;
  readonly conversationId: string;
}

const kept = (page: Page): Promise<Kept> => page.evaluate("JSON.parse(localStorage.getItem('parley.conversation'))");
const keep = (page: Page, session: Kept): Promise<void> => page.evaluate(`localStorage.setItem('parley.conversation', ${JSON.stringify(JSON.stringify(session))})`);

/** The same token, expired for `agoS` seconds, signed with the service's key or another one. */
async function expired(token: string, agoS: number, key?: Uint8Array): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const signed = new SignJWT({ ...decodeJwt(token), exp: now - agoS }).setProtectedHeader({ alg: 'HS256', typ: 'JWT' });
  return signed.sign(key ?? (await serviceKey()));
}

async function serviceKey(): Promise<Uint8Array> {
  const database = await openSqlite(databaseFile);
  const key = await createDirectLineStore(database).signingKey('unused: there is one');
  await database.close();
  return Buffer.from(key, 'base64url');
}

/** A page whose conversation has one exchange. */
async function chatted(text: string): Promise<Visit> {
  const chat = await visitIn(context, parley.url);
  await ready(chat);
  await say(chat, text);
  await answer(chat).waitFor();
  return chat;
}

const answer = ({ page }: Visit) => page.locator('.webchat__bubble:not(.webchat__bubble--from-user)').first();
const own = ({ page }: Visit, text: string) => page.locator('.webchat__bubble--from-user', { hasText: text });
const lostNotice = ({ page }: Visit) => page.locator('.notice', { hasText: 'The earlier conversation cannot be opened any more' });

test.each([['an hour', 3_600], ['29 days', 29 * 24 * 3_600]])('a token that expired %s ago opens its conversation again, history and all', async (_, agoS) => {
  const chat = await chatted('help');
  const session = await kept(chat.page);
  await keep(chat.page, { ...session, token: await expired(session.token, agoS) });
  await chat.page.reload();
  await own(chat, 'help').waitFor();
  await answer(chat).waitFor();
  await expect(lostNotice(chat).count()).resolves.toBe(0);
  await say(chat, 'help again');
  await own(chat, 'help again').waitFor();
  expect((await kept(chat.page)).conversationId).toBe(session.conversationId);
});

test.each([
  ['that expired 31 days ago', (token: string) => expired(token, 31 * 24 * 3_600)],
  ['of another service', (token: string) => expired(token, 60, randomBytes(32))],
  ['that was changed', async (token: string) => `${token.slice(0, -4)}AAAA`],
  ['that is none', async () => 'nonsense'],
])('a token %s opens a new conversation, and the page says so', async (_, change) => {
  const chat = await chatted('help');
  const session = await kept(chat.page);
  await keep(chat.page, { ...session, token: await change(session.token) });
  await chat.page.reload();
  await lostNotice(chat).waitFor();
  await ready(chat);
  await expect(own(chat, 'help').count()).resolves.toBe(0);
  expect((await kept(chat.page)).conversationId).not.toBe(session.conversationId);
  await say(chat, 'help');
  await answer(chat).waitFor();
});

test('a conversation whose person was deleted is not opened again: a new one begins, and the page says so', async () => {
  const chat = await chatted('help');
  const session = await kept(chat.page);
  const database = await openSqlite(databaseFile);
  const user = String(decodeJwt(session.token)['user']);
  await database.transaction((queries) => erasePerson(queries, personOf(`directline||${user}`)));
  await database.close();
  await chat.page.reload();
  await lostNotice(chat).waitFor();
  await ready(chat);
  await expect(own(chat, 'help').count()).resolves.toBe(0);
  expect((await kept(chat.page)).conversationId).not.toBe(session.conversationId);
  await say(chat, 'help');
  await answer(chat).waitFor();
});

test.each([
  ['is switched off', "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError') } })"],
  ['is full', "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }"],
  ['holds something else', "localStorage.setItem('parley.conversation', '{\"token\":5}')"],
])('where the browser\'s storage %s, the page works', async (_, script) => {
  await context.addInitScript({ content: script });
  const chat = await chatted('help');
  await chat.page.getByRole('button', { name: 'New conversation' }).click();
  await chat.page.locator('#first').waitFor();
  await ready(chat);
  await expect(own(chat, 'help').count()).resolves.toBe(0);
  expect(chat.problems).toEqual([]);
});

test('two tabs show one conversation, each message once, also when they open at the same time', async () => {
  const [one, two] = await Promise.all([visitIn(context, parley.url), visitIn(context, parley.url)]);
  await Promise.all([ready(one), ready(two)]);
  await say(one, 'help');
  for (const tab of [one, two]) await answer(tab).waitFor();
  await say(two, 'about');
  for (const tab of [one, two]) {
    await own(tab, 'about').waitFor();
    await tab.page.locator('.ac-adaptiveCard').nth(1).waitFor();
    const shown = await tab.page.locator('.webchat__bubble').allInnerTexts();
    expect(shown).toHaveLength(new Set(shown).size);
    expect(shown.filter((text) => /^(help|about)$/.test(text.trim()))).toHaveLength(2);
  }
});

test('a browser that goes offline says so, and that it is back', async () => {
  const chat = await chatted('help');
  const notice = chat.page.locator('.notice', { hasText: 'This device is offline' });
  await context.setOffline(true);
  await notice.waitFor();
  await context.setOffline(false);
  await notice.waitFor({ state: 'detached' });
  await expect(chat.page.locator('.notice').count()).resolves.toBe(0);
  await say(chat, 'about');
  await chat.page.locator('.ac-adaptiveCard').nth(1).waitFor();
});

test('a server that starts again is found by the open page; what was said meanwhile is marked, and sent once when asked', async () => {
  const chat = await chatted('help');
  await parley.stop();
  await parley.teams.close();
  await chat.page.getByText('The connection was lost').waitFor();
  await say(chat, 'about');
  const retry = chat.page.getByRole('button', { name: /retry/i }).or(chat.page.getByText(/Retry/)).first();
  await retry.waitFor({ timeout: 30_000 });
  parley = await startParley({ databaseFile, env: { PORT: new URL(parley.url).port } });
  await chat.page.getByText('The connection was lost').waitFor({ state: 'detached', timeout: 45_000 });
  await retry.click();
  await chat.page.locator('.ac-adaptiveCard').nth(1).waitFor();
  await parley.settled();
  await expect(own(chat, 'about').count()).resolves.toBe(1);
  await expect(own(chat, 'help').count()).resolves.toBe(1);
  await chat.page.reload();
  await chat.page.locator('.ac-adaptiveCard').nth(1).waitFor();
  await expect(own(chat, 'about').count()).resolves.toBe(1);
  await expect(bubble(chat, 'help').count()).resolves.toBe(1);
}, 120_000);
