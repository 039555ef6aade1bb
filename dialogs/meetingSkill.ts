import { z } from 'zod';
import { meetingOfferCard, meetingOfferText } from '../cards/meetingOfferCard';
import { cardMessage, textMessage } from './activities';
import { respond } from './response';
import type { Skill, SkillCall } from './skill';
import type { Turn } from './turn';

const schema = z.object({
  /** No more offers after meetings: of this series, or of all that the person organizes. */
  mute: z.enum(['series', 'organizer']).optional(),
});

type MeetingValues = z.infer<typeof schema>;

/** Whether a summary is offered after meetings. Without values the offers come again. */
export const meetingSkill: Skill<MeetingValues> = {
  id: 'meeting',
  commands: [
    'offer summaries', 'offer meeting summaries', 'offer summaries again', 'zusammenfassungen anbieten', 'biete zusammenfassungen an',
    'proposer des résumés', 'propose des résumés', 'ofrecer resúmenes', 'ofrece resúmenes',
  ],
  schema,
  parse: (text) => (isRefusal(text) ? { mute: 'series' } : undefined),
  slots: [],
  run: async (turn, values): Promise<SkillCall | undefined> => {
    await respond(turn, textMessage(await settle(turn, values)));
    return undefined;
  },
};

/** "stop offering summaries" */
const refusal = /^(?:(?:please|bitte|por favor)\s+)?(?:(?:stop|do not|don[’']t|no longer)\s+(?:offer(?:ing)?|propose|proposing)\s+(?:meeting\s+)?summar(?:ies|y)|(?:no more|mute)\s+(?:meeting\s+)?(?:summary\s+)?offers|keine zusammenfassungen (?:mehr )?anbieten|biete keine zusammenfassungen (?:mehr )?an|ne (?:propose|proposer) plus de résumés?|no ofrezcas (?:más )?resúmenes)[.!]?$/iu;

const isRefusal = (text: string): boolean => text.length < 100 && refusal.test(text);

async function settle({ meetings, words: { meetingOffer: words } }: Turn, { mute }: MeetingValues): Promise<string> {
  if (mute === undefined) {
    await meetings.unmute();
    return words.unmuted;
  }
  const outcome = await meetings.mute(mute);
  if (outcome === 'not-organizer') return words.notOrganizer;
  return mute === 'series' ? words.mutedSeries : words.mutedOrganizer;
}

/** Asks once whether the meeting that has just ended is to be summed up. */
export async function offerSummary(turn: Turn): Promise<void> {
  const props = { words: turn.words, locale: turn.locale };
  await respond(turn, cardMessage(meetingOfferCard(props), meetingOfferText(props)));
}
