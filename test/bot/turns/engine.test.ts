import { createTurnEngine } from '../../../bot/turns/engine';
import { conversationKey } from '../../../bot/turns/keys';
import type { BotLogic } from '../../../bot/turns/run';
import { StateError } from '../../../state/database';
import { newestMessages } from '../../../state/messages';
import { createTurnStore } from '../../../state/turns';
import { startTurnHost, teamsMessage, type TurnHost } from '../../helpers/turnHost';

const echo: BotLogic = async (turn) => {
  await turn.context.sendActivity(`echo ${turn.text}`);
};

describe('the turn engine', () => {
  let host: TurnHost;
  let logic: BotLogic = echo;

  beforeAll(async () => {
    host = await startTurnHost((turn, document) => logic(turn, document));
  });
  afterAll(() => host.close());
  beforeEach(() => {
    logic = echo;
  });

  let conversations = 0;
  const openConversation = (type: 'personal' | 'groupChat' = 'personal'): string => host.teams.open({ id: `a:${++conversations}`, type });
  const texts = (conversation: string): string[] => host.teams.activities(conversation).map(({ text }) => String(text));
  const message = (conversation: string, text: string, more = {}): ReturnType<typeof teamsMessage> => teamsMessage(host.teams.serviceUrl, conversation, text, more);
  const isSettled = (): Promise<void> => host.turns.idle();
  const keyOf = (conversation: string, more = {}): string => conversationKey(message(conversation, '', more));
  /** A process that died: its lease has run out. */
  const dead = { owner: 'dead', untilMs: 0 };
  const acceptAsDead = (activity: ReturnType<typeof teamsMessage>): Promise<unknown> =>
    host.options.store.accept({ conversationKey: conversationKey(activity), activityId: String(activity.id), activity: JSON.stringify(activity) }, dead, (recent) => recent);

  test('answers a message that comes three times at once exactly once', async () => {
    const conversation = openConversation();
    const activity = message(conversation, 'hello');
    await Promise.all([host.turns.accept(activity), host.turns.accept(activity), host.turns.accept(activity)]);
    await isSettled();
    expect(texts(conversation)).toEqual(['echo hello']);
  });

  test('runs the bot once for a message that comes again while it is answered, and after it was', async () => {
    const conversation = openConversation();
    const activity = message(conversation, 'hello');
    let runs = 0;
    const gate = Promise.withResolvers<undefined>();
    logic = async (turn) => {
      runs += 1;
      await gate.promise;
      await turn.context.sendActivity('done');
    };
    await Promise.all([host.turns.accept(activity), host.turns.accept(activity)]);
    await host.turns.accept(activity);
    gate.resolve(undefined);
    await isSettled();
    await host.turns.accept(activity);
    await isSettled();
    expect(runs).toBe(1);
    expect(texts(conversation)).toEqual(['done']);
  });

  test('acknowledges a slow turn once it is on disk, long before its answer', async () => {
    const conversation = openConversation();
    const gate = Promise.withResolvers<undefined>();
    logic = async (turn) => {
      await gate.promise;
      await turn.context.sendActivity('at last');
    };
    const activity = message(conversation, 'slow');
    await host.turns.accept(activity);
    const rows = await host.database.query('SELECT answered FROM inbox WHERE activity_id = ?', [String(activity.id)]);
    expect(rows).toEqual([{ answered: 0 }]);
    gate.resolve(undefined);
    await isSettled();
    expect(texts(conversation)).toEqual(['at last']);
  });

  test.each(['quick', 'slow'] as const)('refuses a message that cannot be kept, and shows nothing of its %s answer', async (pace) => {
    const conversation = openConversation();
    logic = async (turn) => {
      turn.reply().show('something');
      if (pace === 'slow') await new Promise((resolve) => turn.signal.addEventListener('abort', resolve, { once: true }));
      await turn.reply().finish({ text: 'something' });
    };
    const unavailable = async (): Promise<never> => Promise.reject(new StateError('unavailable', 'The disk is full.'));
    const turns = createTurnEngine({ ...host.options, store: { ...host.options.store, accept: unavailable, commit: unavailable } });
    await expect(turns.accept(message(conversation, 'hello'))).rejects.toMatchObject({ code: 'unavailable' });
    await turns.drain(10_000);
    expect(texts(conversation)).toEqual([]);
  });

  test('does not answer with an apology when the store is away, but when it is back', async () => {
    const conversation = openConversation();
    let runs = 0;
    logic = async (turn) => {
      runs += 1;
      if (runs === 1) throw new StateError('unavailable', 'The connection is cut.');
      await turn.context.sendActivity('here it is');
    };
    const activity = message(conversation, 'hello');
    await expect(host.turns.accept(activity)).rejects.toMatchObject({ code: 'unavailable' });
    await host.turns.accept(activity);
    await isSettled();
    expect(texts(conversation)).toEqual(['here it is']);
  });

  test('tries again by itself what was acknowledged before the store went away', async () => {
    const conversation = openConversation();
    let runs = 0;
    const engine = host.restart(async (turn) => {
      runs += 1;
      await new Promise((resolve) => setTimeout(resolve, 60)); // long enough to be acknowledged
      if (runs === 1) throw new StateError('unavailable', 'The connection is cut.');
      await turn.context.sendActivity('here it is');
    });
    await engine.recover();
    await engine.accept(message(conversation, 'hello'));
    await host.teams.waitFor(() => texts(conversation).length > 0);
    await engine.drain(5_000);
    expect(texts(conversation)).toEqual(['here it is']);
  });

  test('answers a person who really repeats himself each time', async () => {
    const conversation = openConversation();
    await host.turns.accept(message(conversation, 'again'));
    await host.turns.accept(message(conversation, 'again'));
    await isSettled();
    expect(texts(conversation)).toEqual(['echo again', 'echo again']);
  });

  test('answers ten messages at once in the order they came, one turn at a time, though the first takes longest', async () => {
    const conversation = openConversation();
    let running = 0;
    let most = 0;
    const gates = Array.from({ length: 10 }, (_, index) => 10 - index);
    logic = async (turn) => {
      running += 1;
      most = Math.max(most, running);
      for (let ticks = gates[Number(turn.text)] ?? 0; ticks > 0; ticks -= 1) await new Promise(setImmediate);
      await turn.context.sendActivity(turn.text);
      running -= 1;
    };
    await Promise.all(gates.map((_, index) => host.turns.accept(message(conversation, String(index)))));
    await isSettled();
    expect(texts(conversation)).toEqual(gates.map((_, index) => String(index)));
    expect(most).toBe(1);
  });

  test('keeps what one turn wrote to the document for the next', async () => {
    const conversation = openConversation();
    logic = async (turn, document) => {
      await turn.context.sendActivity(document.greeted ? 'we know each other' : 'pleased to meet you');
      document.greeted = true;
    };
    await host.turns.accept(message(conversation, 'one'));
    await host.turns.accept(message(conversation, 'two'));
    await isSettled();
    expect(texts(conversation)).toEqual(['pleased to meet you', 'we know each other']);
  });

  test('says one sentence when a turn fails, sends nothing of what it had said, and leaves the document as it was', async () => {
    const conversation = openConversation();
    logic = async (turn, document) => {
      if (turn.text === 'look') {
        await turn.context.sendActivity(String(document.greeted));
        return;
      }
      document.greeted = true;
      await turn.context.sendActivity('half of an answer');
      throw new Error('secret detail');
    };
    await host.turns.accept(message(conversation, 'fail'));
    await host.turns.accept(message(conversation, 'look'));
    await isSettled();
    expect(texts(conversation)).toEqual([expect.stringMatching(/went wrong.*again/), 'false']);
  });

  test('answers after a restart what was accepted before, and does not answer twice what was answered', async () => {
    const conversation = openConversation();
    await host.turns.accept(message(conversation, 'answered'));
    await isSettled();
    // a process that died right after it had acknowledged
    const lost = message(conversation, 'lost');
    await acceptAsDead(lost);
    const next = host.restart(echo);
    await next.recover();
    await next.idle();
    await next.accept(lost);
    await next.drain(10_000);
    expect(texts(conversation)).toEqual(['echo answered', 'echo lost']);
  });

  test('forgets the ids of messages that were answered days ago, and keeps what is not answered', async () => {
    const conversation = openConversation();
    const key = keyOf(conversation);
    await acceptAsDead(message(conversation, 'old'));
    await host.database.execute('UPDATE inbox SET accepted_at = ? WHERE conversation_key = ?', [Date.now() - 4 * 24 * 60 * 60 * 1000, key]);
    const isForgotten = async (): Promise<boolean> => (await host.database.query('SELECT 1 AS one FROM inbox WHERE conversation_key = ?', [key])).length === 0;
    const next = host.restart(echo);
    await next.recover();
    await next.drain(10_000);
    expect([texts(conversation), await isForgotten()]).toEqual([['echo old'], false]);
    const later = host.restart(echo);
    await later.recover();
    await later.drain(10_000);
    expect(await isForgotten()).toBe(true);
  });

  test('gives up on an activity that was tried too often, and says so', async () => {
    const conversation = openConversation();
    const poison = message(conversation, 'poison');
    await acceptAsDead(poison);
    for (let crash = 0; crash < 3; crash += 1) await host.options.store.take(keyOf(conversation), { owner: `dead ${crash}`, untilMs: 0 });
    let runs = 0;
    const next = host.restart(async () => {
      runs += 1;
    });
    await next.recover();
    await next.drain(10_000);
    expect(runs).toBe(0);
    expect(texts(conversation)).toEqual([expect.stringContaining('went wrong')]);
  });

  test('delivers after a restart what was committed before', async () => {
    const conversation = openConversation();
    const activity = JSON.stringify({ type: 'message', text: 'committed', conversation: { id: conversation } });
    const { store } = host.options;
    const reply = { conversationKey: 'k', id: 'x:0', sequence: 1, position: 0, kind: 'send', targetId: undefined, serviceUrl: host.teams.serviceUrl, activity } as const;
    await store.commit({
      conversationKey: 'k', activityId: 'x', sequence: 1, claimant: dead, basis: { kind: 'new', head: await store.head('k'), recent: '' },
      document: '', outbox: [reply], log: [], effects: [],
    });
    const next = host.restart(echo);
    await next.recover();
    await next.drain(10_000);
    expect(texts(conversation)).toEqual(['committed']);
    expect(await store.undelivered('k')).toEqual([]);
  });

  test('sends what a dead process left before the answer to what comes next', async () => {
    const conversation = openConversation();
    const { store } = host.options;
    const conversationKey = keyOf(conversation);
    const activity = JSON.stringify({ type: 'message', text: 'left behind', conversation: { id: conversation } });
    const reply = { conversationKey, id: 'x:0', sequence: 1, position: 0, kind: 'send', targetId: undefined, serviceUrl: host.teams.serviceUrl, activity } as const;
    await store.commit({
      conversationKey, activityId: 'x', sequence: 1, claimant: dead, basis: { kind: 'new', head: await store.head(conversationKey), recent: '' },
      document: '', outbox: [reply], log: [], effects: [],
    });
    logic = echo;
    await host.turns.accept(message(conversation, 'next'));
    await isSettled();
    expect(texts(conversation)[0]).toBe('left behind');
    expect(texts(conversation)).toHaveLength(2);
  });

  test('runs a quick turn again, in its place, when something arrived with another process first', async () => {
    const conversation = openConversation();
    const elsewhere = message(conversation, 'elsewhere');
    let runs = 0;
    logic = async (turn, document) => {
      runs += 1;
      if (runs === 1) await acceptAsDead(elsewhere);
      await turn.context.sendActivity(`${turn.text}, greeted: ${String(document.greeted)}`);
      document.greeted = true;
    };
    await host.turns.accept(message(conversation, 'here'));
    await isSettled();
    expect(texts(conversation)).toEqual(['elsewhere, greeted: false', 'here, greeted: true']);
    expect(runs).toBe(3);
  });

  test('writes nothing, and shows nothing more, once another process has taken the conversation over', async () => {
    const conversation = openConversation('groupChat');
    const group = { conversation: { id: conversation, conversationType: 'groupChat', isGroup: true } };
    const key = keyOf(conversation, group);
    const isOver = Promise.withResolvers<undefined>();
    logic = async (turn) => {
      turn.reply().progress('Reading …');
      await host.teams.waitFor(() => texts(conversation).includes('Reading …'));
      await host.database.execute('UPDATE conversations SET fence = fence + 1, lease_owner = ? WHERE conversation_key = ?', ['other', key]);
      await turn.reply().finish({ text: 'too late' });
      isOver.resolve(undefined);
    };
    await host.turns.accept(message(conversation, 'go', group));
    await isOver.promise;
    await isSettled();
    expect(texts(conversation)).toEqual(['Reading …']);
    expect(await host.options.store.pending(key)).toHaveLength(1);
  });

  test('answers in the placeholder of an attempt that died', async () => {
    const conversation = openConversation('groupChat');
    const asked = message(conversation, 'go', { conversation: { id: conversation, conversationType: 'groupChat', isGroup: true } });
    const placeholder = await fetch(`${host.teams.serviceUrl}v3/conversations/${conversation}/activities`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ type: 'message', text: 'Reading …' }) });
    const { id } = (await placeholder.json()) as { id: string };
    await acceptAsDead(asked);
    await host.options.store.notePlaceholder({ conversationKey: conversationKey(asked), activityId: String(asked.id) }, id);
    const next = host.restart(async (turn) => turn.reply().finish({ text: 'The answer' }));
    await next.recover();
    await next.drain(10_000);
    expect(texts(conversation)).toEqual(['The answer']);
  });

  test('takes a message that comes again under another id for one, and a person who says the same again for two', async () => {
    const conversation = openConversation();
    const first = message(conversation, 'yes');
    await host.turns.accept(first);
    await host.turns.accept({ ...first, id: 'posted again' });
    await host.turns.accept({ ...first, id: 'said again', timestamp: new Date(Date.now() + 1_000) });
    await isSettled();
    expect(texts(conversation)).toEqual(['echo yes', 'echo yes']);
  });

  test('takes the same words for a repetition when their acknowledgement did not arrive', async () => {
    const conversation = openConversation();
    const first = message(conversation, 'yes');
    await host.turns.accept(first);
    await host.turns.noteUnacknowledged(first, Date.now());
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now + 15_000);
    await host.turns.accept({ ...first, id: 'posted again', timestamp: new Date(now + 15_000) });
    await isSettled();
    clock.mockRestore();
    expect(texts(conversation)).toEqual(['echo yes']);
  });

  test.each([
    ['under its own id', {}],
    ['under another id', { id: 'posted again', timestamp: new Date(Date.now() + 15_000) }],
  ])('answers a person who says the same once more, after the channel has posted %s what was not acknowledged', async (_how, again) => {
    const conversation = openConversation();
    const first = message(conversation, 'yes');
    await host.turns.accept(first);
    await host.turns.noteUnacknowledged(first, Date.now());
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now + 15_000);
    await host.turns.accept({ ...first, ...again });
    clock.mockReturnValue(now + 16_000);
    await host.turns.accept({ ...first, ...again, id: 'posted by a second layer' });
    await host.turns.accept({ ...first, id: 'said again', timestamp: new Date(now + 30_000) });
    await isSettled();
    clock.mockRestore();
    expect(texts(conversation)).toEqual(['echo yes', 'echo yes']);
  });

  test('answers a person who says the same once more, where the channel has posted again what was still on its way to the store', async () => {
    const conversation = openConversation();
    const first = message(conversation, 'yes');
    const posted = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(posted);
    const { promise: isSlow, resolve: getOn } = Promise.withResolvers<undefined>();
    jest.spyOn(host.options.store, 'head').mockImplementationOnce(async (key) => {
      await isSlow;
      return createTurnStore(host.database).head(key);
    });
    const accepted = host.turns.accept(first);
    clock.mockReturnValue(posted + 11_000);
    const again = host.turns.accept(first);
    getOn(undefined);
    await Promise.all([accepted, again]);
    await host.turns.noteUnacknowledged(first, posted);
    clock.mockReturnValue(posted + 30_000);
    await host.turns.accept({ ...first, id: 'said again', timestamp: new Date(posted + 30_000), localTimestamp: new Date(posted + 30_000) });
    await isSettled();
    clock.mockRestore();
    expect(texts(conversation)).toEqual(['echo yes', 'echo yes']);
  });

  test('counts what a channel waits from its post, however long the store took to accept it', async () => {
    const conversation = openConversation();
    const first = message(conversation, 'yes');
    const { store } = host.options;
    const posted = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(posted);
    jest.spyOn(store, 'head').mockImplementationOnce(async (key) => {
      clock.mockReturnValue(posted + 8_000);
      return createTurnStore(host.database).head(key);
    });
    await host.turns.accept(first);
    await host.turns.noteUnacknowledged(first, posted);
    clock.mockReturnValue(posted + 12_000);
    await host.turns.accept({ ...first, id: 'posted again', timestamp: new Date(posted + 12_000) });
    await isSettled();
    clock.mockRestore();
    expect(texts(conversation)).toEqual(['echo yes']);
  });

  test('notes a lost acknowledgement also where something else changes the memory meanwhile', async () => {
    const conversation = openConversation();
    const first = message(conversation, 'yes');
    await host.turns.accept(first);
    const { store } = host.options;
    jest.spyOn(store, 'rewriteRecent').mockImplementationOnce(async (key) => {
      const elsewhere = createTurnStore(host.database);
      const { recent } = await elsewhere.head(key);
      await elsewhere.rewriteRecent(key, recent, `${recent}\n${Date.now().toString(36)} - elsewhere`);
      return false;
    });
    await host.turns.noteUnacknowledged(first, Date.now());
    expect((await store.head(conversationKey(first))).recent).toMatch(/ u [^]*elsewhere$/);
  });

  test('logs what was said on both sides, applies edits and removes what was deleted', async () => {
    const conversation = openConversation();
    const first = message(conversation, 'first');
    const second = message(conversation, 'second');
    await host.turns.accept(first);
    await host.turns.accept(second);
    await isSettled();
    logic = async () => undefined;
    await host.turns.accept({ ...first, type: 'messageUpdate', text: 'first, corrected' });
    await host.turns.accept({ ...second, type: 'messageDelete', text: undefined });
    await isSettled();
    const log = await newestMessages(host.database, keyOf(conversation), 10);
    expect(log.map(({ role, text }) => `${role}: ${text}`).sort()).toEqual(['bot: echo first', 'bot: echo second', 'user: first, corrected']);
  });

  test('shows typing when a turn takes its time', async () => {
    const conversation = openConversation();
    logic = async (turn) => {
      await host.teams.waitFor(() => host.teams.requests.some(({ text }) => text.includes('"typing"') && text.includes(conversation)));
      await turn.context.sendActivity('done');
    };
    await host.turns.accept(message(conversation, 'slow'));
    await isSettled();
    expect(texts(conversation)).toContain('done');
  });

  test('answers a failing turn within its stream, so that no half answer stays', async () => {
    const conversation = openConversation();
    logic = async (turn) => {
      turn.reply().show('half of an');
      await host.teams.waitFor(() => texts(conversation).some((text) => text.includes('half')));
      throw new Error('broken');
    };
    await host.turns.accept(message(conversation, 'go'));
    await isSettled();
    expect(texts(conversation)).toEqual([expect.stringContaining('went wrong')]);
  });

  test('streams in a personal chat: cumulative chunks, then the final message in their place', async () => {
    const conversation = openConversation();
    logic = async (turn) => {
      const reply = turn.reply();
      reply.show('One');
      await host.teams.waitFor(() => texts(conversation).includes('One'));
      reply.show('One two');
      await reply.finish({ text: 'One two three' });
    };
    await host.turns.accept(message(conversation, 'count'));
    await isSettled();
    expect(texts(conversation)).toEqual(['One two three']);
    const bodies = host.teams.requests.filter(({ text }) => text.includes(conversation) && text.includes('streaminfo')).map(({ text }) => JSON.parse(text) as { channelData: object });
    expect(bodies[0]?.channelData).toEqual({ streamType: 'streaming', streamSequence: 1 });
    expect(bodies.at(-1)?.channelData).toEqual({ streamType: 'final', streamId: expect.any(String) });
  });

  test('in a group, shows a placeholder and replaces it by the answer', async () => {
    const conversation = openConversation('groupChat');
    logic = async (turn) => {
      const reply = turn.reply();
      reply.progress('Reading …');
      await host.teams.waitFor(() => texts(conversation).includes('Reading …'));
      await reply.finish({ text: 'The answer' });
    };
    await host.turns.accept(message(conversation, 'go', { conversation: { id: conversation, conversationType: 'groupChat', isGroup: true } }));
    await isSettled();
    expect(texts(conversation)).toEqual(['The answer']);
  });

  test('ends the turn silently when the person stops the stream', async () => {
    const conversation = openConversation();
    let isAborted = false;
    logic = async (turn) => {
      const reply = turn.reply();
      reply.show('One');
      await host.teams.waitFor(() => texts(conversation).includes('One'));
      host.teams.stopStream(conversation);
      reply.show('One two');
      await new Promise((resolve) => turn.signal.addEventListener('abort', resolve, { once: true }));
      isAborted = turn.signal.aborted;
      await turn.context.sendActivity('never shown');
    };
    await host.turns.accept(message(conversation, 'go'));
    await isSettled();
    expect(isAborted).toBe(true);
    expect(texts(conversation)).toEqual(['One']);
  });

  test('replaces the stream when its end is refused', async () => {
    const conversation = openConversation();
    logic = async (turn) => {
      const reply = turn.reply();
      reply.show('One');
      await host.teams.waitFor(() => texts(conversation).includes('One'));
      host.teams.failNext([{ status: 403, code: 'ContentStreamNotAllowed', message: 'Content stream finished due to exceeded streaming time.' }], 'POST');
      await reply.finish({ text: 'One two' });
    };
    await host.turns.accept(message(conversation, 'go'));
    await isSettled();
    expect(texts(conversation)).toEqual(['One two']);
  });
});
