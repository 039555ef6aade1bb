import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { comparePeers, type Bench } from './bench';
import { toCapacity } from './capacity';
import { toClaims } from './claims';
import { startFakeService } from './fakeService';
import { measureGrowth, type Growth } from './growth';
import { peers as allPeers, type Peer } from './peers';
import { readPlan, type Plan } from './plan';
import { claimTable, faultyParts, toText, type Results } from './report';
import { measureSockets, socketsText, type SocketCost } from './sockets';
import { startBenchPostgres } from './store';
import { measureStoreCost, type StoreCost } from './storeCost';
import { measureStreaming, streamingText } from './streaming';

const RESULTS = 'test/results/bench.json';
const STREAMING_RESULTS = 'test/results/bench-streaming.json';
const SOCKET_RESULTS = 'test/results/bench-sockets.json';

void main();

/** Exit code 1: a peer misbehaved, or the bench could not run to its end. */
async function main(): Promise<void> {
  try {
    const plan = readPlan(process.argv.slice(2));
    await mkdir('test/results', { recursive: true });
    if (plan.capacity) console.log(toCapacity(await readJson(RESULTS), await readJson(SOCKET_RESULTS)));
    else await withBench(plan, toRun(plan));
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  }
}

const toRun = ({ sockets, streaming }: Plan): typeof runPeers => (streaming ? runStreaming : sockets.length > 0 ? runSockets : runPeers);

/** Starts what peers need beside them, and stops it again, also on a signal and when the time is over. */
async function withBench(plan: Plan, run: (bench: Bench) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort(new Error(`Stopped by ${signal}.`)));
  const limit = setTimeout(() => stop.abort(new Error(`The bench did not end in ${plan.limitMs} ms.`)), plan.limitMs);
  const service = await startFakeService();
  const postgres = plan.peers.includes('parley-postgres') && !plan.streaming ? await startBenchPostgres() : undefined;
  try {
    await run({ plan, service, postgres, signal: stop.signal, say: (progress) => console.error(progress) });
  } finally {
    clearTimeout(limit);
    await service.close();
    await postgres?.close();
  }
}

async function runPeers(bench: Bench): Promise<void> {
  const startedAt = performance.now();
  const peers = await comparePeers(bench);
  const stores: StoreCost[] = [];
  const growths: Growth[] = [];
  for (const peer of keepers(bench.plan)) {
    for (const level of [bench.plan.levels[0], bench.plan.levels.at(-1)]) if (level) stores.push(await measureStoreCost(bench, peer, level));
    growths.push(await measureGrowth(bench, peer));
  }
  const streaming = bench.plan.peers.includes('parley') ? await measureStreaming(bench) : undefined;
  const results: Results = { peers, stores, growths, ...(streaming && { streaming }), claims: toClaims(peers, growths, streaming) };
  const report = { ...where(startedAt), plan: bench.plan, ...results };
  await writeJson(RESULTS, report);
  console.log(bench.plan.json ? JSON.stringify(report, undefined, 2) : `${toText(results)}\n${report.seconds} s, ${report.node}; also in ${RESULTS}`);
  if (faultyParts(results).length > 0) process.exitCode = 1;
}

async function runStreaming(bench: Bench): Promise<void> {
  const startedAt = performance.now();
  const streaming = await measureStreaming(bench);
  const claims = toClaims([], [], streaming);
  const report = { ...where(startedAt), streaming, claims };
  await writeJson(STREAMING_RESULTS, report);
  console.log(bench.plan.json ? JSON.stringify(report, undefined, 2) : `${streamingText(streaming)}\n${claimTable(claims)}\n${report.seconds} s, ${report.node}; also in ${STREAMING_RESULTS}`);
}

async function runSockets(bench: Bench): Promise<void> {
  const startedAt = performance.now();
  const sockets: SocketCost[] = [];
  for (const peer of keepers(bench.plan)) sockets.push(...(await measureSockets(bench, peer)));
  const report = { ...where(startedAt), sockets };
  await writeJson(SOCKET_RESULTS, report);
  console.log(bench.plan.json ? JSON.stringify(report, undefined, 2) : `${socketsText(sockets)}\n${report.seconds} s, ${report.node}; also in ${SOCKET_RESULTS}`);
}

/** Those that keep turns durably. */
const keepers = (plan: Plan): readonly Peer[] => allPeers.filter(({ name, store }) => store !== undefined && plan.peers.includes(name));

const where = (startedAt: number): { readonly date: string; readonly node: string; readonly cpu: string; readonly cores: number; readonly seconds: number } => ({
  date: new Date().toISOString(),
  node: process.version,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  seconds: Math.round((performance.now() - startedAt) / 1_000),
});

const writeJson = (file: string, value: object): Promise<void> => writeFile(file, `${JSON.stringify(value, undefined, 2)}\n`);

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'));
}
