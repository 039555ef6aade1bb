import { setImmediate } from 'node:timers/promises';
import { sayJson, callTool, say } from '../helpers/fakeModelScript';
import { startFakeModelServer, type FakeModelServer, type ModelCall } from '../helpers/fakeModelServer';
import { startParley, wordsOf, type Parley } from '../helpers/parley';

let model: FakeModelServer;
let parley: Parley;
beforeEach(async () => {
  model = await startFakeModelServer();
  parley = await startParley({ model: { server: model, as: 'openai' }, env: { OPENAI_EMBEDDINGS_MODEL: 'small-embeddings', MODEL_CONTEXT_TOKENS: '4096' } });
});
afterEach(async () => {
  await parley.close();
  await model.close();
});

const isNotes = ({ body }: ModelCall): boolean => body.response_format?.json_schema?.name === 'conversation_notes';
const notesOf = (call: ModelCall): string => (JSON.parse(call.body.messages[1]?.content ?? '{}') as { notes: string }).notes;
const filler = (number: number): string => `On day ${number} we walked along the river for hours, and ${'talked about the weather '.repeat(12)}`;

/** A model that notes what it is told, and answers with a word. */
function listening(): void {
  model.answerWith((call) => {
    if (!isNotes(call)) return say('I see.');
    const told = /SECRET-\w+/.exec(call.body.messages[1]?.content ?? '')?.[0] ?? '';
    return sayJson({ notes: `They told me ${told || notesOf(call)}.`.slice(0, 200) });
  });
}

/** Notes are taken after turns: waits until they are. */
async function until(isThere: () => boolean): Promise<void> {
  while (!isThere()) await setImmediate();
}

test('a long conversation with a small model goes on: with notes, and with what was told long ago found by meaning', async () => {
  listening();
  const chat = await parley.webChat();
  await chat.say('My automobile is called Bertha.');
  for (let day = 1; day <= 30; day += 1) await chat.say(filler(day));
  await until(() => model.calls.filter(isNotes).length > 1 && model.embeddingCalls.some(({ input }) => input.includes('My automobile is called Bertha.')));
  await chat.say('And what shall we do next?');
  const last = JSON.stringify(model.calls.at(-1)?.body.messages);
  expect(last).toContain('They told me');
  expect(last).not.toContain('Bertha');
  const requests = model.calls.filter((call) => !isNotes(call)).map(({ body }) => JSON.stringify(body.messages).length);
  expect(Math.max(...requests)).toBeLessThan(2 * 4_096); // characters: half of the context at most, the rest is for skills and the answer

  model.script(callTool('look_up_conversation', { query: 'car' }), say('It is called Bertha [1].'));
  const answered = await chat.say('How is the thing I drive called, please?');
  expect(wordsOf(answered)).toContain('It is called Bertha');
  expect(JSON.stringify(answered)).toContain('My automobile is called Bertha.'); // its source
  await chat.close();
});

test('nothing of one conversation is in the prompts, notes or vectors of another', async () => {
  listening();
  const chats = await Promise.all([1, 2, 3].map(async (number) => ({ number, chat: await parley.webChat() })));
  for (const { number, chat } of chats) await chat.say(`My code word is SECRET-${number}.`);
  for (let day = 1; day <= 16; day += 1) await Promise.all(chats.map(({ number, chat }) => chat.say(`${filler(day)} SECRET-${number}`)));
  for (const { chat } of chats) await chat.say('What did I tell you about my code word?');
  await until(() => new Set(model.calls.filter(isNotes).flatMap(({ body }) => JSON.stringify(body.messages).match(/SECRET-\d/g) ?? [])).size === 3);
  const requests = [...model.calls.map(({ body }) => JSON.stringify(body.messages)), ...model.embeddingCalls.map(({ input }) => JSON.stringify(input))];
  expect(requests.length).toBeGreaterThan(60);
  expect(requests.filter((request) => new Set(request.match(/SECRET-\d/g)).size > 1)).toEqual([]);
  await Promise.all(chats.map(({ chat }) => chat.close()));
});
