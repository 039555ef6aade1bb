import { randomBytes } from 'node:crypto';
import { AIError } from '../../ai/error';
import type { DrawRequest } from '../../ai/images';
import { wordsFor } from '../../cards/words';
import { readImageRequest } from '../../dialogs/imageRequest';
import { buttonsOf, read, scriptedEngine, startConversation, type ConversationSetup, type TestConversation } from '../helpers/conversation';
import { pngOf, wavOf } from '../helpers/sampleMedia';

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

describe('what asks for a picture', () => {
  test.each([
    ['draw a lighthouse in a storm', 'a lighthouse in a storm'],
    ['Please paint me a cat that sleeps', 'a cat that sleeps'],
    ['can you create an image of the harbour at night?', 'the harbour at night?'],
    ['show me a picture of a red bicycle', 'a red bicycle'],
    ['Zeichne mir einen Leuchtturm', 'einen Leuchtturm'],
    ['Erstelle ein Bild von einer Katze', 'einer Katze'],
    ['kannst du mir zeichne', undefined],
    ['dessine-moi un mouton', 'un mouton'],
    ['Crée une image d’un phare', 'un phare'],
    ['dibújame un faro', undefined],
    ['dibujame un faro', 'un faro'],
    ['Crea una imagen de un faro', 'un faro'],
  ])('%s', (text, prompt) => {
    expect(readImageRequest(text)?.text).toBe(prompt);
  });

  test.each([
    'draw a conclusion from this', 'draw up a plan for the summer', 'draw attention to the costs', 'draw the line somewhere', 'draw on what we know', 'draw some lessons from it',
    'create a summary of the meeting', 'show me the decisions', 'mal sehen', 'make a list of pictures we need', 'what is a picture of health?', 'the artist can draw',
  ])('and what does not: %s', (text) => {
    expect(readImageRequest(text)).toBeUndefined();
  });

  test.each([
    ['two pictures of a boat, in landscape format', 'create two pictures of a boat, in landscape format', { count: 2, shape: 'wide' }],
    ['Hochformat', 'Zeichne einen Baum im Hochformat', { shape: 'tall' }],
    ['high quality', 'draw a face in high quality, photorealistic', { quality: 'high', style: 'natural' }],
    ['vier', 'erstelle vier Bilder von einem Haus', { count: 4 }],
    ['trois', 'génère trois images de chats', { count: 3 }],
    ['formato vertical', 'dibuja un árbol en formato vertical', { shape: 'tall' }],
  ])('with a manner: %s', (_name, text, manner) => {
    expect(readImageRequest(text)).toMatchObject(manner);
  });

  test('a text of a million characters is looked at quickly', () => {
    const startedAt = performance.now();
    readImageRequest(`draw ${'a '.repeat(500_000)}`);
    readImageRequest('create an image '.repeat(60_000));
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

describe.each(['en-US', 'de-DE', 'fr-FR', 'es-ES'])('in %s', (locale) => {
  const words = wordsFor(locale);

  test('by its title a picture is asked for, and the answer is what it shows', async () => {
    await talk({ engine: drawing(), locale });
    expect(read(await user.say(words.skills.image.title))).toContain(words.image.what);
    const shown = read(await user.say('Moby'));
    expect(shown).toContain(words.imageCard.alternative('Moby'));
    expect(shown).toContain(words.imageCard.ai);
    expect(drawn).toEqual([{ prompt: 'Moby' }]);
  });

  test('without a deployment one sentence says what is missing, and the help does not offer it', async () => {
    await talk({ engine: drawing({ draw: undefined }), locale });
    expect(read(await user.say(words.skills.image.title))).toContain(words.image.needsModel);
    expect(read(await user.say(words.skills.speak.title))).toContain(words.speak.needsModel);
    expect(read(await user.drop({ name: 'note.wav', contentType: 'audio/wav', content: wavOf(1) }))).toContain(words.voice.needsModel('note.wav'));
    expect(read(await user.say('help'))).not.toContain(words.skills.image.description);
  });

  test('a voice note shows what was understood', async () => {
    await talk({ engine: drawing({ transcribe: async () => ({ text: 'Moby [Dick]', segments: [] }) }), locale });
    const shown = read(await user.drop({ name: 'note.wav', contentType: 'audio/wav', content: wavOf(1) }));
    expect(shown).toContain(words.voice.heard(String.raw`Moby \[Dick\]`));
    expect(shown).toContain('You said: Moby [Dick]');
  });
});

describe('a model', () => {
  const callsImage = (call: unknown) => drawing({ converse: async () => ({ kind: 'skill', skill: 'image', arguments: call }) });

  test('may ask for a picture, and is told of it only where there is a deployment', async () => {
    const { engine, asked } = scriptedEngine({ converse: async () => ({ kind: 'skill', skill: 'image', arguments: { text: 'a whale', shape: 'wide', count: 4 } }), draw: drawing().draw });
    await talk({ engine });
    expect(read(await user.say('I would love to see a whale now'))).toContain('Shall I draw this? “a whale”');
    expect(drawn).toEqual([]);
    await user.say('yes');
    expect(drawn).toEqual([{ prompt: 'a whale', shape: 'wide' }]); // how many is not for it to say
    expect(asked[0]?.skills.map(({ name }) => name)).toContain('image');
    expect(asked[0]?.skills.map(({ name }) => name)).not.toContain('speak');
  });

  test.each([[{ text: 'a whale', shape: 'round' }], [{ text: 'a whale', quality: 7 }]])('whose arguments are odd is understood as far as they make sense: %j', async (call) => {
    await talk({ engine: callsImage(call) });
    await user.say('show it');
    await user.say('ok, please');
    expect(drawn).toEqual([{ prompt: 'a whale' }]);
  });

  test.each(['no', 'cancel', 'What else can you do for me today?'])('draws nothing when the person says "%s"', async (answer) => {
    let calls = 0;
    await talk({ engine: drawing({ converse: async () => (calls++ === 0 ? { kind: 'skill', skill: 'image', arguments: { text: 'a whale', isAgreed: true, isProposed: false } } : { kind: 'answer', origin: 'ai', text: 'Many things.', sources: [], followUps: [] }) }) });
    await user.say('show it');
    await user.say(answer);
    expect(drawn).toEqual([]);
  });

  test('reads aloud only when the person agrees', async () => {
    let spoken = 0;
    const speak = async () => {
      spoken += 1;
      return { bytes: Buffer.from('ID3'), contentType: 'audio/mpeg' };
    };
    let calls = 0;
    await talk({ engine: drawing({ speak, converse: async () => (calls++ === 0 ? { kind: 'answer', origin: 'ai', text: 'It is a whale.', sources: [], followUps: [] } : { kind: 'skill', skill: 'speak', arguments: {} }) }) });
    await user.say('What is that?');
    expect(read(await user.say('And how does it sound?'))).toContain('Shall I read my last answer aloud?');
    expect(spoken).toBe(0);
    await user.say('yes');
    expect(spoken).toBe(1);
  });

  test('that says nothing of what to draw makes the bot ask', async () => {
    await talk({ engine: callsImage({}) });
    expect(read(await user.say('show it'))).toContain('What should the picture show?');
  });
});

describe('a picture', () => {
  test('of a long description is drawn again from all of it', async () => {
    await talk({ engine: drawing() });
    const long = `a city ${'with one more tower '.repeat(60)}`.trim();
    await user.say(`draw ${long}`);
    await user.press('Another one');
    expect(drawn.map(({ prompt }) => prompt)).toEqual([long, long]);
  });

  test('of more words than models take is not asked for', async () => {
    await talk({ engine: drawing() });
    expect(read(await user.say(`draw ${'a very long story '.repeat(300)}`))).toMatch(/This description has 5,399 characters; I draw from up to 4,000/);
    expect(drawn).toEqual([]);
  });

  test('that was asked for twice at once comes twice', async () => {
    await talk({ engine: drawing() });
    const shown = await user.say('create two pictures of a boat');
    expect(shown.filter((message) => JSON.stringify(message.attachments).includes('"Image"'))).toHaveLength(2);
  });

  test('whose description holds markup stays a description', async () => {
    await talk({ engine: drawing() });
    const [shown] = await user.say('draw a <b>cat</b> [free](https://evil.example) ![x](https://evil.example/x.png)');
    expect(shown?.summary).not.toMatch(/\]\(https:\/\/evil/);
  });

  test('that the service filters is told in a sentence, with what to do', async () => {
    await talk({ engine: drawing({ draw: () => Promise.reject(new AIError('content-filtered', 'stopped')) }) });
    expect(read(await user.say('draw something bad'))).toMatch(/safety filter|other words/);
  });
});

describe('moderation', () => {
  const judging = (judge: (text: string) => boolean, answer = 'poison') => drawing({
    converse: async (_request: unknown, _signal: unknown, onText?: (text: () => string) => void) => {
      onText?.(() => answer.slice(0, 4));
      return { kind: 'answer', origin: 'ai', text: answer, sources: [], followUps: [] };
    },
    moderate: async (text: string) => ({ isFlagged: judge(text), categories: [] }),
  });
  const flags = (text: string): boolean => text.includes('poison');
  const away = (): boolean => {
    throw new AIError('unavailable', 'away');
  };

  test('holds back what is flagged in a group, whole and in parts', async () => {
    await talk({ engine: judging(flags), channel: 'group' });
    expect(read(await user.say('tell us'))).toContain('I do not show this here: moderation found something');
    expect(user.service.requests.map(({ text }) => text).join('\n')).not.toContain('pois');
  });

  test('lets pass what is fine, and our own sentences unasked', async () => {
    let asked = 0;
    await talk({ engine: judging(() => (asked += 1) > 100, 'All is well.'), channel: 'group' });
    expect(read(await user.say('tell us'))).toContain('All is well.');
    expect(asked).toBe(1);
    await user.say('help');
    expect(asked).toBe(1);
  });

  test('says nothing where one person alone reads', async () => {
    await talk({ engine: judging(flags), channel: 'teams' });
    expect(read(await user.say('tell me'))).toContain('poison');
  });

  test('that is away holds what others read, and lets people read alone', async () => {
    await talk({ engine: judging(away, 'All is well.'), channel: 'group' });
    expect(read(await user.say('tell us'))).toContain('could not be checked before others read it');
    await talk({ engine: judging(away, 'All is well.'), channel: 'teams' });
    expect(read(await user.say('draw a cat'))).toContain('AI-generated picture: a cat');
  });

  test.each([
    ['hold', 'teams', 'I cannot draw just now'], ['hold-public', 'group', 'I cannot draw just now'], ['show', 'group', 'AI-generated picture: a cat'],
  ] as const)('that is away: the setting %s in %s decides', async (withoutModeration, channel, sentence) => {
    await talk({ engine: judging(away), channel, withoutModeration });
    expect(read(await user.say('draw a cat'))).toContain(sentence);
  });

  test('asks about what a picture is to show, whoever reads', async () => {
    await talk({ engine: judging(flags) });
    expect(read(await user.say('draw a bottle of poison'))).toContain('I do not draw this');
    expect(drawn).toEqual([]);
  });

  test('looks at cards too', async () => {
    await talk({ engine: { ...judging(flags), converse: async () => ({ kind: 'answer', origin: 'ai', text: 'Fine.', sources: [], followUps: ['Where is the poison?'] }) }, channel: 'group' });
    expect(read(await user.say('tell us'))).not.toContain('poison');
  });
});

describe('the address of a picture', () => {
  const smba = { serviceUrl: 'https://smba.trafficmanager.net/emea/' };
  const large = { draw: async () => [{ bytes: Buffer.concat([pngOf(4, 4), randomBytes(30_000)]), contentType: 'image/png' }] };

  test('is what a card in Teams shows, where it can be reached', async () => {
    await talk({ engine: drawing(), channel: 'teams' });
    expect(read(await user.say('draw a cat'))).toMatch(/"type":"Image","url":"https:\/\/parley\.example\/media\/[\w-]{32}"/);
  });

  test('leads nowhere without PUBLIC_URL: a small picture travels in its message', async () => {
    await talk({ engine: drawing(), channel: 'teams', publicUrl: 'http://localhost:3978', place: smba });
    const shown = await user.say('draw a cat');
    expect(read(shown)).toMatch(/"type":"Image","url":"data:image\/png;base64,[\w+/=]+"/);
    expect(read(shown)).not.toContain('localhost');
    expect(2 * JSON.stringify(shown).length).toBeLessThan(80 * 1024);
  });

  test('is given in words where the picture is too large for that', async () => {
    await talk({ engine: drawing(large), channel: 'teams', publicUrl: 'http://localhost:3978', place: smba });
    const shown = await user.say('draw a cat');
    expect(read(shown)).toContain('The picture is ready, but too large to be shown here.');
    expect(read(shown)).toMatch(/"type":"Action.OpenUrl","title":"Open the picture","url":"http:\/\/localhost:3978\/media\/[\w-]{32}"/);
    expect(buttonsOf(shown[0]!).length).toBeGreaterThan(0);
  });

  test('is shown where the client runs on this machine as well', async () => {
    await talk({ engine: drawing(large), channel: 'teams', publicUrl: 'http://localhost:3978' });
    expect(read(await user.say('draw a cat'))).toContain('"type":"Image","url":"http://localhost:3978/media/');
  });
});
