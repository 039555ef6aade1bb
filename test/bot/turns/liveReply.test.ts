import { pino } from 'pino';
import type { Activity } from 'botbuilder';
import { ConnectorError } from '../../../bot/connector/connector';
import { PacedReply, type FinalReply } from '../../../bot/turns/liveReply';

/** A live reply whose first posts end as told, and what was posted and left for the outbox. */
function startReply(kind: 'stream' | 'placeholder', failures: readonly (ConnectorError | undefined)[], isNext = (): boolean => true, messageId?: string, firstMs = 0) {
  const posted: Partial<Activity>[] = [];
  const finals: FinalReply[] = [];
  const pace = { firstMs, intervalMs: 1, leastMs: 1 };
  const style = kind === 'stream' ? ({ kind, ...pace, maxMs: 60_000, isMessage: true } as const) : ({ kind, ...pace } as const);
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
    ...(messageId !== undefined && { messageId }),
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

async function untilPosted(posted: readonly unknown[], count: number): Promise<void> {
  while (posted.length < count) await new Promise((resolve) => setTimeout(resolve, 1));
}

test.each(['stream', 'placeholder'] as const)('an answer that is whole before its first words would be shown (%s) comes as one message', async (kind) => {
  const { reply, posted, finals } = startReply(kind, [], undefined, undefined, 60_000);
  reply.progress('Reading');
  reply.show('One');
  await reply.finish({ text: 'One two' });
  expect(posted).toEqual([]);
  expect(finals).toEqual([{ kind: 'send', targetId: undefined, activity: { text: 'One two' } }]);
});

test.each(['rate-limited', 'unavailable', 'unauthorized'] as const)('a stream whose first chunk was not taken (%s) begins with the newest text', async (code) => {
  const { reply, posted, finals, sequences } = startReply('stream', [new ConnectorError(code, 'Not now.')]);
  reply.show('One');
  reply.show('One two');
  await untilPosted(posted, 2);
  await reply.finish({ text: 'One two three four' });
  expect(sequences()).toEqual([1, 1]);
  expect(posted[1]?.text).toBe('One two');
  expect(finals).toMatchObject([{ kind: 'finish-stream', targetId: 'id-1', streamed: 'One two' }]);
});

test.each(['stream', 'placeholder'] as const)('where the first of a %s may have arrived, no second one is shown beside it, and the answer is a message of its own', async (kind) => {
  const { reply, show, posted, finals } = startReply(kind, [new ConnectorError('ambiguous', 'No answer.')]);
  await show('One');
  await show('One two');
  await reply.finish({ text: 'One two three' });
  expect(posted).toHaveLength(1);
  expect(finals).toMatchObject([{ kind: 'send', targetId: undefined }]);
});

test.each(['rate-limited', 'ambiguous'] as const)('a chunk in the midst that may not have been taken (%s) goes out again under its number', async (code) => {
  const { reply, posted, finals, sequences } = startReply('stream', [undefined, new ConnectorError(code, 'Not now.')]);
  reply.show('One');
  await untilPosted(posted, 1);
  reply.show('One two');
  await untilPosted(posted, 3);
  await reply.finish({ text: 'One two three' });
  expect(sequences()).toEqual([1, 2, 2]);
  expect(finals).toMatchObject([{ kind: 'finish-stream', targetId: 'id-1', streamed: 'One two' }]);
});

test('what was dropped as out of order keeps its number, and what follows has the next', async () => {
  const dropped = new ConnectorError('stream-refused', 'Dropped.', { status: 202, serviceCode: 'ContentStreamSequenceOrderPreConditionFailed' });
  const { reply, posted, finals, sequences } = startReply('stream', [undefined, dropped]);
  reply.show('One');
  await untilPosted(posted, 1);
  reply.show('One two');
  await untilPosted(posted, 3);
  await reply.finish({ text: 'One two three' });
  expect(sequences()).toEqual([1, 2, 3]);
  expect(finals).toMatchObject([{ kind: 'finish-stream' }]);
});

test('text is asked for when it goes out, and not for every word', async () => {
  const { reply, posted } = startReply('stream', []);
  let asked = 0;
  let text = '';
  for (const word of 'one two three four five six seven eight'.split(' ')) {
    text += `${word} `;
    reply.show(() => {
      asked += 1;
      return text;
    });
  }
  await untilPosted(posted, 2);
  await reply.finish({ text });
  expect(asked).toBe(2);
  expect(posted.map((chunk) => chunk.text)).toEqual(['one ', text]);
});

test('text that has not grown is not shown again, and a word about its making does not take its place', async () => {
  const { reply, show, posted } = startReply('stream', []);
  await show('One');
  reply.progress('Working on it');
  await show('One');
  expect(posted.map(({ text }) => text)).toEqual(['One']);
  await reply.finish({ text: 'One' });
});

test('the first words do not wait for a word about their making', async () => {
  const { reply, posted } = startReply('stream', []);
  const startedAt = performance.now();
  reply.progress('Working on it');
  reply.show('One');
  await untilPosted(posted, 1);
  expect(posted.map(({ text }) => text)).toEqual(['One']);
  expect(performance.now() - startedAt).toBeLessThan(140);
  await reply.finish({ text: 'One' });
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
  expect(posted.map(({ text }) => text?.replace(' …', ''))).toEqual(['One two three']);
  expect(finals).toMatchObject([{ targetId: 'id-1' }]);
});

test('a stream of an attempt that died is replaced, and nothing is added to it', async () => {
  const { reply, posted, finals } = startReply('stream', [], () => true, 'id-0');
  reply.show('Another');
  await reply.finish({ text: 'Another answer' });
  expect(posted).toEqual([]);
  expect(finals).toEqual([{ kind: 'update', targetId: 'id-0', activity: { text: 'Another answer' } }]);
});

test('a reply that never came to its turn to be shown is a message of its own', async () => {
  const { reply, show, finals } = startReply('stream', [], () => false);
  await show('One');
  await reply.finish({ text: 'One two' });
  expect(finals).toMatchObject([{ kind: 'send', targetId: undefined }]);
});
