import { AIError } from '../../ai/error';
import type { DrawRequest } from '../../ai/images';
import { read, scriptedEngine, startConversation, type ConversationSetup, type TestConversation } from '../helpers/conversation';
import { mp3Of, pngOf, wavOf } from '../helpers/sampleMedia';
import { summaryOf } from '../helpers/summaries';

let user: TestConversation;
const opened: TestConversation[] = [];
const talk = async (setup: ConversationSetup): Promise<void> => {
  user = await startConversation(setup);
  opened.push(user);
};
afterEach(async () => {
  await Promise.all(opened.splice(0).map((conversation) => conversation.close()));
});

const drawn: DrawRequest[] = [];
const drawing = (more = {}) => scriptedEngine({
  draw: async (request) => {
    drawn.push(request);
    return Array.from({ length: request.count ?? 1 }, () => ({ bytes: pngOf(4, 4), contentType: 'image/png' }));
  },
  converse: async ({ text }) => ({ kind: 'answer', origin: 'ai', text: `You said: ${text}`, sources: [], followUps: [] }),
  ...more,
}).engine;
beforeEach(() => void (drawn.length = 0));

describe('reading aloud', () => {
  const spoken: string[] = [];
  const speaking = (answer: string) => drawing({
    converse: async () => ({ kind: 'answer', origin: 'ai', text: answer, sources: [], followUps: [] }),
    speak: async (text: string) => {
      spoken.push(text);
      return { bytes: mp3Of(1), contentType: 'audio/mpeg' };
    },
  });
  beforeEach(() => void (spoken.length = 0));

  test('says what is left out', async () => {
    await talk({ engine: speaking(`Begin.\n\n\`\`\`\ncode\n\`\`\`\n\n${'This is one of many sentences. '.repeat(200)}`) });
    await user.say('tell me');
    const shown = read(await user.press('Read aloud'));
    expect(shown).toMatch(/This is the beginning: 3,9\d\d of 6,\d\d\d characters/);
    expect(shown).toContain('Code is left out.');
    expect(spoken[0]).not.toContain('code');
  });

  test('in Teams gives a card whose button opens the recording', async () => {
    await talk({ engine: speaking('Good morning.'), channel: 'teams' });
    await user.say('tell me');
    const shown = read(await user.say('read it aloud'));
    expect(shown).toMatch(/"type":"Action.OpenUrl","title":"Listen","url":"https:\/\/parley\.example\/media\/[\w-]{32}"/);
    expect(shown).not.toContain('card.audio');
    expect(spoken).toEqual(['Good morning.']);
  });

  test('where nothing was said asks for something to read', async () => {
    await talk({ engine: speaking('x') });
    expect(read(await user.say('read it aloud'))).toContain('There is nothing here yet');
    await user.say('help');
    expect(read(await user.say('read it aloud'))).toContain('There is nothing here yet');
    expect(spoken).toEqual([]);
  });

  test('twice reads the answer twice, and not the recording', async () => {
    await talk({ engine: speaking('Good morning.') });
    await user.say('tell me');
    await user.say('read it aloud');
    await user.say('read it aloud');
    expect(spoken).toEqual(['Good morning.', 'Good morning.']);
  });
});

describe('a recording', () => {
  const hearing = (text: string, more: object = {}) => drawing({
    transcribe: async () => ({ text, segments: [], ...more }),
    summarize: async () => summaryOf({ tldr: [{ text: `Summary of ${text.length} characters`, claims: [] }] }),
    detectLanguage: async () => 'en',
  });
  const recording = { name: 'talk.wav', contentType: 'audio/wav', content: wavOf(1) };

  test.each([
    ['whose words are no recording', { ...recording, content: 'Hello, I am text.' }, '“talk.wav” is no recording that I can listen to'],
    ['that says nothing', recording, 'I heard nobody speak in “talk.wav”'],
  ])('%s is answered in a sentence', async (_name, file, sentence) => {
    await talk({ engine: hearing('') });
    expect(read(await user.drop(file))).toContain(sentence);
  });

  test('that is larger than the host takes is answered in a sentence', async () => {
    await talk({ engine: hearing('x'), maxFileBytes: 1_000 });
    expect(read(await user.drop(recording))).toMatch(/is larger than|the most/);
  });

  test('that the service cannot write down is answered in a sentence', async () => {
    await talk({ engine: drawing({ transcribe: () => Promise.reject(new AIError('unavailable', 'away')) }) });
    expect(read(await user.drop(recording))).toContain('The AI service cannot be reached right now. Try again in a minute.');
    expect(read(await user.say('summarize this', [recording]))).toContain('The AI service cannot be reached right now.');
  });

  test('answers the open question', async () => {
    await talk({ engine: hearing('a whale') });
    await user.say('draw a picture');
    await user.drop(recording);
    expect(drawn).toEqual([{ prompt: 'a whale' }]);
  });

  test('with words beside it is what they are about', async () => {
    await talk({ engine: hearing('We meet on Monday. We decided to buy the boat, and Ada pays for it before the summer begins, she said, gladly.') });
    expect(read(await user.say('summarize this', [recording]))).toContain('Summary of 110 characters');
  });

  test('that is long without times is a meeting of paragraphs', async () => {
    await talk({ engine: hearing('We talked about the harbour for a long time and then went on. '.repeat(60)) });
    const shown = read(await user.drop(recording));
    expect(shown).toContain('Summary of');
    expect(shown).not.toContain('I understood');
  });

  test('with several voices names them in the order in which they speak', async () => {
    const segments = [{ startMs: 0, endMs: 90_000, text: 'Shall we buy the boat, or is it too dear for us at present?', speaker: 'B' }, { startMs: 90_000, endMs: 180_000, text: 'Let us buy it now.', speaker: 'A' }];
    const heard: string[] = [];
    await talk({ engine: { ...hearing('x'.repeat(100), { segments, durationMs: 180_000 }), summarize: async (thread) => {
      heard.push(...thread.messages.map(({ author, offsetMs, text }) => `${author.name} ${String(offsetMs)} ${text}`));
      return summaryOf();
    } } });
    await user.drop(recording);
    expect(heard).toEqual([expect.stringMatching(/^Speaker 1 0 Shall we/), 'Speaker 2 90000 Let us buy it now.']);
  });

  test.each([
    ['personal', { contentType: 'application/vnd.microsoft.card.audio', content: '{"duration":"PT13S","media":[{"url":"https://eu-api.asm.skype.com/v1/objects/x/views/audio"}]}' }],
    ['a channel', { contentType: 'text/html', content: '<div><span itemid="x" itemscope="" itemtype="http://schema.skype.com/InputExtension"></span></div>' }],
  ])('that was spoken in Teams itself (%s) reaches no bot, and that is said', async (_name, attachment) => {
    await talk({ engine: hearing('x'), channel: 'teams' });
    expect(read(await user.post('', { attachments: [attachment] }))).toContain('Teams does not let me hear voice messages.');
  });
});

