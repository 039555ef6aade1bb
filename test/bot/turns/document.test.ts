import { z } from 'zod';
import { readDocument, writeDocument } from '../../../bot/turns/document';
import { fingerprintOf } from '../../../dialogs/skill';
import { translateSkill } from '../../../dialogs/translateSkill';
import { read, scriptedEngine, startConversation } from '../../helpers/conversation';

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

test('damaged settings count as not chosen, and damaged texts as gone', async () => {
  const user = await startConversation();
  try {
    await user.say('settings language German');
    await user.drop({ name: 'notes.txt', contentType: 'text/plain', content: 'The roses need water on Monday. The heron stands in the reeds.' });
    expect(read(await user.say('help'))).toContain('Was Parley kann');
    await user.database.execute("UPDATE users SET settings = '{\"language\":'");
    await user.database.execute("UPDATE threads SET document = '{\"id\":'");
    expect(read(await user.say('help'))).toContain('What Parley can do');
    expect(read(await user.say('Which roses need water?'))).not.toContain('went wrong');
    await user.press('Dazu fragen'); // the button that came with the file
    expect(read(await user.say('Where does the heron stand?'))).toContain('That text is no longer here');
  } finally {
    await user.close();
  }
});
