import { readFile } from 'node:fs/promises';
import {
  badGatewayPage, callTool, contextTooLong, createPace, deploymentNotFound, outOfQuota, promptFiltered, say, serverError, tooManyRequests, unauthorized, type Script,
} from '../helpers/fakeModelScript';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import type { ShownActivity } from '../helpers/channelConversation';
import { buttonsOf } from '../helpers/conversation';
import { startParley, wordsOf, type Parley } from '../helpers/parley';
import type { WebChat } from '../helpers/webChat';

/** A service that says nothing is given up on after this time, so that no test waits for minutes. */
const modelLimits = { firstTokenMs: 1_500, idleMs: 1_000, deadlineMs: 10_000 };

const isFromAI = (activity: ShownActivity | undefined): boolean => JSON.stringify(activity?.entities ?? []).includes('AIGeneratedContent');

describe.each(['azure', 'openai'] as const)('with a model of %s', (as) => {
  let model: FakeModelServer;
  let parley: Parley;
  let chat: WebChat;

  beforeAll(async () => {
    model = await startFakeModelServer();
    parley = await startParley({ model: { server: model, as }, modelLimits });
    model.behaveLikeAModel();
    const visitor = await parley.webChat();
    await visitor.say('Are you there?'); // the first request of a process waits for code to load, and may be taken for a silent service
    await visitor.close();
  });
  beforeEach(async () => {
    model.behaveLikeAModel();
    chat = await parley.webChat();
  });
  afterEach(() => chat.close());
  afterAll(async () => {
    await parley.close();
    await model.close(); // throws when a request was not one of the specification
  });

  test('an answer streams into the page and ends as one labelled message', async () => {
    const pace = createPace();
    model.script(say('Roses are red. Violets are blue.', { pace }));
    await chat.settled();
    await chat.post({ text: 'Tell me about the flowers' });
    pace.release(3);
    await chat.stream.until(() => chat.chunks().includes('Roses are red.'));
    pace.release();
    await chat.settled();
    const answer = (await chat.history()).at(-1);
    expect(answer?.text).toBe('Roses are red. Violets are blue.');
    expect(isFromAI(answer)).toBe(true);
    for (const chunk of chat.chunks()) expect('Roses are red. Violets are blue.').toContain(chunk);
    expect(model.calls.at(-1)).toMatchObject({ flavor: as, body: { model: 'test-model', stream: true } });
  });

  test('free text is routed to a skill by a tool call', async () => {
    model.script(callTool('translate', { text: 'Good morning, all 3 of you', language: 'German' }));
    const shown = await chat.say('please put this into German: Good morning, all 3 of you');
    expect(wordsOf(shown)).toContain('[de] Good morning, all 3 of you');
    expect(shown.map(isFromAI)).toEqual([true]);
  });

  test('a real meeting is summarized, and every item opens a message that says it', async () => {
    const content = await readFile('test/fixtures/ami-ES2016c.vtt');
    const [summary, ...more] = await chat.upload([{ name: 'ami-ES2016c.vtt', type: 'text/vtt', content: new Uint8Array(content) }]);
    const links = [...new Set(JSON.stringify(summary).match(/http:[^"\\)>\s]+\/threads\/[^"\\)>\s]+#[^"\\)>\s]+/g))];
    expect(more).toEqual([]);
    expect(isFromAI(summary)).toBe(true);
    expect(links.length).toBeGreaterThan(4);
    const page = await (await fetch(links[0] ?? '')).text();
    for (const link of links) expect(page).toContain(`id="${new URL(link).hash.slice(1)}"`);
  });

  test('a translation keeps what is not language', async () => {
    const text = '# Release 2.0\n\nHello **team**, see [the plan](https://example.com/plan?id=7) by 10:30.\n\n```js\nconst total = 42;\n```\n\nThanks, <at>Ada</at> & `npm ci`';
    const words = wordsOf(await chat.say(`translate to German:\n${text}`));
    for (const kept of ['# ', '**', 'https://example.com/plan?id=7', '10:30', 'const total = 42;', '`npm ci`', 'Ada']) expect(words).toContain(kept);
    expect(words).toContain('[de]');
  });

  /** What went wrong, what the person reads, and the next step. */
  const faults: readonly (readonly [string, readonly Script[], RegExp])[] = [
    ['no answer at all', [{ kind: 'hang' }], /took too long.*Try again/],
    ['a cut connection, twice', [{ kind: 'drop' }, { kind: 'drop' }], /cannot be reached.*Try again in a minute/],
    ['a spent quota', [outOfQuota()], /busy.*Try again/],
    ['a filtered answer', [say('', { finishReason: 'content_filter' })], /safety filter.*other words/],
    ['a refused key', [unauthorized()], /did not accept.*runs Parley/],
    ['a refused identity', [unauthorized(403)], /did not accept.*runs Parley/],
    ['a missing deployment', [deploymentNotFound()], /cannot be reached.*Try again/],
    ['a text that is too long, also with less around it', [contextTooLong(), contextTooLong()], /more text than.*shorter/],
    ['the page of a gateway, twice', [badGatewayPage(), badGatewayPage()], /cannot be reached.*Try again/],
    ['an error of the server, twice', [serverError(), serverError(503)], /cannot be reached.*Try again/],
  ];

  /** Words of vendors, libraries and our code. */
  const internal = /AIError|ResponsibleAI|content_filter|content management|jailbreak|DeploymentNotFound|ChatCompletions|nginx|ECONN|undici|fetch failed|APIError|context_length|subscription key|quota|\bat .+\.[jt]s:|rate-limited|invalid-response|Scripted|\b50[023]\b/;

  test.each(faults)('after %s there is one sentence with a next step, and "Try again" works', async (_name, scripts, sentence) => {
    model.script(...scripts);
    const [failure, ...more] = await chat.say('Which flowers do you like?');
    expect(more).toEqual([]);
    expect(wordsOf(failure ? [failure] : [])).toMatch(sentence);
    expect(JSON.stringify(failure)).not.toMatch(internal);
    expect(isFromAI(failure)).toBe(false);
    const [retry] = failure ? buttonsOf(failure) : [];
    expect(retry?.title).toBe('Try again');
    expect(wordsOf(await chat.click(retry?.data))).toBe('This is a fake answer to: Which flowers do you like?');
  });

  test('after a filtered prompt there is one sentence with a next step, and no button that would ask the same again', async () => {
    const asked = model.calls.length;
    model.script(promptFiltered());
    const [failure, ...more] = await chat.say('Which flowers do you like?');
    expect(more).toEqual([]);
    expect(wordsOf(failure ? [failure] : [])).toMatch(/safety filter.*other words/);
    expect(JSON.stringify(failure)).not.toMatch(internal);
    expect(isFromAI(failure)).toBe(false);
    expect(failure && buttonsOf(failure)).toEqual([]);
    expect(model.calls.length).toBe(asked + 1);
  });

  test.each(['cut', 'end', 'stall', 'bad-json', 'error-event'] as const)('a stream that breaks off (%s) is marked as incomplete, and "Try again" works', async (how) => {
    model.script({ kind: 'broken', pieces: ['Roses', ' are'], how });
    const [failure, ...more] = await chat.say('Which flowers do you like?');
    expect(more).toEqual([]);
    expect(failure?.text).toMatch(/^Roses are\n\n\*\*This answer is incomplete\.\*\* .*[Tt]ry again/);
    expect(JSON.stringify(failure)).not.toMatch(internal);
    expect(wordsOf(await chat.click(failure && buttonsOf(failure)[0]?.data))).toBe('This is a fake answer to: Which flowers do you like?');
  });

  test.each(['content_filter', 'length'] as const)('an answer that ends by %s is not taken for a whole one', async (finishReason) => {
    model.script(say('Roses are', { finishReason }));
    const [failure, ...more] = await chat.say('Which flowers do you like?');
    expect(more).toEqual([]);
    expect(failure?.text).toMatch(/^Roses are\n\n\*\*This answer is incomplete\.\*\*/);
    expect(JSON.stringify(failure)).not.toMatch(internal);
  });

  test.each([['429', tooManyRequests({ 'retry-after-ms': '10' })], ['a cut connection', { kind: 'drop' }]] as const)('one %s is not felt', async (_name, fault) => {
    model.script(fault);
    expect(wordsOf(await chat.say('Which flowers do you like?'))).toBe('This is a fake answer to: Which flowers do you like?');
  });

  test.each([['half a minute', { 'retry-after': '30' }, /busy.*Try again in 30 seconds/], ['a quarter of an hour', { 'retry-after-ms': '900000' }, /busy.*Try again in 15 minutes/]])(
    'a service that asks for a pause of %s is left alone for it, a minute at most, and people are told when to come back',
    async (_name, headers, sentence) => {
      const patient = await startParley({ model: { server: model, as }, modelLimits });
      const visitor = await patient.webChat();
      const before = model.calls.length;
      model.script(tooManyRequests(headers));
      const [failure] = await visitor.say('Which flowers do you like?');
      expect(wordsOf(failure ? [failure] : [])).toMatch(sentence);
      expect(wordsOf(await visitor.click(failure && buttonsOf(failure)[0]?.data))).toMatch(/busy.*Try again in (\d\d seconds|1 minute)/);
      expect(model.calls.length - before).toBe(1);
      await visitor.close();
      await patient.close();
    },
  );

  test('a file whose summary fails is kept: "Try again" summarizes it', async () => {
    model.script(unauthorized());
    const meeting = ['Ada: We decided to ship version two on Friday.', 'Ben: I will write the release notes by Thursday.', 'Ada: Who tells the customers?'].join('\n');
    const [failure] = await chat.upload([{ name: 'notes.txt', type: 'text/plain', content: meeting }], 'summarize this');
    expect(wordsOf(failure ? [failure] : [])).toMatch(/did not accept/);
    expect(wordsOf(await chat.click(failure && buttonsOf(failure)[0]?.data))).toContain('Friday');
  });

  test('nothing that was said is in the log', () => {
    expect(parley.logged.join('')).toContain('turn finished');
    expect(parley.logged.join('')).not.toMatch(/flowers|Roses|Good morning|release notes|test-key/);
  });
});

test('a model that is down is told in a sentence, and answers once it is back', async () => {
  const down = await startFakeModelServer();
  const parley = await startParley({ model: { server: down, as: 'openai' } });
  await down.close();
  const chat = await parley.webChat();
  try {
    const [failure] = await chat.say('Which flowers do you like?');
    expect(wordsOf(failure ? [failure] : [])).toMatch(/cannot be reached.*Try again in a minute/);
    const back = await startFakeModelServer(Number(new URL(down.url).port));
    back.behaveLikeAModel();
    expect(wordsOf(await chat.click(failure && buttonsOf(failure)[0]?.data))).toBe('This is a fake answer to: Which flowers do you like?');
    await back.close();
  } finally {
    await chat.close();
    await parley.close();
  }
});
