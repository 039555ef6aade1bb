import fc from 'fast-check';
import { afterEnd, afterStart, missedSpans } from '../../../bot/meetings/occurrences';
import type { Occurrence, Presence } from '../../../state/meetings';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const monday = Date.parse('2026-11-30T09:00:00Z');
const open = (startedAt: number): Occurrence => ({ startedAt, endedAt: undefined, isOffered: false });
const over = (startedAt: number, minutes: number, isOffered = true): Occurrence => ({ startedAt, endedAt: startedAt + minutes * MINUTE, isOffered });

describe('an occurrence', () => {
  test('begins with its start and ends with its end', () => {
    const begun = afterStart(undefined, monday);
    expect(begun).toEqual(open(monday));
    expect(afterEnd(begun, monday + 45 * MINUTE)).toEqual(over(monday, 45, false));
  });

  test.each([
    ['a start that is told twice', () => afterStart(open(monday), monday)],
    ['a start that comes after the end', () => afterStart(over(monday, 45), monday)],
    ['a second start while it goes on', () => afterStart(open(monday), monday + 5 * MINUTE)],
    ['an end that is told twice', () => afterEnd(over(monday, 45), monday + 45 * MINUTE)],
    ['an end of before its start', () => afterEnd(open(monday), monday - MINUTE)],
  ])('is not changed by %s', (_name, after) => {
    expect(after()).toBeUndefined();
  });

  test('goes on when people come back soon, and is not offered a second time', () => {
    const back = afterStart(over(monday, 45), monday + 60 * MINUTE);
    expect(back).toEqual({ startedAt: monday, endedAt: undefined, isOffered: true });
    expect(afterEnd(back, monday + 90 * MINUTE)).toEqual(over(monday, 90, true));
  });

  test('of the next day is another one, also where an end or a start was not told', () => {
    expect(afterStart(over(monday, 45), monday + DAY)).toEqual(open(monday + DAY));
    expect(afterStart(open(monday), monday + DAY)).toEqual(open(monday + DAY));
    expect(afterEnd(over(monday, 45), monday + DAY)).toEqual(over(monday + DAY, 0, false));
    expect(afterEnd(open(monday), monday + DAY)).toEqual(over(monday + DAY, 0, false));
    expect(afterEnd(undefined, monday)).toEqual(over(monday, 0, false));
  });

  test('is offered at most once, in whatever order and however often its events come', () => {
    const event = fc.record({ kind: fc.constantFrom('start' as const, 'end' as const), minute: fc.integer({ min: 0, max: 90 }) });
    fc.assert(fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      let known: Occurrence | undefined;
      let offers = 0;
      for (const { kind, minute } of events) {
        const after = kind === 'start' ? afterStart(known, monday + minute * MINUTE) : afterEnd(known, monday + minute * MINUTE);
        const isDue = kind === 'end' && after !== undefined && !after.isOffered;
        if (isDue) offers += 1;
        if (after) known = isDue ? { ...after, isOffered: true } : after;
      }
      // more than half an hour apart are two meetings, and 91 minutes hold three at most
      expect(offers).toBeLessThanOrEqual(3);
      expect(known === undefined).toBe(events.length === 0);
    }), { seed: 20_261_130, numRuns: 500 });
  });
});

describe('what somebody missed', () => {
  const at = (minute: number, kind: Presence['kind']): Presence => ({ userKey: 'ada', at: monday + minute * MINUTE, kind });
  const minutes = (occurrence: Occurrence, presence: readonly Presence[]) =>
    missedSpans(occurrence, presence).map(({ since, until }) => [(since - monday) / MINUTE, until === undefined ? 'now' : (until - monday) / MINUTE]);

  test.each([
    ['came before it began and stayed', over(monday, 60), [at(-3, 'join')], []],
    ['came late', over(monday, 60), [at(12, 'join')], [[0, 12]]],
    ['left early', over(monday, 60), [at(-1, 'join'), at(40, 'leave')], [[40, 60]]],
    ['was away in between', over(monday, 60), [at(0, 'join'), at(20, 'leave'), at(35, 'join')], [[20, 35]]],
    ['never came', over(monday, 60), [], [[0, 60]]],
    ['is late, and it still goes on', open(monday), [at(9, 'join')], [[0, 9]]],
    ['has left, and it still goes on', open(monday), [at(0, 'join'), at(9, 'leave')], [[9, 'now']]],
    ['changed devices', over(monday, 60), [at(0, 'join'), at(20, 'leave'), at(20.5, 'join')], []],
    ['has a leave told twice', over(monday, 60), [at(0, 'join'), at(20, 'leave'), at(25, 'leave'), at(30, 'join')], [[20, 30]]],
    ['left after it was over', over(monday, 60), [at(0, 'join'), at(61, 'leave')], []],
  ] as const)('is told of a person who %s', (_name, occurrence, presence, missed) => {
    expect(minutes(occurrence, presence)).toEqual(missed);
  });
});
