import { meetingEventOf } from '../../../bot/meetings/meetingEvent';

describe('an event is read however much of it is there', () => {
  const at = Date.parse('2026-11-30T09:45:00Z');
  const event = (name: string, more: object) => meetingEventOf({ type: 'event', channelId: 'msteams', name: `application/vnd.microsoft.${name}`, timestamp: '2026-11-30T09:45:00Z' as unknown as Date, ...more });

  test.each([
    ['whole, in PascalCase', { value: { Id: 'other', JoinUrl: 'x', EndTime: '2026-11-30T09:44:58.1234567Z' }, channelData: { meeting: { id: 'm' } } }, { kind: 'end', at: at - 1_877, meetingId: 'm' }],
    ['in camelCase', { value: { endTime: '2026-11-30T09:44:58Z' } }, { kind: 'end', at: at - 2_000, meetingId: undefined }],
    ['without JoinUrl and time', { value: { Id: 'm' } }, { kind: 'end', at, meetingId: undefined }],
    ['without a value', {}, { kind: 'end', at, meetingId: undefined }],
    ['with nulls', { value: null, channelData: { meeting: null } }, { kind: 'end', at, meetingId: undefined }],
    ['with a time of nowhen', { value: { EndTime: '0001-01-01T00:00:00' } }, { kind: 'end', at, meetingId: undefined }],
    ['with a value that is text', { value: '{"EndTime":"2026-11-30T09:44:58Z"}' }, { kind: 'end', at, meetingId: undefined }],
  ])('%s', (_name, more, expected) => {
    expect(event('meetingEnd', more)).toEqual(expected);
  });

  test.each([
    ['in camelCase', { members: [{ user: { id: '29:a', aadObjectId: 'guid' }, meeting: { inMeeting: true } }] }, ['msteams||guid']],
    ['in PascalCase', { Members: [{ User: { Id: '29:a', AadObjectId: 'guid' } }] }, ['msteams||guid']],
    ['of guests without a directory', { members: [{ user: { id: '29:guest', aadObjectId: null } }] }, ['msteams||29:guest']],
    ['with people who are none', { members: [null, 'x', {}, { user: {} }, { user: { id: '' } }] }, []],
    ['with a list that is none', { members: 'everybody' }, []],
    ['without a value', undefined, []],
  ])('who came, %s', (_name, value, people) => {
    expect(event('meetingParticipantJoin', { value })).toEqual({ kind: 'join', at, people });
  });

  test('and nothing else is taken for one', () => {
    expect(event('readReceipt', {})).toBeUndefined();
    expect(meetingEventOf({ type: 'event', channelId: 'webchat', name: 'application/vnd.microsoft.meetingEnd' })).toBeUndefined();
    expect(meetingEventOf({ type: 'message', channelId: 'msteams', name: 'application/vnd.microsoft.meetingEnd' })).toBeUndefined();
  });
});
