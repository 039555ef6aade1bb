import fc from 'fast-check';
import { mergeByTime, mergeMeeting } from '../../threads/merge';
import type { ThreadMessage } from '../../threads/thread';

const START = Date.parse('2026-10-05T09:00:00Z');

const said = (id: string, minute: number | undefined, name: string, authorId = name): ThreadMessage =>
  ({ id, author: { id: authorId, name }, text: id, ...(minute !== undefined && { createdAt: new Date(START + minute * 60_000).toISOString() }) });

const minutes = fc.array(fc.option(fc.nat(90), { nil: undefined, freq: 8 }), { maxLength: 40 });

test('merged messages stand in order of time, each once, and none before what its own source has before it', () => {
  fc.assert(fc.property(minutes, minutes, (spokenAt, writtenAt) => {
    const spoken = [...spokenAt].toSorted((one, other) => (one ?? 0) - (other ?? 0)).map((minute, index) => said(`t${index}`, minute, 'Ben'));
    const written = [...writtenAt].toSorted((one, other) => (one ?? 0) - (other ?? 0)).map((minute, index) => said(`c${index}`, minute, 'Ada'));
    const merged = mergeByTime([spoken, written]);
    const times = merged.filter(({ createdAt }) => createdAt !== undefined).map(({ createdAt }) => createdAt ?? '');
    const positions = (list: readonly ThreadMessage[]): number[] => list.map(({ id }) => merged.findIndex((message) => message.id === id));
    const isRising = (numbers: readonly number[]): boolean => numbers.every((each, index) => index === 0 || each > (numbers[index - 1] ?? -1));
    return merged.length === spoken.length + written.length && times.every((time, index) => index === 0 || time >= (times[index - 1] ?? '')) && isRising(positions(spoken)) && isRising(positions(written));
  }), { seed: 20261130, numRuns: 2_000 });
});

test('a message that both sources hold is there once', () => {
  expect(mergeByTime([[said('a', 1, 'Ada')], [said('a', 1, 'Ada'), said('b', 2, 'Ben')]]).map(({ id }) => id)).toEqual(['a', 'b']);
});

test('who speaks is who writes, where one person alone has that name', () => {
  const { messages, participants } = mergeMeeting([said('t1', 1, 'ben  OKAFOR'), said('t2', 3, 'Ada')], { messages: [said('c1', 2, 'Ben Okafor', 'user:ben')] });
  expect(messages.map(({ author }) => author.id)).toEqual(['user:ben', 'user:ben', 'speaker:ada']);
  expect(participants).toEqual([{ id: 'user:ben', name: 'Ben Okafor' }, { id: 'speaker:ada', name: 'Ada' }]);
});

test('of two people with one name, neither is taken for the speaker, and a guest is nobody of the chat', () => {
  const written = [said('c1', 1, 'Jan Novak', 'user:1'), said('c2', 2, 'Jan Novak', 'user:2'), said('c3', 2, 'Ben', 'user:ben')];
  const { messages } = mergeMeeting([said('t1', 3, 'Jan Novak'), said('t2', 4, 'Ben (Guest)')], { messages: written });
  expect(messages.slice(-2).map(({ author }) => author.id)).toEqual(['speaker:jan novak', 'speaker:ben (guest)']);
});

test('what the chat left out is still counted', () => {
  expect(mergeMeeting([said('t1', 1, 'Ada')], { messages: [], omitted: [{ reason: 'deleted', count: 2 }], hasEarlier: true })).toMatchObject({ omitted: [{ reason: 'deleted', count: 2 }], hasEarlier: true });
});
