import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { createManagedIdentity, fetchWith, provideTokens, type TokenProvider } from '../../ai/credential';
import { clouds } from '../../bot/cloud';
import { createConnectorToken, type ConnectorToken } from '../../bot/credentials';
import { percentile } from '../bench/statistics';
import { startFakeIdentity, type FakeIdentity } from '../helpers/fakeIdentity';
import { startParley, type Parley } from '../helpers/parley';
import { startEntra, type Entra } from './entra';
import { atPace } from './load';
import { expectMeasured, score } from './scorecard';

const TOKEN_SECONDS = 10;
/** A token is renewed when half of its life is left: this much is left of it at any time while Entra is well. */
const VALID_MS = (TOKEN_SECONDS * 1000) / 2;

interface Sent {
  readonly ackMs: number;
  readonly answerMs: number;
}

let identity: FakeIdentity;
let entra: Entra;
let parley: Parley;
let botToken: ConnectorToken;
let modelToken: TokenProvider;
const stopping = new AbortController();
const waits: number[] = [];

beforeAll(async () => {
  identity = await startFakeIdentity({ accessTokenSeconds: TOKEN_SECONDS });
  entra = await startEntra(identity, TOKEN_SECONDS);
  process.env['AZURE_POD_IDENTITY_AUTHORITY_HOST'] = entra.url; // where @azure/identity looks for IMDS
  botToken = tokenFrom(entra);
  modelToken = provideTokens(fetchWith(() => createManagedIdentity('00000000-0000-0000-0000-000000000001'), 'https://ai.azure.com/.default'), { signal: stopping.signal });
  parley = await startParley({ identity, edges: { connectorToken: async (...wanted) => timed(() => botToken(...wanted)) } });
});
afterAll(async () => {
  stopping.abort();
  await parley.close();
  await entra.close();
  await identity.close();
});

function tokenFrom({ url: authorityUrl }: Entra): ConnectorToken {
  const channel = { kind: 'channel' } as const;
  return createConnectorToken({ identity: { kind: 'secret', ...identity.account }, cloud: clouds[''], authorityUrl, findService: () => channel, signal: stopping.signal, log: pino({ enabled: false }) });
}

async function timed<T>(work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  return work().finally(() => waits.push(performance.now() - startedAt));
}

/** One turn in a conversation of its own, beside one call of the model's token. The answer may come much later. */
async function turn(): Promise<Sent> {
  const chat = parley.teamsChat();
  const startedAt = performance.now();
  timed(() => modelToken()).catch(() => undefined);
  await chat.deliver(chat.activity('message', { text: 'help', textFormat: 'plain' }));
  const ackMs = performance.now() - startedAt;
  await parley.teams.waitFor(() => chat.shown().length > 0, 90_000);
  return { ackMs, answerMs: performance.now() - startedAt };
}

/** A start while Entra is slow: nobody has a token yet. */
async function coldStart(): Promise<void> {
  const slow = await startEntra(identity, TOKEN_SECONDS);
  slow.be('slow');
  const cold = tokenFrom(slow);
  const calls = await Promise.allSettled(Array.from({ length: 10 }, () => timed(() => cold(''))));
  expect(calls.map(({ status }) => status)).toEqual(Array(10).fill('rejected'));
  slow.be('well');
  await untilValid(() => cold(''));
  expect(slow.fetches.entra).toMatchObject({ count: 1, mostAtOnce: 1 });
  await slow.close();
}

/** Turns while Entra is in a mood and both tokens are still valid, then turns without a token; how long until it is back once Entra is. */
async function outage(mood: 'slow' | 'down'): Promise<{ readonly covered: readonly Sent[]; readonly uncovered: readonly Sent[]; readonly recoveryMs: number }> {
  entra.be(mood);
  const covered = await atPace(35, 35 / ((VALID_MS - 1_000) / 1000), turn);
  await sleep(TOKEN_SECONDS * 1000 - VALID_MS + 1_500); // whatever was left of the tokens is over now
  await expect(botToken('')).rejects.toMatchObject({ code: 'unavailable' });
  await expect(modelToken()).rejects.toMatchObject({ code: 'unavailable' });
  const uncovered = atPace(20, 5, turn);
  await sleep(6_000);
  entra.be('well');
  const backAt = performance.now();
  const recovered = await Promise.all([untilValid(() => botToken('')), untilValid(modelToken), firstAnswerOf(turn())]);
  return { covered, uncovered: await uncovered, recoveryMs: Math.max(...recovered) - backAt };
}

async function untilValid(token: () => Promise<unknown>): Promise<number> {
  while (!(await token().then(() => true, () => false))) await sleep(20);
  return performance.now();
}

const firstAnswerOf = async (sent: Promise<Sent>): Promise<number> => {
  await sent;
  return performance.now();
};

test('row 17: a slow or dead Entra ID is not felt while a token is valid, holds nobody for more than 5 s, and 5 s later all is well', async () => {
  const startedAt = performance.now();
  const [well] = await Promise.all([atPace(88, 8, turn), coldStart()]); // through two ends of a token
  const slow = await outage('slow');
  const down = await outage('down');
  await parley.settled();

  const unaffected = [...well, ...slow.covered, ...down.covered];
  const affected = [...slow.uncovered, ...down.uncovered];
  const turns = unaffected.length + affected.length + 2;
  const answerMs = unaffected.map((sent) => sent.answerMs);
  const durations = parley.logged.flatMap((line) => /"durationMs":(\d+).*"turn finished"/.exec(line)?.[1] ?? []).map(Number);
  expect(turns).toBe(200);
  expectMeasured(Math.max(...answerMs)).toBeLessThan(1_000);
  expectMeasured(Math.max(...[...unaffected, ...affected].map(({ ackMs }) => ackMs))).toBeLessThan(1_000);
  expectMeasured(Math.max(...waits)).toBeLessThan(5_100);
  expect(durations.length).toBeGreaterThanOrEqual(turns);
  expectMeasured(Math.max(...durations)).toBeLessThan(5_100);
  expectMeasured(slow.recoveryMs).toBeLessThan(5_000);
  expectMeasured(down.recoveryMs).toBeLessThan(5_000);
  expect([entra.fetches.entra.mostAtOnce, entra.fetches.imds.mostAtOnce]).toEqual([1, 1]);
  score(17, {
    load: `${turns} turns, tokens of ${TOKEN_SECONDS} s, Entra and IMDS slow 20 s, then down`,
    figure: `answer p99 ${percentile(answerMs, 0.99).toFixed(0)} ms while a token is valid; longest wait ${(Math.max(...waits, ...durations) / 1000).toFixed(1)} s; back after ${(slow.recoveryMs / 1000).toFixed(1)} s and ${(down.recoveryMs / 1000).toFixed(1)} s; ${Math.max(entra.fetches.entra.mostAtOnce, entra.fetches.imds.mostAtOnce)} fetch in flight`,
  });
  console.log(`row 17 took ${((performance.now() - startedAt) / 1000).toFixed(0)} s; late answers after ${(Math.max(...affected.map((sent) => sent.answerMs)) / 1000).toFixed(1)} s at most; fetches ${JSON.stringify(entra.fetches)}`);
});
