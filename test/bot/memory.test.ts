import { pino } from 'pino';
import type { Engine } from '../../ai/engine';
import { AIError } from '../../ai/error';
import { promptBudget } from '../../ai/promptBudget';
import type { CompactRequest } from '../../ai/compact';
import { createMemoryKeeper } from '../../bot/memory/keeper';
import { readMemory } from '../../state/memory';
import { writeMessages } from '../../state/messages';
import { read, scriptedEngine, startConversation, type TestConversation } from '../helpers/conversation';

const budget = { ...promptBudget(), history: 1_000 };
let user: TestConversation;
afterEach(() => user.close());

/** An engine whose notes name the last message of each part, and whose embeddings know two meanings. */
function rememberingEngine(more: Partial<Engine> = {}) {
  const compacted: CompactRequest[] = [];
  const embedded: string[] = [];
  const scripted = scriptedEngine({
    budget,
    converse: async () => ({ kind: 'answer', origin: 'ai', text: 'I see.', sources: [], followUps: [] }),
    detectLanguage: async () => 'en',
    compact: async (request) => {
      compacted.push(request);
      return `Notes until ${request.messages.at(-1)?.text.slice(0, 20)}`;
    },
    embeddings: {
      model: 'meaning',
      embed: async (texts) => {
        embedded.push(...texts);
        return texts.map((text) => new Uint8Array(/car|automobile/i.test(text) ? [127, 0] : [0, 127]));
      },
    },
    ...more,
  });
  return { ...scripted, compacted, embedded };
}

/** What was said long ago: messages 1 to `count`, a minute apart, in the store. */
async function said(count: number, textOf = (number: number): string => `message ${number} ${'word '.repeat(20)}`): Promise<void> {
  const start = Date.now() - (count + 10) * 60_000;
  const messages = Array.from({ length: count }, (_, index) => ({
    conversationKey: user.key(), id: `old${index + 1}`, authorKey: index % 2 === 0 ? 'emulator||ada' : 'emulator||28:bot', authorName: index % 2 === 0 ? 'Ada' : 'Parley',
    role: index % 2 === 0 ? ('user' as const) : ('bot' as const), text: textOf(index + 1), createdAt: start + index * 60_000, replyTo: undefined,
  }));
  for (let at = 0; at < count; at += 500) await user.database.write(user.key(), [writeMessages(messages.slice(at, at + 500))]);
}

test('a prompt holds the newest of 5,000 messages, and what it costs does not grow with them', async () => {
  const { engine, asked } = rememberingEngine();
  user = await startConversation({ engine });
  await said(5_000);
  let rows = 0;
  const query = user.database.query.bind(user.database);
  user.database.query = (async (...request: Parameters<typeof query>) => {
    const found = await query(...request);
    rows += found.length;
    return found;
  }) as typeof query;
  await user.say('hello there, what do you think?');
  const { history = [], recall } = asked[0] ?? {};
  expect(history.at(-1)?.text).toContain('message 5000');
  expect(history.length).toBeLessThan(100);
  expect(JSON.stringify(history).length).toBeLessThan(4 * budget.history * 2);
  expect(recall).toBeDefined();
  await user.remembered();
  rows = 0;
  await user.say('and now?');
  expect(rows).toBeLessThan(150); // reads of the turn: settings, memory, and the newest messages
  await user.remembered();
});

test('what is out of sight is in notes, taken once, part by part, after the turn', async () => {
  const { engine, asked, compacted } = rememberingEngine();
  user = await startConversation({ engine });
  await said(200);
  await user.say('hello there, what do you think?');
  expect(asked[0]?.notes).toBeUndefined();
  await user.remembered();
  const notes = compacted.map((request) => request.notes);
  expect(notes[0]).toBeUndefined();
  expect(notes.slice(1).every((text) => text?.startsWith('Notes until message'))).toBe(true);
  const read = compacted.flatMap(({ messages }) => messages.map(({ text }) => Number(/message (\d+)/.exec(text)?.[1])));
  expect(read).toEqual(Array.from({ length: read.length }, (_, index) => index + 1)); // each once, in order, none left out
  expect(read.length).toBeGreaterThan(150);
  expect(compacted[0]?.messages[0]).toMatchObject({ by: 'Ada', at: expect.stringMatching(/^\d{4}-/) });
  const before = compacted.length;
  await user.say('and what else is there?');
  expect(asked[1]?.notes).toMatch(/^Notes until message 1\d\d/);
  await user.remembered();
  expect(compacted).toHaveLength(before); // nothing new to take notes of
});

test('nothing is noted of a short conversation, and nothing is looked up in it', async () => {
  const { engine, asked, compacted, embedded } = rememberingEngine();
  user = await startConversation({ engine });
  await said(6);
  await user.say('hello there, what do you think?');
  await user.remembered();
  expect(asked[0]?.recall).toBeUndefined();
  expect([...compacted, ...embedded]).toEqual([]);
});

test.each([
  ['an edit', { type: 'messageUpdate', text: 'message 3 is another now' }],
  ['a deletion', { type: 'messageDelete', text: undefined }],
])('%s takes out the notes that hold the message, and they are taken anew', async (_name, change) => {
  const { engine, asked, compacted } = rememberingEngine();
  user = await startConversation({ engine });
  await said(200, (number) => (number === 3 ? 'message 3 holds a SECRET' : `message ${number} ${'word '.repeat(20)}`));
  await user.say('hello there, what do you think?');
  await user.remembered();
  expect((await readMemory(user.database, user.key())).summary).toBeDefined();
  await user.post('', { ...change, id: 'old3' });
  expect((await readMemory(user.database, user.key())).summary).toBeUndefined();
  compacted.length = 0;
  await user.say('and what else is there?');
  expect(asked.at(-1)?.notes).toBeUndefined();
  await user.remembered();
  expect(compacted.length).toBeGreaterThan(0);
  expect(JSON.stringify(compacted)).not.toContain('SECRET');
});

test('after "start over" nothing from before is in a prompt, in notes, or found', async () => {
  const { engine, asked, compacted } = rememberingEngine();
  user = await startConversation({ engine });
  await said(200, (number) => `message ${number} about the SECRET car`);
  await user.say('hello there, what do you think?');
  await user.remembered();
  await user.say('start over');
  compacted.length = 0;
  await user.say('what did I tell you about the car?');
  expect(asked.at(-1)?.notes).toBeUndefined();
  expect(JSON.stringify(asked.at(-1))).not.toContain('SECRET');
  await user.remembered();
  expect(compacted).toEqual([]);
});

test('who is forgotten leaves no notes and no vectors', async () => {
  const { engine } = rememberingEngine();
  user = await startConversation({ engine });
  await said(200);
  await user.say('hello there, what do you think?');
  await user.remembered();
  await user.say('forget me');
  await user.say('yes');
  await user.remembered();
  for (const table of ['memory_heads', 'memory_summaries', 'message_vectors']) expect(await user.database.query(`SELECT * FROM ${table}`)).toEqual([]);
});

test('a service that fails is left alone for a while, and the talk goes on', async () => {
  let attempts = 0;
  const compact = async (): Promise<string> => {
    attempts += 1;
    throw new AIError('rate-limited', 'No capacity.');
  };
  const { engine } = rememberingEngine({ compact });
  user = await startConversation({ engine });
  await said(200);
  for (const text of ['hello there, what do you think?', 'and what else?', 'anything more?']) expect(read(await user.say(text))).toContain('I see.');
  await user.remembered();
  expect(attempts).toBe(1);
});

test.each(['content-filtered', 'too-long'] as const)('what the service will not read (%s) is left out of the notes, and nothing else', async (code) => {
  const noted: string[] = [];
  const compact = async ({ messages }: CompactRequest): Promise<string> => {
    if (messages.some(({ text }) => text.startsWith('message 3 '))) throw new AIError(code, 'No.');
    noted.push(...messages.map(({ text }) => /message \d+/.exec(text)?.[0] ?? ''));
    return `Notes until ${noted.at(-1)}`;
  };
  const { engine } = rememberingEngine({ compact });
  user = await startConversation({ engine });
  await said(200);
  await user.say('hello there, what do you think?');
  await user.remembered();
  expect(noted.slice(0, 4)).toEqual(['message 1', 'message 2', 'message 4', 'message 5']);
  expect((await readMemory(user.database, user.key())).summary?.text).toBe(`Notes until ${noted.at(-1)}`);
});

test('calls for notes and vectors are in the audit log', async () => {
  const { engine } = rememberingEngine();
  user = await startConversation({ engine });
  await said(200);
  const report = { capability: 'summarize', operation: 'conversation_notes', outcome: 'stop', startedAt: Date.now(), durationMs: 1, attempts: 1, inputTokens: 9, outputTokens: 1, estimated: false, filters: [] } as const;
  const keeper = createMemoryKeeper({ database: user.database, log: pino({ level: 'silent' }), engineFor: (_asker, onReport) => ({ ...engine, compact: async () => {
    onReport?.(report);
    return 'Notes.';
  } }) });
  keeper.tend({ userKey: 'u', tenantKey: 't', conversationKey: user.key(), activityId: 'a' });
  await keeper.idle();
  const entries = await user.database.query<{ facts: string }>('SELECT facts FROM audit_pending WHERE user_key = ?', ['u']);
  expect(entries.length).toBeGreaterThan(5);
  expect(entries[0]?.facts).toContain('conversation_notes');
});

test('"what did I tell you about" is answered from anywhere in the conversation, by words and by meaning, with its sources', async () => {
  const { engine, asked } = rememberingEngine({
    converse: async (request) => {
      const [thread] = request.threads;
      const message = thread?.messages.find(({ text }) => text.includes('Momo'));
      return { kind: 'answer', origin: 'ai', text: 'It is Momo [1].', sources: thread && message ? [{ threadId: thread.id, title: thread.title, message, quote: message.text }] : [], followUps: [] };
    },
  });
  user = await startConversation({ engine });
  await said(2_000, (number) => (number === 7 ? 'My automobile is called Momo.' : `message ${number} on soup and weather`));
  await user.say('hello there, what do you think?');
  await user.remembered();
  const answered = read(await user.say('What did I tell you about my car?'));
  expect(answered).toContain('Momo');
  expect(answered).toContain('https://parley.example/threads/');
  expect(answered).toContain('This conversation');
  expect(asked.at(-1)?.threads[0]?.messages.length).toBeLessThanOrEqual(12);
  expect(asked.at(-1)?.skills).toEqual([]);
});

test.each([['en', 'What did I tell you about my cat?'], ['de', 'Was habe ich dir über die Katze erzählt?'], ['fr', 'Qu’est-ce que je t’ai dit sur mon chat ?'], ['es', '¿Qué te dije sobre mi gato?']])(
  'without a model it is answered by a quote (%s)', async (locale, question) => {
    user = await startConversation({ locale });
    const told: Record<string, string> = { en: 'My cat is called Momo and likes fish.', de: 'Meine Katze heißt Momo und mag Fisch.', fr: 'Mon chat s’appelle Momo et aime le poisson.', es: 'Mi gato se llama Momo y come pescado.' };
    await said(300, (number) => (number === 5 ? told[locale] ?? '' : `${number}. ...`));
    expect(read(await user.say(question))).toContain('Momo');
  },
);

test('where nothing was said about it, that is said', async () => {
  user = await startConversation();
  await said(10);
  expect(read(await user.say('What did I tell you about my yacht?'))).toContain('I found nothing about that in what was said here.');
});

test('two processes take notes of a conversation once', async () => {
  const { engine, compacted } = rememberingEngine();
  user = await startConversation({ engine });
  await said(400);
  const others = [1, 2, 3].map(() => createMemoryKeeper({ database: user.database, engineFor: () => engine, log: pino({ level: 'silent' }) }));
  const asker = { userKey: 'u', tenantKey: 't', conversationKey: user.key(), activityId: 'a' };
  for (const keeper of others) keeper.tend(asker);
  await user.say('hello there, what do you think?');
  await Promise.all([user.remembered(), ...others.map((keeper) => keeper.idle())]);
  const read = compacted.flatMap(({ messages }) => messages.map(({ text }) => /message (\d+)/.exec(text)?.[1]));
  expect(new Set(read).size).toBe(read.length);
  expect(read.length).toBeGreaterThan(300);
});

test('a message of 100,000 characters is read no further than a prompt shows it, and says what is missing', async () => {
  const { engine, asked } = rememberingEngine();
  user = await startConversation({ engine });
  await said(10, (number) => (number === 8 ? 'x'.repeat(100_000) : `message ${number}`));
  await user.say('hello there, what do you think?');
  const long = asked[0]?.history.find(({ text }) => text.startsWith('xxx'));
  expect(long?.text.length).toBe(budget.history);
  expect(long?.length).toBe(100_000);
});

test.each([
  ['an edit', { type: 'messageUpdate', text: 'My cat is nobody’s business.' }],
  ['a deletion', { type: 'messageDelete', text: undefined }],
])('%s takes out the copies of the message that answers pointed at, and no others', async (_name, change) => {
  const { engine } = rememberingEngine();
  user = await startConversation({ engine });
  await said(4, (number) => (number % 2 === 1 ? `My ${number === 1 ? 'cat' : 'dog'} is number ${number}.` : 'I see.'));
  await user.say('What did I tell you about my cat?');
  await user.say('What did I tell you about my dog?');
  expect(await user.database.query('SELECT id FROM threads')).toHaveLength(2);
  await user.post('', { ...change, id: 'old1' });
  const left = await user.database.query<{ document: string }>('SELECT document FROM threads');
  expect(left).toHaveLength(1);
  expect(left[0]?.document).toContain('My dog');
});
