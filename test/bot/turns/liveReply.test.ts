import { pino } from 'pino';
import type { Activity } from 'botbuilder';
import { ConnectorError } from '../../../bot/connector/connector';
import { PacedReply, type FinalReply } from '../../../bot/turns/liveReply';

/** A live reply whose first posts end as told, and what was posted and left for the outbox. */
function startReply(kind: 'stream' | 'placeholder', failures: readonly (ConnectorError | undefined)[], isNext = (): boolean => true) {
  const posted: Partial<Activity>[] = [];
  const finals: FinalReply[] = [];
  const style = kind === 'stream' ? ({ kind, intervalMs: 1, maxMs: 60_000 } as const) : ({ kind, intervalMs: 1 } as const);
  const reply = new PacedReply({
    style,
    post: async (activity) => {
      posted.push(activity);
      const failure = failures[posted.length - 1];
      if (failure) throw failure;
      return 'id-1';
    },
    onFinal: (final) => finals.push(final),
    onStopped: () => undefined,
    isNext,
    log: pino({ enabled: false }),
  });
  /** Shows something and waits until it was posted, or left out. */
  const show = async (text: string): Promise<void> => {
    const before = posted.length;
    reply.show(text);
    for (let ticks = 0; ticks < 50 && posted.length === before; ticks += 1) await new Promise(setImmediate);
    await new Promise((resolve) => setTimeout(resolve, 5)); // the pace of this style, and the end of its pump
  };
  const sequences = (): unknown[] => posted.map(({ channelData }) => (channelData as { streamSequence: number }).streamSequence);
  return { reply, show, posted, finals, sequences };
}

test.each(['rate-limited', 'unavailable'] as const)('a stream whose first chunk was not taken (%s) begins with the next', async (code) => {
  const { reply, show, finals, sequences } = startReply('stream', [new ConnectorError(code, 'Not now.')]);
  await show('One');
  await show('One two');
  await show('One two three');
  await reply.finish({ text: 'One two three four' });
  expect(sequences()).toEqual([1, 1, 2]);
  expect(finals).toMatchObject([{ kind: 'finish-stream', targetId: 'id-1' }]);
});

test.each(['stream', 'placeholder'] as const)('where the first of a %s may have arrived, no second one is shown beside it, and the answer is a message of its own', async (kind) => {
  const { reply, show, posted, finals } = startReply(kind, [new ConnectorError('ambiguous', 'No answer.')]);
  await show('One');
  await show('One two');
  await reply.finish({ text: 'One two three' });
  expect(posted).toHaveLength(1);
  expect(finals).toMatchObject([{ kind: 'send', targetId: undefined }]);
});

test('a chunk in the midst that was not taken is made up for by the next', async () => {
  const { reply, show, finals, sequences } = startReply('stream', [undefined, new ConnectorError('rate-limited', 'Not now.')]);
  await show('One');
  await show('One two');
  await show('One two three');
  await reply.finish({ text: 'One two three' });
  expect(sequences()).toEqual([1, 2, 3]);
  expect(finals).toMatchObject([{ kind: 'finish-stream', targetId: 'id-1' }]);
});

test.each(['stream', 'placeholder'] as const)('nothing of a %s is shown while earlier replies are on their way', async (kind) => {
  let isNext = false;
  const { reply, show, posted, finals } = startReply(kind, [], () => isNext);
  await show('One');
  await show('One two');
  expect(posted).toEqual([]);
  isNext = true;
  await show('One two three');
  await reply.finish({ text: 'One two three four' });
  expect(posted.map(({ text }) => text)).toEqual(['One two three']);
  expect(finals).toMatchObject([{ targetId: 'id-1' }]);
});

test('a reply that never came to its turn to be shown is a message of its own', async () => {
  const { reply, show, finals } = startReply('stream', [], () => false);
  await show('One');
  await reply.finish({ text: 'One two' });
  expect(finals).toMatchObject([{ kind: 'send', targetId: undefined }]);
});
