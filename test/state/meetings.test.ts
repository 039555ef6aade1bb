import { ConnectorError } from '../../bot/connector/connector';
import { createMeetings } from '../../bot/meetings/meetings';
import type { MeetingEvent } from '../../dialogs/meetings';
import type { Database, Queries } from '../../state/database';
import { isMuted, newestOccurrences, readPresence, writeMute, writeOccurrence, writePresence } from '../../state/meetings';
import { onEveryStore, type StoreUnderTest } from '../helpers/stores';

const MINUTE = 60_000;
const start = Date.parse('2026-11-30T09:00:00Z');

onEveryStore('meetings', (store: StoreUnderTest) => {
  let database: Database;
  beforeAll(async () => void (database = await store.open()));

  test('occurrences come newest first, and one that is written again is changed', async () => {
    await writeOccurrence(database, 'c', { startedAt: start, endedAt: undefined, isOffered: false });
    await writeOccurrence(database, 'c', { startedAt: start + MINUTE, endedAt: undefined, isOffered: false });
    await writeOccurrence(database, 'c', { startedAt: start, endedAt: start + MINUTE, isOffered: true });
    expect(await newestOccurrences(database, 'c', 5)).toEqual([
      { startedAt: start + MINUTE, endedAt: undefined, isOffered: false },
      { startedAt: start, endedAt: start + MINUTE, isOffered: true },
    ]);
    expect(await newestOccurrences(database, 'other', 5)).toEqual([]);
  });

  test('who came and went is kept once, in order, for each person and conversation', async () => {
    const ada = { userKey: 'ada', at: start + MINUTE, kind: 'leave' as const };
    await writePresence(database, 'c', [ada, { userKey: 'ada', at: start, kind: 'join' }, { userKey: 'ben', at: start, kind: 'join' }]);
    await writePresence(database, 'c', [ada]);
    expect(await readPresence(database, 'c', 'ada', start)).toEqual([{ userKey: 'ada', at: start, kind: 'join' }, ada]);
    expect(await readPresence(database, 'c', 'ada', start + 1)).toEqual([ada]);
    expect(await readPresence(database, 'other', 'ada', 0)).toEqual([]);
  });

  test('a conversation is muted once and for all, until it is not', async () => {
    expect(await isMuted(database, 'c')).toBe(false);
    await writeMute(database, 'c', true);
    await writeMute(database, 'c', true);
    expect(await isMuted(database, 'c')).toBe(true);
    await writeMute(database, 'c', false);
    expect(await isMuted(database, 'c')).toBe(false);
  });

  describe('of one conversation', () => {
    /** Each note is a turn of its own, whose effects are committed. */
    function conversation(key: string, userKey = 'ada', meeting: () => Promise<never> = () => Promise.reject(new ConnectorError('gone', 'There is no meeting.'))) {
      const effects: ((queries: Queries) => Promise<unknown>)[] = [];
      const meetings = createMeetings({
        activity: { channelId: 'msteams' },
        asker: { conversationKey: key, userKey },
        queries: database,
        connector: { meeting },
        withCommit: (effect) => void effects.push(effect),
        settings: {},
        saveSettings: async () => undefined,
      });
      const commit = async <T>(result: T): Promise<T> => {
        await database.transaction(async (queries) => {
          for (const effect of effects.splice(0)) await effect(queries);
        });
        return result;
      };
      return { ...meetings, note: async (event: MeetingEvent) => commit(await meetings.note(event)) };
    }

    test('nobody is offered anything where it cannot be asked who organizes it', async () => {
      const away = conversation('away', 'ada', () => Promise.reject(new ConnectorError('unavailable', 'The service is away.')));
      expect(await away.note({ kind: 'end', at: start, meetingId: 'm' })).toBe(false);
      expect(await conversation('here').note({ kind: 'end', at: start, meetingId: 'm' })).toBe(true);
    });

    test('it is known what each person missed of the newest meeting, and not where nobody tells who was there', async () => {
      const ada = conversation('missed');
      await ada.note({ kind: 'join', at: start - MINUTE, people: ['ada'] });
      await ada.note({ kind: 'start', at: start, meetingId: undefined });
      await ada.note({ kind: 'join', at: start + 20 * MINUTE, people: ['ben'] });
      expect(await ada.missed()).toEqual([]);
      expect(await conversation('missed', 'ben').missed()).toEqual([{ since: start, until: start + 20 * MINUTE }]);
      expect(await conversation('missed', 'cleo').missed()).toEqual([{ since: start, until: undefined }]);
      await ada.note({ kind: 'end', at: start + 60 * MINUTE, meetingId: undefined });
      expect(await conversation('missed', 'cleo').missed()).toEqual([{ since: start, until: start + 60 * MINUTE }]);
      expect(await ada.newest()).toEqual({ since: start, until: start + 60 * MINUTE });

      await ada.note({ kind: 'start', at: start + 24 * 60 * MINUTE, meetingId: undefined });
      expect(await ada.missed()).toBeUndefined();
      expect(await conversation('no meeting').missed()).toBeUndefined();
    });
  });
});
