import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { comparePeers } from './bench';
import { startFakeService } from './fakeService';
import { readPlan } from './plan';
import { hasFaults, toText } from './report';

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
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    const report = { date: new Date().toISOString(), node: process.version, cpu: cpus()[0]?.model, cores: cpus().length, seconds, plan, peers };
    await writeFile(RESULTS, `${JSON.stringify(report, undefined, 2)}\n`);
    console.log(plan.json ? JSON.stringify(report, undefined, 2) : `${toText(peers)}\n${seconds} s, ${report.node}; also in ${RESULTS}`);
    if (peers.some(hasFaults)) process.exitCode = 1;
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  } finally {
    clearTimeout(limit);
    await service.close();
  }
}
