import { setTimeout as sleep } from 'node:timers/promises';
import { deploymentNotFound, say, serverError, type Script } from '../helpers/fakeModelScript';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import type { Parley } from '../helpers/parley';
import { closeAfterwards } from './closing';
import { atPace } from './load';
import { ask, startOnTwoRegions, type AnsweredTurn } from './modelTurns';
import { expectMeasured, score } from './scorecard';

const TURNS = 50;
const PER_SECOND = 5;
const RECOVERY_MS = 35_000;
const LATER_MS = 3_000;

interface Outage {
  readonly name: string;
  readonly slowestFirstMs: number;
  readonly slowestLaterMs: number;
  /** Turns that took longer than later ones may. */
  readonly slow: number;
  readonly answered: number;
  readonly recoveryMs: number;
}

interface Region {
  readonly server: FakeModelServer;
  readonly parley: Parley;
}

/** Makes the first region fail; gives the way back. */
type Fault = (region: Region) => Promise<() => Promise<void>>;

const closing = closeAfterwards();
const well = (): Script => say('From the east.');

const answering = (script: Script): Fault => ({ server }) => {
  server.answerWith(() => script);
  return Promise.resolve(() => {
    server.answerWith(well);
    return Promise.resolve();
  });
};

/** Nobody listens at its address any more. */
const refused: Fault = async ({ server }) => {
  await server.close();
  return async () => {
    const back = closing(await startFakeModelServer(Number(new URL(server.url).port)));
    back.answerWith(well);
  };
};

const faults: readonly (readonly [string, Fault])[] = [
  ['refused', refused],
  ['503', answering(serverError(503))],
  ['hang', answering({ kind: 'hang' })],
  ['404 DeploymentNotFound', answering(deploymentNotFound())],
];

async function suffer(name: string, fail: Fault): Promise<Outage> {
  const [east, west] = await Promise.all([startFakeModelServer(), startFakeModelServer()]);
  closing(west);
  if (name !== 'refused') closing(east); // it is closed by the fault itself
  const parley = closing(await startOnTwoRegions(east, west));
  east.answerWith(well);
  west.answerWith(() => say('From the west.'));
  expect((await ask(parley, 'Are you there?')).words).toContain('From the east.');

  const mend = await fail({ server: east, parley });
  const faultAt = performance.now();
  const turns = await atPace(TURNS, PER_SECOND, async (index) => {
    const beganAt = performance.now();
    return { ...(await ask(parley, `Question ${index}`)), beganAt };
  });
  await mend();
  const openedAt = faultAt + firstEnd(turns, faultAt);
  const answered = turns.filter(({ words }) => words.includes('From the west.'));
  const [early, late] = [turns.filter(({ beganAt }) => beganAt < openedAt), turns.filter(({ beganAt }) => beganAt >= openedAt)];
  return { name, slowestFirstMs: slowest(early), slowestLaterMs: slowest(late), slow: turns.filter(({ tookMs }) => tookMs >= LATER_MS).length, answered: answered.length, recoveryMs: await untilEast(parley) };
}

/** When the first answer came: the region is known to be down from then on. */
const firstEnd = (turns: readonly (AnsweredTurn & { readonly beganAt: number })[], from: number): number => Math.min(...turns.map(({ beganAt, tookMs }) => beganAt + tookMs)) - from;

const slowest = (turns: readonly AnsweredTurn[]): number => Math.max(...turns.map(({ tookMs }) => tookMs));

async function untilEast(parley: Parley): Promise<number> {
  const startedAt = performance.now();
  while (!(await ask(parley, 'Are you back?')).words.includes('From the east.')) {
    if (performance.now() - startedAt > RECOVERY_MS) throw new Error('The first region was never asked again.');
    await sleep(250);
  }
  return performance.now() - startedAt;
}

test('row 14: a region that is down costs one slow turn, then the second answers at once, and the first is used again when it is back', async () => {
  const startedAt = performance.now();
  const outages: Outage[] = [];
  for (const [name, fail] of faults) outages.push(await suffer(name, fail));
  const turns = TURNS * faults.length;
  const answered = outages.reduce((sum, outage) => sum + outage.answered, 0);
  expect(answered / turns).toBeGreaterThanOrEqual(0.99);
  for (const outage of outages) {
    expectMeasured(outage.slowestFirstMs).toBeLessThan(10_000);
    expectMeasured(outage.slowestLaterMs).toBeLessThan(LATER_MS);
    expectMeasured(outage.recoveryMs).toBeLessThan(RECOVERY_MS);
  }
  const seconds = (pick: (outage: Outage) => number): string => outages.map((outage) => `${outage.name} ${(pick(outage) / 1_000).toFixed(1)}`).join(', ');
  score(14, {
    load: `${faults.length} faults x ${TURNS} turns, ${PER_SECOND} a second, two regions`,
    figure: `${answered}/${turns} answered; first turn ${seconds(({ slowestFirstMs }) => slowestFirstMs)} s; later ones at most ${seconds(({ slowestLaterMs }) => slowestLaterMs)} s; turns of more than ${LATER_MS / 1_000} s: ${outages.map(({ name, slow }) => `${name} ${slow}`).join(', ')}; back after ${seconds(({ recoveryMs }) => recoveryMs)} s`,
  });
  console.log(`${JSON.stringify(outages)}\nrow 14 took ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
});
