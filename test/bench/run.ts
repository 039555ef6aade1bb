import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { comparePeers } from './bench';
import { startFakeService } from './fakeService';
import { measureGrowth } from './growth';
import { readPlan } from './plan';
import { faultyParts, toText } from './report';

const RESULTS = 'test/results/bench.json';

void main();

/** Exit code 1: a peer misbehaved, or the bench could not run to its end. */
async function main(): Promise<void> {
  const plan = readPlan(process.argv.slice(2));
  await mkdir('test/results', { recursive: true });
  const service = await startFakeService();
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort(new Error(`Stopped by ${signal}.`)));
  const limit = setTimeout(() => stop.abort(new Error(`The bench did not end in ${plan.limitMs} ms.`)), plan.limitMs);
  const startedAt = performance.now();
  try {
    const bench = { plan, service, signal: stop.signal, say: (progress: string) => console.error(progress) };
    const peers = await comparePeers(bench);
    const growth = plan.peers.includes('parley') ? await measureGrowth(bench) : undefined;
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    const report = { date: new Date().toISOString(), node: process.version, cpu: cpus()[0]?.model, cores: cpus().length, seconds, plan, peers, growth };
    await writeFile(RESULTS, `${JSON.stringify(report, undefined, 2)}\n`);
    console.log(plan.json ? JSON.stringify(report, undefined, 2) : `${toText(report)}\n${seconds} s, ${report.node}; also in ${RESULTS}`);
    if (faultyParts(report).length > 0) process.exitCode = 1;
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  } finally {
    clearTimeout(limit);
    await service.close();
  }
}
