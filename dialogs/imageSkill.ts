import { z } from 'zod';
import type { Drawing } from '../ai/images';
import { visibleText } from '../cards/escape';
import { cleanLine, escapeMarkdown } from '../cards/escape';
import { imageCard, imageText, type ImageProps } from '../cards/imageCard';
import type { Button } from '../cards/submit';
import { dayText } from '../cards/when';
import { answerEntity, cardMessage, textMessage } from './activities';
import { consentShape, consentSlot } from './consent';
import { mannersOf, readImageRequest } from './imageRequest';
import { clear } from './moderation';
import { wholeText } from './passage';
import { respond, showProgress } from './response';
import { findThread } from './shelf';
import type { Skill } from './skill';
import type { Turn } from './turn';

/** Characters of a description: DALL-E 3 takes 4,000, others more. */
const MAX_LENGTH = 4_000;

const schema = z.object({
  /** What the picture shows. */
  text: z.string().optional(),
  /** Holds a long description. */
  threadId: z.string().optional(),
  shape: z.enum(['square', 'wide', 'tall']).optional().catch(undefined),
  quality: z.enum(['draft', 'standard', 'high']).optional().catch(undefined),
  style: z.enum(['vivid', 'natural']).optional().catch(undefined),
  count: z.number().int().min(1).max(4).optional().catch(undefined),
  ...consentShape,
});

export type ImageValues = z.infer<typeof schema>;

export const imageSkill: Skill<ImageValues> = {
  id: 'image',
  help: ({ skills }) => skills.image,
  commands: [
    'image', 'picture', 'draw', 'draw a picture', 'draw something', 'create an image', 'generate an image', 'make a picture',
    'bild', 'zeichnen', 'zeichne', 'zeichne etwas', 'male', 'bild erstellen', 'erstelle ein bild', 'bild zeichnen',
    'dessiner', 'dessine', 'dessine quelque chose', 'crée une image', 'créer une image', 'imagen', 'dibujar', 'dibuja', 'dibuja algo', 'crea una imagen', 'crear una imagen',
  ],
  schema,
  isOffered: ({ draw }) => draw !== undefined,
  tool: {
    description: 'Draw a picture from a description. Only when the person asks for a picture, drawing, photo or logo.',
    parameters: {
      type: 'object',
      properties: {
        text: { type: 'string', description: 'What the picture shows, in the words of the person, with what was said about it before.' },
        shape: { type: 'string', enum: ['square', 'wide', 'tall'] },
      },
    },
  },
  parse: readImageRequest,
  slots: [{
    name: 'text',
    takesAnyText: true,
    isMissing: ({ engine }, { text, threadId }) => engine.draw !== undefined && !text?.trim() && !threadId,
    ask: async ({ words }) => textMessage(words.image.what),
    read: async ({ text, words }) => (text === '' ? { again: words.image.what } : { values: readImageRequest(text) ?? { text, ...mannersOf(text) } }),
  }, consentSlot(async (turn, values) => turn.words.consent.draw(escapeMarkdown(cleanLine(await promptOf(turn, values), MAX_LENGTH))))],
  run: async (turn, values) => {
    await drawPictures(turn, values);
    return undefined;
  },
};

async function drawPictures(turn: Turn, values: ImageValues): Promise<void> {
  const { words, engine, locale } = turn;
  if (!engine.draw) return respond(turn, textMessage(words.image.needsModel));
  const prompt = await promptOf(turn, values);
  if (!prompt) return respond(turn, textMessage(words.dialog.goneThread));
  if (prompt.length > MAX_LENGTH) return respond(turn, textMessage(words.image.tooLong(prompt.length.toLocaleString(locale), MAX_LENGTH.toLocaleString(locale))));
  showProgress(turn, words.image.drawing);
  const clearance = await clear(turn, prompt, 'prompt');
  if (clearance !== 'cleared') return respond(turn, textMessage(clearance === 'flagged' ? words.moderation.promptFlagged : words.moderation.promptUnchecked));
  const { shape, quality, style, count } = values;
  const drawings = await engine.draw({ prompt, ...(shape && { shape }), ...(quality && { quality }), ...(style && { style }), ...(count && { count }) }, turn.signal);
  for (const drawing of drawings) await sendPicture(turn, drawing, prompt, values);
}

/** Without characters that nobody sees; '' where it is gone. */
async function promptOf(turn: Turn, { text, threadId }: ImageValues): Promise<string> {
  const thread = threadId === undefined ? undefined : await findThread(turn, threadId);
  return visibleText((thread ? wholeText(thread) : text) ?? '').trim();
}

async function sendPicture(turn: Turn, { bytes, contentType, revisedPrompt }: Drawing, prompt: string, values: ImageValues): Promise<void> {
  const { words, locale } = turn;
  const { url, shown, isReachable, expiresAt } = turn.media.keep({ bytes, contentType });
  const props: ImageProps = {
    words,
    locale,
    prompt,
    shown,
    until: dayText(new Date(expiresAt).toISOString().slice(0, 10), locale),
    actions: nextPictures(turn, values.threadId === undefined ? { ...values, text: prompt } : values),
    ...(revisedPrompt !== undefined && revisedPrompt !== prompt && { revisedPrompt }),
    // A picture that travels in its message may have no address that opens: there the link would lead nowhere.
    ...((isReachable || shown === undefined) && { url }),
  };
  await respond(turn, { ...cardMessage(imageCard(props), imageText(props)), entities: [answerEntity('ai', [], turn.context.activity.id ?? '')] });
}

/** The same once more, finer, or in another form. */
function nextPictures({ words: { imageCard: words } }: Turn, given: ImageValues): readonly Button[] {
  const values = { ...given, count: undefined, isProposed: undefined, isAgreed: undefined }; // a press of the button asks for it
  const { shape = 'square', quality } = values;
  const others = (['square', 'wide', 'tall'] as const).filter((other) => other !== shape);
  return [
    { title: words.another, action: 'image', values },
    ...(quality === 'high' ? [] : [{ title: words.finer, action: 'image', values: { ...values, quality: 'high' } }]),
    ...others.map((other) => ({ title: words[other], action: 'image', values: { ...values, shape: other } })),
  ];
}
