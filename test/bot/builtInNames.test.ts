import { startParley, wordsOf, type Parley } from '../helpers/parley';

/** Names that every object has: what looks something up by a word from outside must not find them. */
const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', 'prototype', '__defineGetter__'];

let parley: Parley;
beforeAll(async () => void (parley = await startParley()));
afterAll(() => parley.close());

const dataUrl = `data:text/plain;base64,${Buffer.from('The plan.').toString('base64')}`;
const failures = (): readonly string[] => parley.logged.filter((line) => Number(/"level":(\d+)/.exec(line)?.[1]) >= 50);

const places: readonly (readonly [string, (name: string) => Readonly<Record<string, unknown>>])[] = [
  ['channel', (channelId) => ({ channelId })],
  ['language', (locale) => ({ locale })],
  ['text', (text) => ({ text })],
  ['language to translate to', (name) => ({ text: `translate to ${name}: Good morning` })],
  ['command', (name) => ({ text: `/${name}` })],
  ['button', (action) => ({ text: undefined, value: { parley: { action, values: { action } } } })],
  ['setting', (language) => ({ text: undefined, value: { parley: { action: 'saveSettings', values: {} }, language, options: language } })],
  ['file', (name) => ({ text: undefined, attachments: [{ contentType: 'text/plain', name: `plan.${name}`, contentUrl: dataUrl }] })],
  ['kind of file', (contentType) => ({ text: undefined, attachments: [{ contentType, name: 'plan', contentUrl: dataUrl }] })],
];

test.each(places)('a name of every object as %s is a word like any other', async (_place, more) => {
  for (const name of names) {
    const chat = parley.teamsChat();
    const { status } = await chat.call(chat.activity('message', { text: 'help', ...more(name) }));
    await chat.settled();
    expect([name, status, wordsOf(chat.shown()) !== '']).toEqual([name, 200, true]);
  }
  expect(failures()).toEqual([]);
});
