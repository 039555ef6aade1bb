import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServerProcess, type ServerProcess } from '../helpers/serverProcess';
import { temporaryFolder } from '../helpers/temporaryFolder';
import { hostileFiles } from './hostileFiles';
import { inParallel } from './load';
import { watchMemory } from './memory';
import { expectMeasured, score } from './scorecard';

/** One for reading, and what the queue and the answer take. */
const MAX_ANSWER_MS = 12_000;
const MAX_RSS_GROWTH_BYTES = 100_000_000;
const MAX_PAUSE_MS = 500;
/** What is loaded on first use is loaded then, and the heap has the size that visitors with harmless files need. */
const WARM_FILES = 200;

const folder = temporaryFolder();
const temporary = join(folder.path, 'tmp');
let server: ServerProcess;

beforeAll(async () => {
  mkdirSync(temporary);
  server = await startServerProcess({ DATABASE_URL: join(folder.path, 'parley.db'), TMPDIR: temporary });
});
afterAll(async () => {
  await server.end('SIGTERM');
  folder.remove();
});

test('row 29: forty hostile files are refused or read, each within its limits', async () => {
  const files = hostileFiles();
  const harmless = { name: 'plan.txt', type: 'text/plain', bytes: Buffer.from('The plan for spring needs a budget. We ship in March.') };
  const quiet = watchMemory(server.pid);
  await inParallel(WARM_FILES, 4, async () => send(harmless));
  const before = quiet.stop();
  const memory = watchMemory(server.pid, 20);
  const pulse = watchPulse();
  const outcomes = await inParallel(files.length, 2, async (index) => send(files[index] ?? harmless));
  const growth = memory.stop() - before;
  const longestPauseMs = await pulse.stop();

  const wrong = outcomes.flatMap(({ kind, answer, ms }, index) => {
    const { name = '', expected = 'told' } = files[index] ?? {};
    return kind === expected && ms < MAX_ANSWER_MS ? [] : [{ name: name.slice(0, 40), expected, kind, answer, ms }];
  });
  expect(wrong).toEqual([]);
  expect(outcomes.filter(({ answer }) => answer.includes('Something went wrong'))).toEqual([]);
  expect(server.isRunning()).toBe(true);
  expectMeasured(growth).toBeLessThan(MAX_RSS_GROWTH_BYTES);
  expectMeasured(longestPauseMs).toBeLessThan(MAX_PAUSE_MS);
  expect(readdirSync(temporary)).toEqual([]);
  expect((await send(harmless)).kind).toBe('read');
  const slowest = Math.max(...outcomes.map(({ ms }) => ms));
  score(29, {
    load: `${files.length} files, two at a time`,
    figure: `${files.length}/${files.length} refused, told of or read; slowest ${(slowest / 1_000).toFixed(1)} s; RSS of the server +${(growth / 1e6).toFixed(0)} MB; others waited ${longestPauseMs.toFixed(0)} ms at most; 0 temporary files`,
  });
}, 240_000);

interface Sent {
  readonly kind: 'refused' | 'told' | 'read';
  readonly answer: string;
  readonly ms: number;
}

interface Shown {
  readonly from: { readonly role?: string };
  readonly text?: string;
  readonly summary?: string;
  readonly attachments?: readonly object[];
}

/** A visitor of the page sends a file, and waits for what the bot says of it. */
async function send(file: { readonly name: string; readonly type: string; readonly bytes: Buffer }): Promise<Sent> {
  const { token, conversationId, userId } = (await (await fetch(`${server.url}/api/webchat/token`, { method: 'POST' })).json()) as { token: string; conversationId: string; userId: string };
  const headers = { authorization: `Bearer ${token}` };
  const base = `${server.url}/v3/directline/conversations`;
  await fetch(base, { method: 'POST', headers });
  const greeting = await answers(`${base}/${conversationId}`, headers, 1);
  const startedAt = performance.now();
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(file.bytes)], { type: file.type }), file.name);
  const response = await fetch(`${base}/${conversationId}/upload?userId=${userId}`, { method: 'POST', headers, body: form }).catch(() => undefined); // cut while it was still sending
  if (response?.status !== 200) return { kind: 'refused', answer: String(response?.status ?? 'cut'), ms: performance.now() - startedAt };
  const [answer] = (await answers(`${base}/${conversationId}`, headers, greeting.length + 1)).slice(greeting.length);
  const words = `${answer?.text ?? ''}${answer?.summary ?? ''}`;
  return { kind: answer?.attachments?.length ? 'read' : 'told', answer: words.slice(0, 150), ms: performance.now() - startedAt };
}

async function answers(conversation: string, headers: Readonly<Record<string, string>>, count: number): Promise<readonly Shown[]> {
  for (const endsAt = performance.now() + 30_000; performance.now() < endsAt;) {
    const { activities } = (await (await fetch(`${conversation}/activities`, { headers })).json()) as { activities: readonly Shown[] };
    const said = activities.filter(({ from }) => from.role === 'bot');
    if (said.length >= count) return said;
    await sleep(50);
  }
  throw new Error('The bot did not answer within 30 seconds.');
}

/** Asks the server every 50 ms how it is; gives the longest that it took to say. */
function watchPulse(): { stop(): Promise<number> } {
  let isOver = false;
  let longest = 0;
  const asking = (async () => {
    while (!isOver) {
      const startedAt = performance.now();
      await (await fetch(`${server.url}/healthz`)).arrayBuffer();
      longest = Math.max(longest, performance.now() - startedAt);
      await sleep(50);
    }
  })();
  return {
    stop: async () => {
      isOver = true;
      await asking;
      return longest;
    },
  };
}
