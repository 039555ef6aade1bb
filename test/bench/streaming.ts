import { join } from 'node:path';
import { APP_ID, messageActivity, TENANT_ID } from './activity';
import { DIRECT_LINE_SECRET, type Bench } from './bench';
import type { Claim } from './claims';
import { answerOf, question, startModelService } from './modelService';
import { startPeer, type PeerProcess } from './peerProcess';
import { toTable } from './report';
import { median, percentile, ratio } from './statistics';
import { WebChatter } from './webChatter';

/** What it costs to show an answer while a model writes it. */
export interface Streaming {
  /** From asking to the first word, at idle, in milliseconds: the endpoint itself, and through Parley in a web chat. */
  readonly firstWord: { readonly rounds: number; readonly directP50Ms: number; readonly webChatP50Ms: number; readonly addedP50Ms: number; readonly addedP95Ms: number };
  /** CPU of a process per 1,000 tokens: the `openai` package that only reads them, and Parley that shows them in one web chat. */
  readonly cpu: readonly { readonly everyMs: number; readonly openaiMs: number; readonly webChatMs: number; readonly ratio: number }[];
  /** Calls of the connector for one answer in Teams, typing and the end included. */
  readonly teams: readonly { readonly tokens: number; readonly everyMs: number; readonly connectorCalls: number; readonly seconds: number }[];
}

const FIRST_WORD_MS = 60; // as soon as a quick model has it
const PAUSE_MS = 150; // idle again
const TOKEN_EVERY_MS = 20; // 50 a second, as models of today write

/** Starts a model service, a process that only reads it, and Parley on it, and stops them again. */
export async function measureStreaming(bench: Bench): Promise<Streaming> {
  const model = await startModelService();
  const ends: (() => Promise<void>)[] = [() => model.close()];
  try {
    const parley = await start(bench, 'parleyPeer.mjs', model.baseUrl, profiling(bench));
    ends.unshift(() => parley.stop());
    const openai = await start(bench, 'openaiPeer.mjs', model.baseUrl);
    ends.unshift(() => openai.stop());
    const chatter = await WebChatter.open(parley.url);
    ends.unshift(() => chatter.close());
    await warmUp(chatter, openai);
    return {
      firstWord: await measureFirstWord(bench, chatter, model.baseUrl),
      cpu: [await measureCpu(bench, chatter, { parley, openai }, TOKEN_EVERY_MS)],
      teams: [await countCalls(bench, parley, 200, TOKEN_EVERY_MS)],
    };
  } finally {
    for (const end of ends) await end();
  }
}

const profiling = ({ plan }: Bench): string[] => (plan.profile === 'parley' ? ['--cpu-prof', '--cpu-prof-dir=test/results'] : []);

function start({ service }: Bench, bundle: string, modelUrl: string, nodeArguments: readonly string[] = []): Promise<PeerProcess> {
  return startPeer({
    file: join(__dirname, bundle),
    settings: { appId: APP_ID, tenantId: TENANT_ID, serviceUrl: service.url, openIdMetadataUrl: service.openIdMetadataUrl, directLineSecret: DIRECT_LINE_SECRET, modelUrl },
    logFile: `test/results/${bundle}-streaming.log`,
    nodeArguments: ['--max-semi-space-size=4', ...nodeArguments], // as in `npm start`
  });
}

async function warmUp(chatter: WebChatter, openai: PeerProcess): Promise<void> {
  for (let round = 0; round < 10; round += 1) {
    await askWebChat(chatter, { tokens: 200, everyMs: 0 });
    await askOpenAI(openai, { tokens: 200, everyMs: 0 });
  }
}

interface Stream {
  readonly tokens: number;
  readonly everyMs: number;
}

async function askWebChat(chatter: WebChatter, stream: Stream): Promise<void> {
  const whole = chatter.until(({ type }) => type === 'message');
  await chatter.say(question(stream));
  const { text } = await whole;
  if (text !== answerOf(stream.tokens)) throw new Error('Parley did not show what the model wrote.');
}

async function askOpenAI({ url }: PeerProcess, stream: Stream): Promise<void> {
  const length = Number(await (await fetch(url, { method: 'POST', body: question(stream) })).text());
  if (length !== answerOf(stream.tokens).length) throw new Error('The openai package did not read what the model wrote.');
}

async function measureFirstWord({ plan, say, signal }: Bench, chatter: WebChatter, baseUrl: string): Promise<Streaming['firstWord']> {
  say(`the first word, ${plan.streamRounds} times`);
  const [direct, webChat]: [number[], number[]] = [[], []];
  for (let round = 0; round < plan.streamRounds; round += 1) {
    signal.throwIfAborted();
    await pause();
    direct.push(await timed(() => readFirstWord(baseUrl)));
    await pause();
    webChat.push(await askForFirstWord(chatter));
  }
  const directP50Ms = median(direct);
  return { rounds: plan.streamRounds, directP50Ms, webChatP50Ms: median(webChat), addedP50Ms: median(webChat) - directP50Ms, addedP95Ms: percentile(webChat, 0.95) - directP50Ms };
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

const few: Stream = { tokens: 4, everyMs: FIRST_WORD_MS };

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Over a connection that is open, as Parley's is. */
async function readFirstWord(baseUrl: string): Promise<void> {
  const body = JSON.stringify({ model: 'bench', stream: true, messages: [{ role: 'user', content: question(few) }] });
  const response = await fetch(`${baseUrl}/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: 'Bearer bench' }, body });
  const reader = response.body?.getReader();
  await reader?.read();
  void (async () => {
    while (reader && !(await reader.read()).done);
  })();
}

async function askForFirstWord(chatter: WebChatter): Promise<number> {
  const first = chatter.until(({ text }) => text.startsWith('word0'));
  const ms = await timed(async () => {
    const said = chatter.say(question(few));
    await first;
    await said;
  });
  await chatter.until(({ type }) => type === 'message');
  return ms;
}

async function measureCpu({ plan, say, signal }: Bench, chatter: WebChatter, peers: { readonly parley: PeerProcess; readonly openai: PeerProcess }, everyMs: number): Promise<Streaming['cpu'][number]> {
  say(`CPU of ${plan.streamTokens} tokens, ${everyMs} ms apart`);
  const stream: Stream = { tokens: plan.streamTokens, everyMs };
  const [openai, webChat]: [number[], number[]] = [[], []];
  for (let round = 0; round < plan.streamCpuRounds; round += 1) {
    signal.throwIfAborted();
    openai.push(await cpuOf(peers.openai, () => askOpenAI(peers.openai, stream)));
    webChat.push(await cpuOf(peers.parley, () => askWebChat(chatter, stream)));
  }
  const [openaiMs, webChatMs] = [openai, webChat].map((all) => (median(all) / plan.streamTokens) * 1_000);
  return { everyMs, openaiMs: openaiMs ?? NaN, webChatMs: webChatMs ?? NaN, ratio: ratio(webChatMs ?? NaN, openaiMs) };
}

async function cpuOf(peer: PeerProcess, work: () => Promise<void>): Promise<number> {
  const before = await peer.usage();
  await work();
  return (await peer.usage()).cpuMs - before.cpuMs;
}

async function countCalls({ service, say }: Bench, parley: PeerProcess, tokens: number, everyMs: number): Promise<Streaming['teams'][number]> {
  say(`${tokens} tokens in Teams`);
  const conversationId = 'a:streaming';
  const whole = new Promise<void>((resolve) => service.onReceived(({ text, type }) => type === 'message' && text === answerOf(tokens) && resolve()));
  const callsBefore = service.connectorCalls();
  const startedAt = performance.now();
  const token = service.token({ issuer: 'https://api.botframework.com', audience: APP_ID, tenantId: TENANT_ID });
  const body = messageActivity({ activityId: 'streaming-1', conversationId, appId: APP_ID, serviceUrl: service.url, text: question({ tokens, everyMs }) });
  await fetch(parley.url, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body });
  await whole;
  return { tokens, everyMs, connectorCalls: service.connectorCalls() - callsBefore, seconds: (performance.now() - startedAt) / 1_000 };
}

export function streamingText({ firstWord, cpu, teams }: Streaming): string {
  const word = [['the first word', firstWord.directP50Ms, firstWord.webChatP50Ms, firstWord.addedP50Ms, firstWord.addedP95Ms].map(toCell)];
  return [
    toTable([`at idle, ${firstWord.rounds} times`, 'endpoint p50', 'web chat p50', 'added p50', 'p95 ms'], word),
    toTable(['CPU per 1,000 tokens', 'openai ms', 'web chat ms', 'x openai'], cpu.map(({ everyMs, openaiMs, webChatMs, ratio: times }) => [`${everyMs} ms apart`, openaiMs.toFixed(1), webChatMs.toFixed(1), times.toFixed(2)])),
    toTable(['an answer in Teams', 'connector calls', 'seconds'], teams.map(({ tokens, everyMs, connectorCalls, seconds }) => [`${tokens} tokens, ${everyMs} ms apart`, connectorCalls, seconds.toFixed(1)])),
  ].join('\n');
}

const toCell = (cell: string | number): string => (typeof cell === 'number' ? cell.toFixed(1) : cell);

/** What is claimed of streaming. */
export const streamingClaims = ({ firstWord, cpu, teams }: Streaming): readonly Omit<Claim, 'isMet'>[] => [
  { what: 'parley: the first word in a web chat, added to the endpoint\'s own, p50 ms', figure: firstWord.addedP50Ms, bar: 15 },
  ...cpu.map(({ everyMs, ratio: figure }) => ({ what: `parley: CPU of tokens ${everyMs} ms apart to a web chat / that of the openai package`, figure, bar: 1.5 })),
  ...teams.map(({ tokens, connectorCalls }) => ({ what: `parley: connector calls for ${tokens} tokens in Teams`, figure: connectorCalls, bar: 8 })),
];
