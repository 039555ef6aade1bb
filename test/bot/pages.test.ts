import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { createServer, type Server } from 'restify';
import { request } from 'undici';
import { mountPages } from '../../bot/pages';
import { pageHeaders } from '../../bot/pages/headers';
import type { Thread } from '../../threads/thread';

const thread: Thread = {
  id: 'secret',
  title: '<b>Launch</b> & "more"',
  kind: 'chat',
  participants: [{ id: 'a', name: '<img src=x onerror=alert(1)>' }],
  messages: [
    { id: 'm1', author: { id: 'a', name: '<img src=x onerror=alert(1)>' }, createdAt: '2026-03-02T09:00:00Z', text: '</p><script>alert(2)</script>' },
    { id: 'm"2', author: { id: 'a', name: 'Ada' }, createdAt: '2026-03-02T09:05:00Z', text: 'Second' },
  ],
};

let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer();
  await mountPages(server, {
    assetsDirectory: join(process.cwd(), 'dist/web'),
    modelName: 'gpt-<5>',
    openThread: async (id) => (id === thread.id ? thread : undefined),
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(server.address()).port}`;
});
afterAll(() => new Promise<void>((closed) => {
  server.close(() => closed());
  server.server.closeAllConnections();
}));

const get = (path: string, headers: Record<string, string> = {}) => request(url + path, { headers });

async function assetOf(name: string): Promise<string> {
  const page = await (await get('/')).body.text();
  return new RegExp(`/assets/${name}-[0-9a-f]{16}\\.[a-z]+`).exec(page)?.[0] ?? '';
}

describe('the transparency note', () => {
  /** In English; no translation leaves out a part of it. */
  const note = readFileSync('docs/transparency.md', 'utf8');

  test.each([['en', 'How Parley works with AI and data'], ['de', 'Wie Parley mit KI und Daten umgeht'], ['fr', 'Comment Parley travaille avec l’IA et les données'], ['es', 'Cómo trabaja Parley con la IA y los datos'], ['ja', 'How Parley works with AI and data']])('is there for readers of %s', async (language, title) => {
    const answer = await get('/transparency', { 'accept-language': language });
    const page = await answer.body.text();
    expect(answer.statusCode).toBe(200);
    expect(page).toContain(`<h1>${title}</h1>`);
    expect(page.match(/<h2>/g)).toHaveLength(note.match(/^## /gm)?.length ?? 0);
    expect(page.match(/<li>/g)).toHaveLength(note.match(/^- /gm)?.length ?? 0);
    expect(page).toContain('<code>npm run parley -- usage</code>');
    expect(page).not.toMatch(/\*\*|\n- |\n## /);
    expect(String(answer.headers['content-security-policy'])).toContain("default-src 'none'");
  });
});

describe('the chat page', () => {
  test('has a policy that runs only scripts with the nonce of this very answer', async () => {
    const [one, two] = [await get('/'), await get('/')];
    const policy = String(one.headers['content-security-policy']);
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe-|strict-dynamic|\*/);
    expect(await one.body.text()).toContain(`nonce="${nonce}"`);
    expect(two.headers['content-security-policy']).not.toBe(policy);
    expect(one.headers['cache-control']).toBe('no-store');
  });

  test('names the model, as text', async () => {
    const page = await (await get('/')).body.text();
    expect(page).toContain('gpt-&lt;5&gt;');
    expect(page).not.toContain('gpt-<5>');
  });

  test('answers HEAD without a body', async () => {
    const answer = await request(`${url}/`, { method: 'HEAD' });
    expect(answer.statusCode).toBe(200);
    expect(await answer.body.text()).toBe('');
  });
});

test('a host that is plainly none stays out of the policy', () => {
  const { 'content-security-policy': policy } = pageHeaders({ nonce: 'n', host: "evil.example; script-src 'unsafe-inline'" });
  expect(policy).not.toContain('evil');
});

describe('the thread page', () => {
  test('shows what people wrote as text, one element for each message id', async () => {
    const page = await (await get('/threads/secret')).body.text();
    expect(page).toContain('&lt;/p&gt;&lt;script&gt;alert(2)&lt;/script&gt;');
    expect(page).toContain('<h1 dir="auto">&lt;b&gt;Launch&lt;/b&gt; &amp; &quot;more&quot;</h1>');
    expect(page).not.toMatch(/<img|<script/);
    expect(page).toContain('id="m1"');
    expect(page).toContain('id="m&quot;2"');
    expect(page).toContain('March 2, 2026 (UTC)');
  });

  test('is kept by nobody and found by no search', async () => {
    const { headers } = await get('/threads/secret');
    expect(headers).toMatchObject({ 'cache-control': 'private, no-store', 'x-robots-tag': 'noindex', 'referrer-policy': 'no-referrer', 'x-frame-options': 'DENY' });
  });

  test('says in words that an address opens nothing', async () => {
    const answer = await get('/threads/%3Cscript%3E');
    expect(answer.statusCode).toBe(404);
    expect(await answer.body.text()).toContain('Nothing to read here');
  });
});

describe('the built files', () => {
  test('come in the smallest encoding that the client takes', async () => {
    const path = await assetOf('chat');
    const plain = Buffer.from(await (await get(path)).body.arrayBuffer());
    const small = await get(path, { 'accept-encoding': 'gzip, br' });
    expect(small.headers['content-encoding']).toBe('br');
    expect(brotliDecompressSync(Buffer.from(await small.body.arrayBuffer())).equals(plain)).toBe(true);
    expect((await get(path, { 'accept-encoding': 'gzip;q=1, br;q=0' })).headers['content-encoding']).toBe('gzip');
  });

  test('are kept for ever under a name with their hash, and asked again under a plain one', async () => {
    expect((await get(await assetOf('webchat'))).headers['cache-control']).toContain('immutable');
    const sample = await get('/samples/ami-ES2016c.vtt');
    expect(sample.headers).toMatchObject({ 'content-type': 'text/vtt; charset=utf-8', 'cache-control': 'public, max-age=3600', 'x-content-type-options': 'nosniff' });
  });

  test('are not sent again to who has them', async () => {
    const { headers } = await get('/icon.svg');
    const answer = await get('/icon.svg', { 'if-none-match': `W/"other", ${String(headers.etag)}` });
    expect(answer.statusCode).toBe(304);
    expect(await answer.body.text()).toBe('');
  });

  test.each(['/assets/manifest.json', '/assets/..%2Fserver.cjs', '/assets/../manifest.json', '/samples/..%2f..%2fpackage.json'])('%s is no file of ours', async (path) => {
    expect((await get(path)).statusCode).toBe(404);
  });
});
