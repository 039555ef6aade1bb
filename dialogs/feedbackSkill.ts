import { z } from 'zod';
import { consentCard, consentText, feedbackCard, feedbackText } from '../cards/feedbackCard';
import { cardMessage, textMessage } from './activities';
import { ratingReasons, type Rating } from './rating';
import { respond } from './response';
import type { Skill } from './skill';
import type { Turn } from './turn';

const MAX_TEXT_LENGTH = 4_000;
const text = z.string().max(MAX_TEXT_LENGTH).trim().optional().catch(undefined);

/** What our two cards submit. */
const schema = z.object({
  answer: z.object({ by: z.enum(['asked', 'shown']), id: z.string().max(500) }).optional(),
  reaction: z.enum(['like', 'dislike']).optional(),
  /** What Teams' own form said. */
  comment: text,
  reason: z.enum(ratingReasons).optional().catch(undefined),
  correction: text,
  /** `false` from a button is a no; from the form's box it says nothing. */
  consent: z.union([z.boolean(), z.enum(['true', 'false'])]).optional(),
});
type FeedbackValues = z.infer<typeof schema>;

/** What people say about an answer beyond the thumb. Its cards begin it, and nothing else. */
export const feedbackSkill: Skill<FeedbackValues> = {
  id: 'feedback',
  commands: [],
  schema,
  slots: [],
  run: async (turn, values) => {
    await respond(turn, textMessage(await takeForm(turn, values)));
    return undefined;
  },
};

/**
 * A thumb under an answer. It counts at once. In a one-to-one chat the person is asked, once, whether question and answer
 * may be kept, and, where something was wrong, what it was.
 */
export async function takeThumb(turn: Turn, thumb: Rating): Promise<void> {
  turn.rate(thumb);
  const { settings: { improvement }, words, locale } = turn;
  const { reaction, answer, comment } = thumb;
  const asksWhy = reaction === 'dislike' && improvement !== 'no';
  if (!turn.isPersonal || !answer || (!asksWhy && improvement !== undefined)) return; // others would read the card
  if (improvement === undefined) await turn.saveSettings({ ...turn.settings, improvement: 'asked' });
  const props = { words, locale, values: { answer, reaction, ...(comment && { comment }) }, asksForConsent: improvement !== 'yes' };
  await respond(turn, asksWhy ? cardMessage(feedbackCard(props), feedbackText(props)) : cardMessage(consentCard(props), consentText(props)));
}

/** Gives the sentence that says what became of it. */
async function takeForm(turn: Turn, { answer, reaction, consent, reason, comment, correction }: FeedbackValues): Promise<string> {
  const { settings, words: { feedback: words } } = turn;
  if (!answer || !reaction) return turn.words.dialog.staleButton;
  const agrees = consent === true || consent === 'true';
  if (agrees || consent === false) await turn.saveSettings({ ...settings, improvement: agrees ? 'yes' : 'no' });
  turn.rate({ answer, reaction, ...(reason && { reason }), ...(comment && { comment }), ...(correction && { correction }) });
  if (consent === false) return words.declined;
  return agrees || settings.improvement === 'yes' ? words.kept : words.counted;
}
