import type { Activity } from 'botbuilder';
import { z } from 'zod';
import type { Button } from '../cards/submit';
import { speechCard, speechNotes, speechText, type SpeechProps } from '../cards/speechCard';
import { dayText } from '../cards/when';
import type { Words } from '../cards/words';
import { answerEntity, cardMessage, textMessage } from './activities';
import { consentShape, consentSlot } from './consent';
import { isAboutItself, messagesBefore } from './history';
import { respond, showProgress } from './response';
import type { Skill } from './skill';
import { toSpeakable, type Speakable } from './speakable';
import type { KeptMedia, Turn } from './turn';

const schema = z.object({
  /** Id of the message that was answered; the last answer without it. */
  answerTo: z.string().max(500).optional().catch(undefined),
  ...consentShape,
});
type SpeakValues = z.infer<typeof schema>;

/** Messages that an answer is looked for in. */
const MAX_MESSAGES = 200;

export const speakSkill: Skill<SpeakValues> = {
  id: 'speak',
  help: ({ skills }) => skills.speak,
  commands: [
    'read aloud', 'read it aloud', 'read that aloud', 'read this aloud', 'read it out', 'read it out loud', 'read it to me', 'say it aloud', 'speak',
    'vorlesen', 'lies vor', 'lies es vor', 'lies das vor', 'lies mir das vor', 'lesen sie es vor', 'kannst du das vorlesen',
    'lire à voix haute', 'lis à voix haute', 'lis-le à voix haute', 'lis-la à voix haute', 'lis ça à voix haute', 'lis-le-moi',
    'leer en voz alta', 'lee en voz alta', 'léelo', 'léelo en voz alta', 'léemelo', 'léalo en voz alta',
  ],
  schema,
  isOffered: ({ speak }) => speak !== undefined,
  tool: { description: 'Read your last answer aloud, as a recording.', parameters: { type: 'object', properties: {} } },
  slots: [consentSlot(async ({ words }) => words.consent.speak)],
  run: async (turn, values) => {
    await readAloud(turn, values);
    return undefined;
  },
};

/** The button below an answer of this turn. */
export function speakButtons({ words, engine, context }: Turn): readonly Button[] {
  return engine.speak ? [{ title: words.speak.button, action: 'speak', values: { answerTo: context.activity.id } }] : [];
}

async function readAloud(turn: Turn, { answerTo }: SpeakValues): Promise<void> {
  const { words, engine } = turn;
  if (!engine.speak) return respond(turn, textMessage(words.speak.needsModel));
  const speakable = toSpeakable(await answerText(turn, answerTo));
  if (speakable.text === '') return respond(turn, textMessage(words.speak.nothing));
  showProgress(turn, words.speak.working);
  const speech = await engine.speak(speakable.text, turn.signal);
  const message = speechMessage(turn, turn.media.keep(speech), speakable);
  await respond(turn, { ...message, entities: [answerEntity('ai', [], turn.context.activity.id ?? '')] });
}

/** What the bot said last, or to that message, but for what it says of itself; '' where there is nothing. */
async function answerText(turn: Turn, answerTo: string | undefined): Promise<string> {
  const messages = await messagesBefore(turn, MAX_MESSAGES);
  const said = messages.filter(({ author, text }) => author.id === turn.log.botAuthorId && isAnswer(text, turn.words));
  const last = said.at(-1);
  const wanted = said.filter(({ replyTo, id }) => (answerTo === undefined ? id === last?.id : replyTo === answerTo));
  return wanted.map(({ text }) => withoutLabel(text, turn.words)).join('\n\n');
}

function isAnswer(text: string, words: Words): boolean {
  const isHearing = text.startsWith(words.voice.heard('').slice(0, -2));
  const isOfReading = text.startsWith(`**${words.speechCard.title}**`) || text === words.speak.nothing;
  return !isAboutItself(text, words) && !isHearing && !isOfReading;
}

/** The card has a label of its own, and says who speaks. */
function withoutLabel(text: string, { card, summaryCard, translationCard, imageCard }: Words): string {
  return [card.ai, card.quotes, summaryCard.ai, summaryCard.quotes, translationCard.ai, imageCard.ai].reduce((rest, label) => rest.replaceAll(`_${label}_`, ''), text);
}

function speechMessage(turn: Turn, { url, isReachable, expiresAt }: KeptMedia, { text, length, leavesOutCode }: Speakable): Partial<Activity> {
  const { words, locale } = turn;
  const number = (count: number): string => count.toLocaleString(locale);
  const props: SpeechProps = {
    words, locale, url, isReachable, leavesOutCode,
    until: dayText(new Date(expiresAt).toISOString().slice(0, 10), locale),
    ...(text.length < length && { cut: { read: number(text.length), of: number(length) } }),
  };
  return turn.media.playsSound ? audioMessage(props) : cardMessage(speechCard(props), speechText(props));
}

/** Plays in place: https://learn.microsoft.com/azure/bot-service/nodejs/bot-builder-nodejs-send-rich-cards (audio card) */
function audioMessage(props: SpeechProps): Partial<Activity> {
  const { words: { speechCard: words }, url } = props;
  const content = { title: words.title, subtitle: speechNotes(props).join(' '), media: [{ url }], autostart: false, autoloop: false, shareable: false };
  return { type: 'message', summary: speechText(props), attachments: [{ contentType: 'application/vnd.microsoft.card.audio', content }] };
}
