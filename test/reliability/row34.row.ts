import { createHmac, randomBytes } from 'node:crypto';
import { base64url, decodeJwt, SignJWT, type JWTPayload } from 'jose';
import type { Browser, Page } from 'playwright-core';
import { WebSocket } from 'ws';
import { createDirectLineStore } from '../../state/directLine';
import { openDatabase } from '../../state/openDatabase';
import { launchBrowser } from '../helpers/browser';
import { startParley, type Parley } from '../helpers/parley';
import { temporaryFolder } from '../helpers/temporaryFolder';
import { startChatServer, type ScriptedBot } from '../web/chatServer';
import { bubble, messageBox, ready, say, visitIn, type Visit } from '../web/visit';
import { closeAfterwards } from './closing';
import { score } from './scorecard';
import { startTcpProxy } from './tcpProxy';

const SHOP = 'https://shop.example';
const OTHER = 'https://other.example';
const SECRET = 'a-secret-of-the-embedded-service';
const SECRET_GUESSES = 300;
const PAGES = 4;
const CUTS = 50;

const closing = closeAfterwards();
const folder = temporaryFolder();
closing({ close: async () => folder.remove() });
const databaseFile = `${folder.path}/row34.db`;

interface Session {
  readonly token: string;
  readonly conversationId: string;
  readonly userId: string;
  readonly streamUrl: string;
}

interface Attempt {
  readonly method?: string;
  readonly path: string;
  readonly bearer?: string;
  readonly origin?: string;
  readonly body?: object;
}

let parley: Parley;
let key: Uint8Array;
beforeAll(async () => {
  parley = closing(await startParley({
    databaseFile,
    env: { WEBCHAT_ALLOWED_ORIGINS: `${SHOP},${OTHER}`, DIRECT_LINE_EMBEDDED_SECRET: SECRET, ADDRESS_MESSAGES_PER_MINUTE: '0' },
  }));
  await tokenFor(SHOP); // the first token makes the key
  const database = await openDatabase(databaseFile);
  key = base64url.decode(await createDirectLineStore(database).signingKey('unused: there is one'));
  await database.close();
});

test('row 34: nobody gets in with what belongs to somebody else', async () => {
  const victim = await begin(SHOP);
  const thief = await begin(OTHER);
  await call({ method: 'POST', path: `/conversations/${victim.conversationId}/activities`, bearer: victim.token, origin: SHOP, body: message('the secret of the victim') });
  await parley.settled();

  const attempts = [...stolen(victim), ...hops(victim, thief), ...await forgeries(victim), ...watermarks(thief), ...guesses()];
  const accepted: unknown[] = [];
  for (const attempt of attempts) {
    const { status, text } = await call(attempt);
    if (status < 400 || status >= 500 || text.includes('secret of the victim')) accepted.push({ ...attempt, status });
  }
  const streams = await openedStreams(victim, thief);
  await parley.settled();
  const seen = await call({ path: `/conversations/${victim.conversationId}/activities`, bearer: victim.token, origin: SHOP });
  expect(accepted).toEqual([]);
  expect(streams.opened).toEqual([]);
  expect(seen.text).toContain('the secret of the victim');
  expect(seen.text).not.toContain('said by a thief');
  score(34, { load: `${attempts.length} requests and ${streams.tried} streams with stolen, forged, expired and guessed keys`, figure: `${accepted.length + streams.opened.length} accepted` });
});

test('row 34: nobody speaks for somebody else, and a token of another page opens no conversation again', async () => {
  const victim = await begin(SHOP);
  const thief = await begin(OTHER);
  const claims: readonly object[] = [
    { id: victim.userId }, { id: 'parley' }, { id: 'somebody' }, { id: victim.userId, role: 'bot' }, { id: victim.userId, aadObjectId: victim.userId }, { id: `${victim.userId} ` }, {},
  ];
  for (const from of claims) await call({ method: 'POST', path: `/conversations/${thief.conversationId}/activities`, bearer: thief.token, origin: OTHER, body: { ...message('hello'), from } });
  for (const type of ['conversationUpdate', 'installationUpdate', 'contactRelationUpdate', 'invokeResponse']) {
    await call({ method: 'POST', path: `/conversations/${thief.conversationId}/activities`, bearer: thief.token, origin: OTHER, body: { type, membersAdded: [{ id: victim.userId }], from: { id: thief.userId } } });
  }
  const form = new FormData();
  form.append('file', new Blob(['One. Two.'], { type: 'text/plain' }), 'notes.txt');
  await fetch(`${parley.url}/v3/directline/conversations/${thief.conversationId}/upload?userId=${victim.userId}`, { method: 'POST', headers: { authorization: `Bearer ${thief.token}`, origin: OTHER }, body: form });
  await call({ method: 'POST', path: '/conversations', bearer: thief.token, origin: OTHER, body: { user: { id: victim.userId, name: 'x' } } });
  await parley.settled();
  const { activities } = JSON.parse((await call({ path: `/conversations/${thief.conversationId}/activities`, bearer: thief.token, origin: OTHER })).text) as { activities: { from: { id: string; role: string } }[] };
  const speakers = new Set(activities.filter(({ from }) => from.role === 'user').map(({ from }) => from.id));
  expect([...speakers]).toEqual([thief.userId]);

  const again = await Promise.all([OTHER, parley.url].map((origin) => tokenFor(origin, victim.token)));
  expect(again.map(({ conversationId }) => conversationId)).not.toContain(victim.conversationId);
  expect((await tokenFor(SHOP, victim.token)).conversationId).toBe(victim.conversationId);
  expect((await fetch(`${parley.url}/api/webchat/token`, { method: 'POST', headers: { origin: 'https://evil.example' }, body: '{}' })).status).toBe(403);
  score(34, { load: `${claims.length + 6} claims to be somebody else, last tokens from 3 sites`, figure: `${speakers.size - 1} believed` });
});

test('row 34: what strangers upload is saved, never shown as a page', async () => {
  const session = await begin(SHOP);
  const kinds = ['text/html', 'image/svg+xml', 'application/xhtml+xml', 'text/xml', 'application/javascript', 'text/css', 'application/pdf', 'application/x-shockwave-flash', 'text/html;charset=utf-7', 'IMAGE/SVG+XML', 'image/png'];
  const form = new FormData();
  for (const [index, type] of kinds.entries()) form.append('file', new Blob(['<script>1</script>'], { type }), `x${index}".html\r\nX: y`);
  await fetch(`${parley.url}/v3/directline/conversations/${session.conversationId}/upload?userId=${session.userId}`, { method: 'POST', headers: { authorization: `Bearer ${session.token}`, origin: SHOP }, body: form });
  const history = await call({ path: `/conversations/${session.conversationId}/activities`, bearer: session.token, origin: SHOP });
  const urls = [...new Set(history.text.match(/https?:[^"]*\/attachments\/[\w-]+\/[\w-]+/g) ?? [])];
  expect(urls).toHaveLength(kinds.length);
  const answers = await Promise.all(urls.map((url) => fetch(url)));
  const shown = answers.filter(({ headers }) => !headers.get('content-disposition')?.startsWith('attachment;') && headers.get('content-type') !== 'image/png');
  expect(shown.map(({ headers }) => headers.get('content-type'))).toEqual([]);
  for (const { headers } of answers) expect([headers.get('x-content-type-options'), headers.get('content-security-policy'), headers.get('x')]).toEqual(['nosniff', "default-src 'none'; sandbox", null]);
  score(34, { load: `${kinds.length} uploads that browsers run`, figure: `${shown.length} shown` });
});

describe('in the page', () => {
  let browser: Browser;
  beforeAll(async () => void (browser = closing(await launchBrowser())));

  test(`row 34: ${PAGES * CUTS} disconnects with messages in between lose nothing and show nothing twice`, async () => {
    const senders = new Map<string, (reply: { type: string; text: string }) => Promise<string>>();
    const server = closing(await startChatServer(async (activity, send) => {
      if (activity.type !== 'message') return;
      senders.set(activity.conversation.id, send);
      await send({ type: 'message', text: `heard ${activity.text}.` });
    }));
    const proxy = closing(await startTcpProxy(Number(new URL(server.url).port)));
    const visits = await Promise.all(Array.from({ length: PAGES }, () => open(browser, `http://127.0.0.1:${proxy.port}`)));
    for (const [index, visit] of visits.entries()) await say(visit, `start ${index}`);
    await Promise.all(visits.map((visit, index) => shows(visit, `heard start ${index}.`)));
    const expected = visits.map((_, index) => [`start ${index}`, `heard start ${index}.`]);

    for (let cut = 0; cut < CUTS; cut += 1) {
      proxy.cutAll();
      for (const send of senders.values()) await send({ type: 'message', text: `push ${cut}.` });
      const speaker = visits[cut % PAGES];
      if (speaker) await say(speaker, `word ${cut}`);
      await Promise.all(visits.map((visit) => passTime(visit)));
      await Promise.all(visits.map((visit) => shows(visit, `push ${cut}.`)));
      if (speaker) await shows(speaker, `heard word ${cut}.`);
      for (const [index, texts] of expected.entries()) texts.push(`push ${cut}.`, ...(index === cut % PAGES ? [`word ${cut}`, `heard word ${cut}.`] : []));
    }
    const shown = await Promise.all(visits.map(({ page }) => textsOf(page)));
    const wrong = shown.flatMap((texts, index) => differences(expected[index] ?? [], texts));
    expect(wrong).toEqual([]);
    score(34, { load: `${PAGES * CUTS} disconnects in ${PAGES} pages, a message in each`, figure: `${expected.flat().length} shown, ${wrong.length} lost or twice` });
  });

  test('row 34: two tabs of one conversation both show everything once', async () => {
    const bot: ScriptedBot = async (activity, send) => {
      if (activity.type === 'message') await send({ type: 'message', text: `heard ${activity.text}.` });
    };
    const server = closing(await startChatServer(bot));
    const context = await browser.newContext();
    const first = await openIn(context, server.url);
    await say(first, 'start');
    await shows(first, 'heard start.');
    const second = await visitIn(context, server.url);
    await shows(second, 'heard start.');
    const expected = ['start', 'heard start.'];
    for (let index = 0; index < 10; index += 1) {
      await say(index % 2 === 0 ? first : second, `word ${index}`);
      await Promise.all([first, second].map((visit) => shows(visit, `heard word ${index}.`)));
      expected.push(`word ${index}`, `heard word ${index}.`);
    }
    const wrong = (await Promise.all([first, second].map(({ page }) => textsOf(page)))).flatMap((texts) => differences(expected, texts));
    expect(wrong).toEqual([]);
    await context.close();
    score(34, { load: '2 tabs, 10 messages', figure: `${expected.length} shown in each, ${wrong.length} lost or twice` });
  });
});

const message = (text: string): object => ({ type: 'message', text });

async function tokenFor(origin: string, lastToken?: string): Promise<Omit<Session, 'streamUrl'>> {
  const answer = await fetch(`${parley.url}/api/webchat/token`, { method: 'POST', headers: { origin }, body: JSON.stringify({ token: lastToken }) });
  return (await answer.json()) as Session;
}

/** A visitor of a page, with an open conversation. */
async function begin(origin: string): Promise<Session> {
  const session = await tokenFor(origin);
  const started = await call({ method: 'POST', path: '/conversations', bearer: session.token, origin });
  return { ...session, streamUrl: (JSON.parse(started.text) as { streamUrl: string }).streamUrl };
}

async function call({ method = 'GET', path, bearer, origin, body }: Attempt): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(`${parley.url}/v3/directline${path}`, {
    method,
    headers: { ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }), ...(origin !== undefined && { origin }), ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, text: await answer.text() };
}

/** Everything that can be done with a conversation. */
const calls = (conversationId: string): readonly Pick<Attempt, 'method' | 'path' | 'body'>[] => [
  { path: `/conversations/${conversationId}` },
  { path: `/conversations/${conversationId}/activities` },
  { path: `/conversations/${conversationId}/activities?watermark=0` },
  { method: 'POST', path: `/conversations/${conversationId}/activities`, body: message('said by a thief') },
  { method: 'POST', path: `/conversations/${conversationId}/upload`, body: message('said by a thief') },
];

/** A token on the page of another site, or on none that is served. */
const stolen = ({ token, conversationId }: Session): readonly Attempt[] =>
  [OTHER, parley.url, 'https://evil.example', 'https://shop.example.evil.example', 'null', 'http://shop.example'].flatMap((origin) => [
    ...calls(conversationId).map((each) => ({ ...each, bearer: token, origin })),
    { method: 'POST', path: '/tokens/refresh', bearer: token, origin },
    { method: 'POST', path: '/conversations', bearer: token, origin },
  ]);

/** A good token for somebody else's conversation, however that is written. */
const hops = (victim: Session, thief: Session): readonly Attempt[] =>
  [victim.conversationId, `${victim.conversationId}%00`, `%2e%2e%2f${victim.conversationId}`, `${thief.conversationId}%2f..%2f${victim.conversationId}`, `${victim.conversationId}?x=${thief.conversationId}`, encodeURIComponent(`${thief.conversationId},${victim.conversationId}`)]
    .flatMap((id) => calls(id).map((each) => ({ ...each, bearer: thief.token, origin: OTHER })));

async function forgeries(victim: Session): Promise<readonly Attempt[]> {
  const claims = decodeJwt(victim.token);
  const now = Math.floor(Date.now() / 1_000);
  const unsigned = (header: object, payload: JWTPayload): string => [header, payload].map((part) => base64url.encode(JSON.stringify(part))).join('.');
  const [head = '', body = '', signature = ''] = victim.token.split('.');
  const otherBody = base64url.encode(JSON.stringify({ ...claims, exp: now + 9_999 }));
  const confused = unsigned({ alg: 'HS256', typ: 'JWT' }, claims);
  const signed = (payload: JWTPayload, signer: Uint8Array = key, alg = 'HS256'): Promise<string> => new SignJWT(payload).setProtectedHeader({ alg, typ: 'JWT' }).sign(signer);
  const tokens = [
    `${unsigned({ alg: 'none' }, claims)}.`, `${unsigned({ alg: 'None' }, claims)}.${signature}`, `${head}.${otherBody}.${signature}`, `${head}.${body}.`, `${head}.${body}`, `${head}.${body}.${signature.slice(0, -2)}`, `${head}.${body}.${signature}.x`,
    `${confused}.${createHmac('sha256', '').update(confused).digest('base64url')}`, `${confused}.${createHmac('sha256', SECRET).update(confused).digest('base64url')}`,
    await signed(claims, randomBytes(32)), await signed(claims, Buffer.concat([key, key]), 'HS512'),
    await signed({ ...claims, exp: now - 1 }), await signed({ ...claims, exp: now - 40 * 24 * 3_600 }), await signed({ ...claims, exp: undefined }), await signed({ ...claims, nbf: now + 600 }),
    await signed({ ...claims, aud: 'urn:parley:directline:stream' }), await signed({ ...claims, aud: undefined }), await signed({ ...claims, iss: 'urn:somebody' }), await signed({ ...claims, conv: undefined }), await signed({ ...claims, conv: '' }), await signed({ ...claims, conv: ['x'] }),
    new URL(victim.streamUrl).searchParams.get('t') ?? '', 'undefined', 'null', '{}', 'x'.repeat(8_000),
  ];
  return tokens.flatMap((bearer) => calls(victim.conversationId).map((each) => ({ ...each, bearer, origin: SHOP })));
}

/** Watermarks that are none; those that are give the thief's own conversation and nothing else. */
const watermarks = ({ token, conversationId }: Session): readonly Attempt[] =>
  ['-1', '1e3', '0x10', '1.5', 'NaN', '1;2', '1%20OR%201=1', '%00', '9'.repeat(16), '9'.repeat(400), '--', '..', '%F0%9F%92%A9', '1|0000001']
    .map((watermark) => ({ path: `/conversations/${conversationId}/activities?watermark=${watermark}`, bearer: token, origin: OTHER }));

/** The secret letter by letter, and others of its kind. */
const guesses = (): readonly Attempt[] => Array.from({ length: SECRET_GUESSES }, (_, index) => {
  const bearer = index < SECRET.length ? SECRET.slice(0, index) || 'x' : index % 2 === 0 ? `${SECRET}${index}` : randomBytes(24).toString('base64url');
  return { method: 'POST', path: '/tokens/generate', bearer };
});

/** Tries streams that must not open; gives the addresses that did. */
async function openedStreams(victim: Session, thief: Session): Promise<{ readonly tried: number; readonly opened: readonly string[] }> {
  const token = (url: string): string => new URL(url).searchParams.get('t') ?? '';
  const claims = decodeJwt(token(victim.streamUrl));
  const expired = await new SignJWT({ ...claims, exp: Math.floor(Date.now() / 1_000) - 1 }).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(key);
  const withToken = (url: string, t: string): string => Object.assign(new URL(url), { search: `?watermark=0&t=${t}` }).href;
  const tries: readonly (readonly [url: string, origin: string])[] = [
    [victim.streamUrl, OTHER], [victim.streamUrl, 'https://evil.example'], [victim.streamUrl, 'null'], [victim.streamUrl, parley.url],
    [victim.streamUrl.replace(victim.conversationId, thief.conversationId), SHOP],
    [thief.streamUrl.replace(thief.conversationId, victim.conversationId), OTHER],
    [withToken(victim.streamUrl, victim.token), SHOP], [withToken(victim.streamUrl, expired), SHOP], [withToken(victim.streamUrl, ''), SHOP], [withToken(victim.streamUrl, token(thief.streamUrl)), SHOP],
    [victim.streamUrl.replace('/stream?', '/stream/../stream?t=x&'), OTHER], [`${victim.streamUrl}&watermark=-1`.replace('watermark=0', 'w=0'), SHOP],
  ];
  const opened = await Promise.all(tries.map(async ([url, origin]) => ((await opens(url, origin)) ? [`${origin} ${url}`] : [])));
  return { tried: tries.length, opened: opened.flat() };
}

function opens(url: string, origin: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, { origin });
    socket.on('error', () => resolve(false));
    socket.on('open', () => {
      socket.terminate();
      resolve(true);
    });
  });
}

async function open(browser: Browser, url: string): Promise<Visit> {
  const context = await browser.newContext();
  await context.clock.install();
  return openIn(context, url);
}

async function openIn(context: Awaited<ReturnType<Browser['newContext']>>, url: string): Promise<Visit> {
  const visit = await visitIn(context, url);
  await ready(visit);
  await visit.page.locator(messageBox).waitFor();
  return visit;
}

/** DirectLineJS waits 3 to 15 seconds before it connects again: the page's clock jumps over them. */
async function passTime({ page }: Visit): Promise<void> {
  await page.locator('.notice').first().waitFor();
  await page.clock.fastForward(15_000);
}

const shows = (visit: Visit, text: string): Promise<void> => bubble(visit, new RegExp(`^\\s*${text.replaceAll('.', '\\.')}\\s*$`)).first().waitFor();

const textsOf = (page: Page): Promise<string[]> =>
  page.evaluate(`[...document.querySelectorAll('.webchat__bubble__content')].map((element) => element.innerText.trim())`);

/** What is missing, and what is there more than once. */
function differences(expected: readonly string[], shown: readonly string[]): readonly string[] {
  const count = (text: string): number => shown.filter((each) => each === text).length;
  return [...new Set([...expected, ...shown])].filter((text) => count(text) !== (expected.includes(text) ? 1 : 0)).map((text) => `${count(text)} x ${text}`);
}
