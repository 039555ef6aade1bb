import { adaptiveCard, type AdaptiveCard } from './adaptiveCard';
import { note, openUrl, sentence } from './elements';
import { webUrl } from './escape';
import type { Words } from './words';

export interface SpeechProps {
  readonly words: Words;
  readonly locale?: string;
  /** Opens the recording. */
  readonly url: string;
  /** The last day on which it can be opened, as people write it. */
  readonly until: string;
  /** How much of the answer is read, in characters; absent: all of it. */
  readonly cut?: { readonly read: string; readonly of: string };
  readonly leavesOutCode: boolean;
  /** False where the channel's clients cannot open the address. */
  readonly isReachable: boolean;
}

/** An answer that is read aloud, for clients that open an address instead of playing sound in a card. */
export function speechCard(props: SpeechProps): AdaptiveCard {
  const { words: { speechCard: words }, locale, url, isReachable } = props;
  const href = webUrl(url);
  return adaptiveCard({
    language: locale,
    text: speechText(props),
    body: [
      sentence(words.title, { weight: 'bolder', style: 'heading' }),
      ...speechNotes(props).map((line) => note(line)),
      ...(isReachable ? [] : [note(words.notReachable)]),
    ],
    actions: href ? [openUrl(href, words.listen)] : [],
  });
}

/** The same as markdown. */
export function speechText(props: SpeechProps): string {
  const { words: { speechCard: words }, url } = props;
  const href = webUrl(url);
  return [`**${words.title}**`, href && `[${words.listen}](<${href}>)`, ...speechNotes(props).map((line) => `_${line}_`)].filter(Boolean).join('\n\n');
}

/** What there is to know of the recording: what is left out, who speaks, how long it stays. */
export function speechNotes({ words: { speechCard: words }, cut, leavesOutCode, until }: SpeechProps): readonly string[] {
  return [...(cut ? [words.cut(cut.read, cut.of)] : []), ...(leavesOutCode ? [words.codeLeftOut] : []), `${words.ai} ${words.until(until)}`];
}
