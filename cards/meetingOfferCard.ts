import { adaptiveCard, type AdaptiveCard } from './adaptiveCard';
import { buttonRows, row, sentence } from './elements';
import { sayButton, type Button } from './submit';
import type { Words } from './words';

export interface MeetingOfferProps {
  readonly words: Words;
  readonly locale?: string;
}

/** Asks once, when a meeting is over. Submits `summarize` with `{ source: 'meeting' }`, says what asks for what was missed, or submits `meeting` with `{ mute }`. */
export function meetingOfferCard(props: MeetingOfferProps): AdaptiveCard {
  const { words: { meetingOffer: words }, locale } = props;
  return adaptiveCard({
    language: locale,
    text: meetingOfferText(props),
    body: [
      sentence(words.title, { size: 'medium', weight: 'bolder', style: 'heading' }),
      sentence(words.text, { spacing: 'small' }),
      ...buttonRows([{ title: words.summarize, action: 'summarize', values: { source: 'meeting' }, style: 'positive' }]),
      row(sayButton(words.missed, words.missed)),
      row(mute(words.muteSeries, 'series')),
      row(mute(words.muteOrganizer, 'organizer')),
    ],
  });
}

const mute = (title: string, scope: 'series' | 'organizer'): Button => ({ title, action: 'meeting', values: { mute: scope } });

/** The same as markdown. */
export const meetingOfferText = ({ words: { meetingOffer: words } }: MeetingOfferProps): string => `**${words.title}**\n\n${words.text}`;
