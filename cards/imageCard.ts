import { adaptiveCard, type AdaptiveCard, type CardElement } from './adaptiveCard';
import { block, buttonRows, linkRun, note, run, sentence } from './elements';
import { cleanLine, escapeMarkdown, webUrl } from './escape';
import type { Button } from './submit';
import type { Words } from './words';

export interface ImageProps {
  readonly words: Words;
  readonly locale?: string;
  /** What was asked for: untrusted. */
  readonly prompt: string;
  /** What the model made of it, where it says so: untrusted. */
  readonly revisedPrompt?: string;
  /** Address or data address of the picture; undefined where the channel can show neither. */
  readonly shown: string | undefined;
  /** Opens the picture alone. */
  readonly url?: string;
  /** The last day on which it can be opened, as people write it. */
  readonly until: string;
  readonly actions: readonly Button[];
}

/** A picture that a model drew, described for those who do not see it. */
export function imageCard(props: ImageProps): AdaptiveCard {
  const { words: { imageCard: words }, locale, prompt, revisedPrompt, until, actions } = props;
  return adaptiveCard({
    language: locale,
    text: imageText(props),
    body: [
      ...picture(props),
      block([run(cleanLine(prompt, MAX_PROMPT_LENGTH), { weight: 'bolder' })]),
      ...(revisedPrompt ? [block([run(words.drawnAs(cleanLine(revisedPrompt, MAX_PROMPT_LENGTH)), { size: 'small', isSubtle: true })], { spacing: 'small' })] : []),
      note(`${words.ai} ${words.until(until)}`),
      ...buttonRows(actions.slice(0, 6)),
    ],
  });
}

/** The same as markdown. */
export function imageText({ words: { imageCard: words }, prompt, url, until }: ImageProps): string {
  const href = webUrl(url);
  const name = escapeMarkdown(words.alternative(cleanLine(prompt, MAX_PROMPT_LENGTH)));
  return [href ? `[${name}](<${href}>)` : name, `_${words.ai} ${words.until(until)}_`].join('\n\n');
}

const MAX_PROMPT_LENGTH = 500;

function picture({ words: { imageCard: words }, prompt, shown, url }: ImageProps): CardElement[] {
  const href = webUrl(url);
  const link = href ? [block([linkRun(words.open, href, words.open, { size: 'small' })], { spacing: 'small' })] : [];
  if (shown === undefined) return [sentence(words.cannotShow), ...link];
  // A picture that opens by a click would be read as a link, without the words that stand for it (adaptivecards 3.0.6).
  return [{ type: 'Image', url: shown, altText: words.alternative(cleanLine(prompt, MAX_PROMPT_LENGTH)), size: 'stretch' }, ...link];
}
