import { setTimeout as sleep } from 'node:timers/promises';
import { createPace } from '../helpers/fakeModelScript';
import { askAbout, attentively, isAttentive } from './attentiveModel';
import type { SayOptions, Text } from './channel';
import { closeAfterwards } from './closing';
import { startCluster } from './cluster';
import { checkHistory } from './history';
import { expectMeasured, score } from './scorecard';
import { turnPoints, type TurnPoint } from './turnPoints';

const ROUNDS = 20;
const RECOVERY_MS = 10_000;
/** From the first words of an answer to its end: long enough for them to be shown, and to be replaced. */
const WRITING_MS = 700;

/** How an answer comes: in the place of a message that says it is being worked on, at the end of a stream, or by itself. */
const manners: readonly { readonly name: string; readonly text: Text; readonly options: SayOptions; readonly isSlow: boolean }[] = [
  { name: 'update', text: askAbout, options: { type: 'groupChat' }, isSlow: true },
  { name: 'stream', text: askAbout, options: {}, isSlow: true },
  { name: 'send', text: 'help', options: {}, isSlow: false },
  { name: 'send', text: 'settings', options: {}, isSlow: false },
];

/** The one gap that cannot be closed: the reply is sent, and that is not yet written down. */
const isInTheGap = (point: TurnPoint): boolean => point === 'after send' || point === 'before delivered';

const closing = closeAfterwards();

interface Round {
  readonly manner: string;
  readonly lost: number;
  readonly doubled: number;
  readonly recoveryMs: number;
}

/** Kills a process at the point of a turn, and starts another; once for each round. */
async function killAt(point: TurnPoint): Promise<readonly Round[]> {
  const cluster = closing(await startCluster({ name: `row05-${point.replace(' ', '-')}`, withModel: true, isAnswer: (text) => isAttentive(text) || !text.startsWith('About') }));
  const { channel, model } = cluster;
  model.answerWith((call) => {
    const pace = createPace();
    pace.release(1);
    setTimeout(() => pace.release(), WRITING_MS);
    return attentively(call, pace);
  });
  const possible = manners.filter(({ isSlow }) => isSlow || !point.endsWith('accept')); // a quick turn is accepted with its commit
  const rounds: Round[] = [];
  for (let index = 0; index < ROUNDS; index += 1) {
    const manner = possible[index % possible.length] ?? raise('There are no manners.');
    const conversation = `round-${index}`;
    const { ended } = await cluster.crashAt(0, point);
    const saying = channel.say(conversation, manner.text, manner.options);
    await ended;
    const killedAtMs = performance.now();
    await cluster.start(0);
    const { id, acknowledgedAtMs = 0 } = await saying;
    await channel.allAnswered(2 * RECOVERY_MS);
    await cluster.settled(); // the next kill is for the next turn, not for what is left of this one
    const recoveryMs = (channel.answeredAtMs().get(id) ?? Infinity) - Math.max(killedAtMs, acknowledgedAtMs); // what it never took, the channel has to bring again
    rounds.push({ manner: manner.name, lost: 0, doubled: 0, recoveryMs });
  }
  await cluster.settled();
  await sleep(1_000); // whatever comes twice comes now
  const { deliveries } = channel;
  return rounds.map((round, index) => {
    const findings = checkHistory({ said: deliveries.slice(index, index + 1), shown: channel.answers(`round-${index}`) });
    const count = (kind: string): number => findings.filter((finding) => finding.kind === kind).length;
    return { ...round, lost: count('lost'), doubled: count('doubled') };
  });
}

test('row 5: a process that is killed before or after any durable step of a turn loses nothing, and answers twice at most where it cannot know', async () => {
  const results = await Promise.all(turnPoints.map(async (point) => ({ point, rounds: await killAt(point) })));
  const all = results.flatMap(({ point, rounds }) => rounds.map((round) => ({ point, ...round })));
  const doubled = all.filter(({ doubled: times }) => times > 0);
  const worst = all.toSorted((one, other) => other.recoveryMs - one.recoveryMs)[0];
  expect(all).toHaveLength(turnPoints.length * ROUNDS);
  expect(all.filter(({ lost }) => lost > 0)).toEqual([]);
  expect(doubled.filter(({ point, manner, doubled: times }) => !isInTheGap(point) || manner === 'update' || times > 1)).toEqual([]);
  expectMeasured(Math.max(...all.map(({ recoveryMs }) => recoveryMs))).toBeLessThanOrEqual(RECOVERY_MS);
  score(5, {
    load: `${turnPoints.length} points x ${ROUNDS} kills`,
    figure: `0 lost of ${all.length}, ${doubled.length} doubled, all of them sent and not yet marked, none by update; recovery ${((worst?.recoveryMs ?? NaN) / 1_000).toFixed(1)} s at most (${worst?.point ?? ''})`,
  });
});

function raise(message: string): never {
  throw new Error(message);
}
