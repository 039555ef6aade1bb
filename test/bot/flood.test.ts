import type { Activity } from 'botbuilder';
import { createFloodGate, limitFloods } from '../../bot/flood';
import { createRateLimit } from '../../bot/rateLimit';
import { wordsFor } from '../../cards/words';
import { startParley, wordsOf, type Parley } from '../helpers/parley';
import { ben } from '../helpers/teamsChat';

const message = (more: object = {}): Activity =>
  ({ type: 'message', id: '1', channelId: 'msteams', serviceUrl: 'https://x', text: 'hi', from: { id: '29:ada' }, recipient: { id: '28:bot' }, conversation: { id: 'a:1', conversationType: 'personal' }, ...more }) as unknown as Activity; // what the gate looks at

describe('the gate', () => {
  let nowMs = 1_000_000;
  const now = (): number => nowMs;
  const gate = (person = 6, conversation = Infinity) => createFloodGate({ person, conversation, now });
  const kinds = (judge: () => { readonly kind: string }, times: number): readonly string[] => Array.from({ length: times }, () => judge().kind);

  test('lets a third of a minute through at once, tells of the first that is too much, and drops the rest until the pause is over', () => {
    const one = gate();
    expect(kinds(() => one.judge(message()), 5)).toEqual(['pass', 'pass', 'notice', 'drop', 'drop']);
    nowMs += 19_999;
    expect(one.judge(message())).toEqual({ kind: 'drop', flood: { of: 'person', seconds: 1 } });
    nowMs += 1;
    expect(kinds(() => one.judge(message()), 3)).toEqual(['pass', 'pass', 'notice']);
  });

  test('never stops somebody who writes at the limit', () => {
    const one = gate();
    for (let count = 0; count < 100; count += 1) {
      expect(one.judge(message()).kind).toBe('pass');
      nowMs += 10_000;
    }
  });

  test('counts a person in all of his conversations, and a conversation with all of its people', () => {
    const one = gate();
    const elsewhere = (id: string): Activity => message({ conversation: { id, conversationType: 'personal' } });
    expect(['a', 'b', 'c'].map((id) => one.judge(elsewhere(id)).kind)).toEqual(['pass', 'pass', 'notice']);
    expect(one.judge(message({ from: { id: '29:ben' } })).kind).toBe('pass');
    const group = gate(Infinity, 6);
    expect(['x', 'y', 'z'].map((id) => group.judge(message({ from: { id } })).kind)).toEqual(['pass', 'pass', 'notice']);
  });

  test('does not count what people of a group say to each other, nor who comes and goes, nor what is deleted', () => {
    const one = gate(1);
    const group = { id: '19:g', conversationType: 'groupChat' };
    for (const activity of [message({ conversation: group }), message({ type: 'conversationUpdate' }), message({ type: 'messageDelete' })]) {
      expect(kinds(() => one.judge(activity), 5)).toEqual(Array(5).fill('pass'));
    }
  });

  test('tells again where the notice could not be kept', async () => {
    const one = gate(1);
    const accepted: string[] = [];
    let isDown = false;
    const accept = limitFloods(one, async ({ type }) => {
      if (isDown) throw new Error('The store is down.');
      accepted.push(type);
    });
    await accept(message());
    isDown = true;
    await expect(accept(message())).rejects.toThrow('The store is down.');
    isDown = false;
    await accept(message());
    await accept(message());
    expect(accepted).toEqual(['message', 'event']);
  });
});

test('a rate limit keeps a bounded number of keys', () => {
  const limit = createRateLimit({ perMinute: 60, burst: 1, now: () => 0 });
  expect([limit.take('first'), limit.take('first')]).toEqual([0, 1_000]);
  for (let key = 0; key < 50_000; key += 1) limit.take(String(key));
  expect(limit.take('first')).toBe(0); // forgotten
});

describe('in Teams', () => {
  let parley: Parley;
  beforeAll(async () => void (parley = await startParley({ env: { MESSAGES_PER_MINUTE: '9' } })));
  afterAll(() => parley.close());

  test('a flood is answered with one notice, in the language of the person and after the answers before it', async () => {
    const chat = parley.teamsChat({ locale: 'de-DE' });
    const activities = Array.from({ length: 12 }, () => chat.activity('message', { text: 'hallo' }));
    for (const activity of activities) await chat.deliver(activity);
    await chat.settled();
    const shown = chat.shown().map(({ text }) => text);
    expect(shown).toHaveLength(4);
    expect(shown.at(-1)).toBe(wordsFor('de').host.flood.person(20));
    expect(wordsOf(await parley.teamsChat().say('help', {}, ben))).toContain('What Parley can do');
  });

  test('a form that is sent too often is answered with the notice in its place', async () => {
    const dora = { id: '29:dora', name: 'Dora', aadObjectId: '00000000-0000-0000-0000-0000000d07a0' };
    const chat = parley.teamsChat();
    const submit = () => chat.invoke('adaptiveCard/action', { action: { type: 'Action.Execute', verb: 'settings', data: { parley: { action: 'settings', values: { save: true } }, language: 'en' } } }, dora);
    for (let count = 0; count < 3; count += 1) await submit();
    expect(await submit()).toEqual({ status: 200, body: { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: wordsFor('en').host.flood.person(20) } });
  });
});
