import { randomUUID } from 'node:crypto';
import type { Activity, ConversationAccount } from 'botbuilder';
import type { BotLogic } from '../../../bot/turns/run';
import { conversationKey } from '../../../bot/turns/keys';
import type { ConversationType } from '../../helpers/channelConversation';
import { startTurnHost, teamsMessage, type TurnHost } from '../../helpers/turnHost';

// How what was shown of an answer ends when the turn does not end as it began.

let host: TurnHost;
let logic: BotLogic;
beforeAll(async () => void (host = await startTurnHost((turn, document) => logic(turn, document))));
afterAll(() => host.close());

/** As a process did that died then. */
async function acceptAsDead(asked: Activity): Promise<{ readonly conversationKey: string; readonly activityId: string }> {
  const row = { conversationKey: conversationKey(asked), activityId: String(asked.id), activity: JSON.stringify(asked) };
  await host.options.store.accept(row, { owner: 'dead', untilMs: Date.now() + 60_000 }, (recent) => recent);
  await host.options.store.disown('dead');
  return row;
}

function chat(type: ConversationType = 'personal') {
  const id = host.teams.open({ id: `a:${randomUUID()}`, type });
  const asked = teamsMessage(host.teams.serviceUrl, id, 'go', { conversation: { id, conversationType: type, ...(type !== 'personal' && { isGroup: true }) } as ConversationAccount });
  const requests = () => host.teams.requests.filter(({ path }) => path.includes(encodeURIComponent(id)));
  return {
    id,
    asked,
    texts: (): unknown[] => host.teams.activities(id).map(({ text }) => text),
    requests,
    /** Methods and types of what was sent, but for typing as a courtesy. */
    sent: (): string[] => requests()
      .map(({ method, text }) => ({ method, body: (text === '' ? {} : JSON.parse(text)) as Partial<Activity> }))
      .filter(({ method, body }) => method === 'DELETE' || body.type === 'message')
      .map(({ method, body }) => `${method}${JSON.stringify(body).includes('"final"') ? ' end' : ''}`),
    answer: async (bot: BotLogic): Promise<void> => {
      logic = bot;
      await host.turns.accept(asked);
      await host.turns.idle();
    },
    shows: (text: string): Promise<unknown> => host.teams.waitFor(() => host.teams.activities(id).some((shown) => shown.text === text)),
  };
}

test('a message that does not go on with what was streamed replaces it, without being refused first', async () => {
  const { shows, texts, sent, answer } = chat();
  await answer(async (turn) => {
    turn.reply().show('Let me summarize');
    await shows('Let me summarize');
    await turn.reply().finish({ text: 'To which language?' });
  });
  expect([texts(), sent()]).toEqual([['To which language?'], ['PUT']]);
});

test('a reply that was begun and not finished becomes the first message of its turn', async () => {
  const { shows, texts, sent, answer } = chat();
  await answer(async (turn) => {
    turn.reply().show('One');
    await shows('One');
    await turn.context.sendActivity('One two');
    await turn.context.sendActivity('Three');
  });
  expect([texts(), sent()]).toEqual([['One two', 'Three'], ['POST end', 'POST']]);
});

test.each<ConversationType>(['personal', 'groupChat'])('what a turn in a %s showed and then says nothing about is taken back', async (type) => {
  const { shows, texts, sent, answer } = chat(type);
  await answer(async (turn) => {
    turn.reply().progress('Reading');
    await shows('Reading');
  });
  expect([texts(), sent().at(-1)]).toEqual([[], 'DELETE']);
});

test('a text that grows in a group says that it is not whole, and its answer does not', async () => {
  const { shows, texts, answer } = chat('groupChat');
  await answer(async (turn) => {
    turn.reply().show('Half of');
    await shows('Half of …');
    await turn.reply().finish({ text: 'Half of it and the rest.' });
  });
  expect(texts()).toEqual(['Half of it and the rest.']);
});

test.each<[string, BotLogic]>([
  ['its answer', async (turn) => turn.reply().finish({ text: 'Another answer' })],
  ['its first message', async (turn) => {
    await turn.context.sendActivity('Another answer');
  }],
])('after a crash the stream that was open is replaced by %s, and no half answer stays', async (_what, bot) => {
  const { id, asked, texts } = chat();
  const chunk = { type: 'typing', text: 'Half of an', entities: [{ type: 'streaminfo', streamType: 'streaming', streamSequence: 1 }] };
  const begun = await fetch(`${host.teams.serviceUrl}v3/conversations/${id}/activities`, { method: 'POST', body: JSON.stringify(chunk) });
  const { id: streamId } = (await begun.json()) as { readonly id: string };
  await host.options.store.notePlaceholder(await acceptAsDead(asked), streamId);
  const next = host.restart(bot);
  await next.recover();
  await host.teams.waitFor(() => texts().includes('Another answer'), 10_000);
  await next.drain(10_000);
  expect(texts()).toEqual(['Another answer']);
});

test('what another process left untouched is answered with a message of its own', async () => {
  const { asked, texts, sent } = chat();
  await acceptAsDead(asked);
  const next = host.restart(async (turn) => {
    await turn.context.sendActivity('The answer');
  });
  await next.recover();
  await host.teams.waitFor(() => texts().includes('The answer'), 10_000);
  await next.drain(10_000);
  expect(sent()).toEqual(['POST']);
});

test('a stream that goes on is noted for whoever takes the turn over', async () => {
  const { asked, shows, answer } = chat();
  let noted: unknown;
  await answer(async (turn) => {
    turn.reply().show('One');
    await shows('One');
    while (!noted) {
      noted = (await host.options.store.pending(conversationKey(asked)))[0]?.placeholderId;
      await new Promise(setImmediate);
    }
    await turn.reply().finish({ text: 'One two' });
  });
  expect(noted).toEqual(expect.stringMatching(/^\d+$/));
});

test('Stop at the end of an answer in parts keeps the other parts and messages back', async () => {
  const { id, shows, texts, sent, answer } = chat();
  await answer(async (turn) => {
    turn.reply().show('A sentence.');
    await shows('A sentence.');
    host.teams.failNext([{ status: 403, code: 'ContentStreamNotAllowed', message: 'Content stream was canceled by user.' }], ({ path, text }) => path.includes(encodeURIComponent(id)) && text.includes('"final"'));
    await turn.reply().finish({ text: 'A sentence. '.repeat(8_000) });
    await turn.context.sendActivity('And another message');
  });
  expect([texts(), sent()]).toEqual([['A sentence.'], ['POST end']]);
});

test('an answer that is too large for one message ends its stream with what fits, and goes on in further ones', async () => {
  const { shows, texts, sent, answer } = chat();
  const whole = Array.from({ length: 9_000 }, (_, index) => `word${index}`).join(' ');
  await answer(async (turn) => {
    turn.reply().show(whole.slice(0, 200));
    await shows(whole.slice(0, 200));
    await turn.reply().finish({ text: whole });
  });
  expect(texts().join(' ')).toBe(whole);
  expect(sent()).toEqual(['POST end', 'POST']);
});

test('of two answers in one chat the second streams once the first has ended', async () => {
  const { asked, texts, requests } = chat();
  logic = async (turn) => {
    turn.reply().show(`To ${turn.text}:`);
    await host.teams.waitFor(() => texts().includes(`To ${turn.text}:`), 10_000);
    await turn.reply().finish({ text: `To ${turn.text}: yes` });
  };
  await Promise.all(['one', 'two'].map((text) => host.turns.accept({ ...asked, id: randomUUID(), text })));
  await host.turns.idle();
  expect(texts()).toEqual(['To one: yes', 'To two: yes']);
  const kinds = requests().map(({ text }) => /"streamType":"(\w+)"/.exec(text)?.[1]).filter(Boolean);
  expect(kinds).toEqual(['streaming', 'final', 'streaming', 'final']);
});
