import type { Activity } from 'botbuilder';
import { markOf, remember, withoutAcknowledgement } from '../../../bot/turns/repetition';

const said = (more: Partial<Activity> = {}): Partial<Activity> => ({
  type: 'message', text: 'yes', from: { id: '29:ada', name: 'Ada' }, timestamp: new Date('2026-11-22T10:00:00.123Z'), ...more,
});
const later = { timestamp: new Date('2026-11-22T10:00:20.000Z') };
const now = Date.now();
const memoryOf = (...activities: readonly Partial<Activity>[]): string => activities.reduce((recent, activity) => remember(recent, markOf(activity), now) ?? recent, '');
const isRepetition = (recent: string, activity: Partial<Activity>): boolean => remember(recent, markOf(activity), now) === undefined;

test.each([
  ['the same words sent at the same moment', said(), said({ id: 'other' })],
  ['the same local moment', said({ localTimestamp: new Date('2026-11-22T11:00:00.001Z') }), said({ ...later, localTimestamp: new Date('2026-11-22T11:00:00.001Z') })],
  ['the same client id', said({ channelData: { clientActivityID: 'c1' } }), said({ ...later, channelData: { clientActivityID: 'c1' } })],
  ['the same card, submitted at the same moment', said({ text: undefined, value: { a: 1 } }), said({ text: undefined, value: { a: 1 } })],
])('takes %s for a repetition', (_what, first, second) => {
  expect(isRepetition(memoryOf(first), second)).toBe(true);
});

test.each([
  ['the same words said later', said(later)],
  ['other words at the same moment', said({ text: 'no' })],
  ['the same words of another person', said({ from: { id: '29:bob', name: 'Bob' } })],
  ['the same words under another client id', said({ channelData: { clientActivityID: 'c2' } })],
  ['a second post to Direct Line within a millisecond', said({ channelId: 'directline' })],
  ['another file without words', said({ attachments: [{ contentType: 'text/plain', contentUrl: 'https://a.example/2' }] })],
])('takes %s for something new', (_what, second) => {
  expect(isRepetition(memoryOf(said()), second)).toBe(false);
});

test('takes the same words for a repetition where the acknowledgement was lost and the channel had time to post again', () => {
  const mark = markOf(said());
  const again = markOf(said(later));
  if (!mark) throw new Error('There is no mark.');
  const unacknowledged = withoutAcknowledgement(remember('', mark, 0) ?? '', mark, 0);
  expect(remember(unacknowledged, again, 15_000)).toBeUndefined();
  expect(remember(unacknowledged, again, 3_000)).toContain(again?.content); // a person: channels wait longer
  expect(remember(remember('', mark, 0) ?? '', again, 15_000)).toContain(again?.content);
});

test('forgets after a while, remembers a bounded number, and survives a memory that cannot be read', () => {
  const old = remember('', markOf(said()), now - 100_000) ?? '';
  expect(isRepetition(old, said())).toBe(false);
  const many = Array.from({ length: 100 }, (_, index) => said({ text: String(index) }));
  expect(memoryOf(...many).length).toBeLessThan(2_000);
  expect(isRepetition('{broken', said())).toBe(false);
});

test('has no mark for what does no harm twice', () => {
  expect(markOf({ type: 'conversationUpdate' })).toBeUndefined();
});
