import fc from 'fast-check';
import { canAllRead, unknownMembership, type Member, type Membership } from '../../threads/audience';

const complete = (...members: Member[]): Membership => ({ members, isComplete: true });

/** Few people under few ids, so that lists overlap; directory ids in either case of letters, ids missing. */
const person = fc.nat(7);
const asMember = fc.record({ who: person, form: fc.constantFrom('both', 'directory', 'channel', 'upper') });
const toMember = ({ who, form }: { who: number; form: string }): Member => ({
  id: form === 'directory' ? '' : `29:${who}`,
  ...(form !== 'channel' && { directoryId: form === 'upper' ? `AAD-${who}` : `aad-${who}` }),
});
const list = fc.array(asMember, { maxLength: 10 });

test('in 10,000 pairs of member lists nobody new reads along, and whole lists of known people pass', () => {
  let shared = 0;
  fc.assert(fc.property(list, list, (source, target) => {
    const passes = canAllRead(complete(...source.map(toMember)), complete(...target.map(toMember)));
    const readers = new Set(source.map(({ who }) => who));
    const isLeak = passes && target.some(({ who }) => !readers.has(who));
    if (passes) shared += 1;
    return !isLeak;
  }), { seed: 20261130, numRuns: 10_000 });
  expect(shared).toBeGreaterThan(500); // the check is not passed by refusing everything
});

test('the same people in the same form may always share', () => {
  fc.assert(fc.property(fc.array(asMember, { minLength: 1, maxLength: 10 }), fc.array(asMember, { maxLength: 5 }), (target, more) => canAllRead(complete(...[...target, ...more].map(toMember)), complete(...target.map(toMember)))), { seed: 20261130, numRuns: 1_000 });
});

const ada: Member = { id: '29:ada', directoryId: 'a' };

test.each<[string, Membership, Membership, boolean]>([
  ['the same person', complete(ada), complete(ada), true],
  ['fewer people than the source has', complete(ada, { id: '29:ben', directoryId: 'b' }), complete(ada), true],
  ['one more person', complete(ada), complete(ada, { id: '29:ben', directoryId: 'b' }), false],
  ['a person of the same channel id and another directory id', complete(ada), complete({ id: '29:ada', directoryId: 'x' }), false],
  ['a person whom the channel alone knows, by that id', complete(ada), complete({ id: '29:ada' }), true],
  ['a member without any id', complete({ id: '' }), complete({ id: '' }), false],
  ['nobody', complete(ada), complete(), false],
  ['a source that nobody could list', unknownMembership, complete(ada), false],
  ['a target that nobody could list', complete(ada), unknownMembership, false],
  ['a target whose list ended early', complete(ada), { members: [ada], isComplete: false }, false],
])('shown to %s', (_who, source, target, expected) => {
  expect(canAllRead(source, target)).toBe(expected);
});
