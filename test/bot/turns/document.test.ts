import { join } from 'node:path';
import { z } from 'zod';
import { readDocument, writeDocument } from '../../../bot/turns/document';
import { fingerprintOf } from '../../../dialogs/skill';
import { translateSkill } from '../../../dialogs/translateSkill';
import type { Database } from '../../../state/database';
import { openDatabase } from '../../../state/openDatabase';
import { quarantine, quarantinedOf } from '../../../state/quarantine';
import { forgetConversation } from '../../../state/users';
import { read, scriptedEngine, startConversation } from '../../helpers/conversation';
import { temporaryFolder } from '../../helpers/temporaryFolder';

const waiting = (more: object = {}) => ({ dialogStack: [{ id: 'translate', state: { values: { text: 'good morning' }, asking: 'language' }, version: fingerprintOf(translateSkill), ...more }] });
const stored = (more: object = {}): string => JSON.stringify({ schemaVersion: 1, greeted: true, dialogs: waiting(), ...more });

describe('a stored conversation document', () => {
  test('is read as it was written', () => {
    const { document, quarantined } = readDocument(stored());
    expect(quarantined).toBeUndefined();
    expect(document).toMatchObject({ greeted: true, dialogs: waiting() });
    expect(JSON.parse(writeDocument(document))).toEqual(JSON.parse(stored()));
  });

  test('is whole without an open question', () => {
    const json = writeDocument({ dialogs: { dialogStack: [] }, greeted: true });
    expect(readDocument(json)).toEqual({ document: { schemaVersion: 1, dialogs: undefined, greeted: true } });
    expect(writeDocument(readDocument(json).document)).toBe(json);
  });

  test.each([[undefined], ['']])('is a new one where there is none: %j', (json) => {
    expect(readDocument(json)).toEqual({ document: { dialogs: undefined, greeted: false } });
  });

  test('keeps what another version of Parley added', () => {
    const { document } = readDocument(stored({ mood: { of: 'tomorrow' } }));
    expect(JSON.parse(writeDocument({ ...document, greeted: false }))).toMatchObject({ mood: { of: 'tomorrow' }, greeted: false });
  });

  test.each([
    ['no JSON', '{"schemaVersion":1,"greeted":tr'],
    ['no object', '7'],
    ['null', 'null'],
    ['no version', '{"greeted":true}'],
    ['a version that is none', stored({ schemaVersion: 'one' })],
    ['another type', stored({ greeted: 'yes' })],
  ])('is set aside as corrupt when it is %s', (_name, json) => {
    expect(readDocument(json)).toEqual({ document: { dialogs: undefined, greeted: true, notice: 'lost' }, quarantined: { reason: 'corrupt', document: json } });
  });

  test('is set aside when a later version of Parley wrote it', () => {
    const json = JSON.stringify({ schemaVersion: 2, conversation: ['of', 'tomorrow'] });
    expect(readDocument(json)).toEqual({ document: { dialogs: undefined, greeted: true, notice: 'outdated' }, quarantined: { reason: 'newer-version', document: json } });
  });

  test.each([
    ['its skill is gone', { id: 'gone' }],
    ['its skill was changed', { version: 'another' }],
    ['nobody knows what it was', { version: undefined }],
    ['its slot is unknown', { state: { values: {}, asking: 'tone' } }],
    ['its values are of another form', { state: { values: { text: 7 }, asking: 'language' } }],
  ])('loses an open question when %s, and keeps the rest', (_name, change) => {
    const json = stored({ dialogs: waiting(change), mood: 'good' });
    expect(readDocument(json)).toMatchObject({ document: { dialogs: undefined, greeted: true, notice: 'outdated', mood: 'good' }, quarantined: { reason: 'dialog-changed', document: json } });
  });
});

test('the fingerprint of a skill changes with its id, its slots and the form of its values, and with nothing else', () => {
  const fingerprints = [
    translateSkill,
    { ...translateSkill, id: 'translation' },
    { ...translateSkill, slots: translateSkill.slots.slice(1) },
    { ...translateSkill, slots: translateSkill.slots.map((slot) => ({ ...slot, name: `${slot.name}2` })) },
    { ...translateSkill, schema: z.object({ text: z.string() }) },
  ].map((skill) => fingerprintOf(skill));
  expect(new Set(fingerprints).size).toBe(5);
  expect(fingerprintOf({ ...translateSkill, commands: [], run: async () => undefined })).toBe(fingerprints[0]);
});

describe('the quarantine', () => {
  const folder = temporaryFolder();
  let database: Database;
  beforeAll(async () => {
    database = await openDatabase(join(folder.path, 'quarantine.db'));
  });
  afterAll(async () => {
    await database.close();
    folder.remove();
  });

  const setAside = (key: string, document: string) => database.transaction((queries) => quarantine(queries, key, { reason: 'corrupt', document }));

  test('keeps the newest five documents of each conversation', async () => {
    await setAside('other', 'its own');
    for (const document of ['1', '2', '3', '4', '5', '6', '7']) await setAside('one', document);
    expect((await quarantinedOf(database, 'one')).map(({ document }) => document)).toEqual(['3', '4', '5', '6', '7']);
    expect(await quarantinedOf(database, 'other')).toEqual([{ reason: 'corrupt', document: 'its own' }]);
  });

  test('forgets with the conversation', async () => {
    await setAside('forgotten', 'x');
    await database.transaction((queries) => forgetConversation(queries, 'forgotten'));
    expect(await quarantinedOf(database, 'forgotten')).toEqual([]);
  });
});

test('a damaged document is kept, the person is told once, and the conversation goes on', async () => {
  const { engine } = scriptedEngine({ translate: async (text, to) => ({ text: `${to}: ${text}`, from: 'en', to }) });
  const user = await startConversation({ engine });
  try {
    await user.say('translate good morning');
    await user.replaceDocument('{"schemaVersion":1,');
    expect(await user.post('', { type: 'event', name: 'something' })).toEqual([]); // nobody reads an answer to this
    expect(read(await user.say('help'))).toContain('got damaged');
    expect(read(await user.say('translate good morning to German'))).toMatch(/^(?!.*got damaged).*de: good morning/s);
    const kept = await user.database.query<{ document: string }>('SELECT document FROM quarantine');
    expect(kept).toEqual([{ document: '{"schemaVersion":1,' }]);
  } finally {
    await user.close();
  }
});
