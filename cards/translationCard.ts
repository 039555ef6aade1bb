import { adaptiveCard, type AdaptiveCard } from './adaptiveCard';
import { buttonRows, inLanguage, note, paragraphs, sentence } from './elements';
import { fitCard } from './fit';
import { safeMarkdown, type MarkdownRules } from './safeMarkdown';
import type { Button } from './submit';
import type { Words } from './words';

export interface TranslationProps {
  readonly words: Words;
  readonly translation: { readonly text: string; readonly from: string; readonly to: string };
  /** BCP 47 to the language's name in the reader's language; unnamed ones are named by Intl. */
  readonly languageNames?: Readonly<Record<string, string>>;
  /** BCP 47 of the words. */
  readonly locale?: string;
  readonly origin?: 'ai';
  /** Which addresses may be links, such as those of the text; none without it. */
  readonly mayLink?: MarkdownRules['mayLink'];
  readonly actions?: readonly Button[];
}

/** A translation with its languages. Markdown shows as typed: send `translationText` where it should be formatted. */
export function translationCard(props: TranslationProps): AdaptiveCard {
  const { words, translation, locale = 'en', actions = [] } = props;
  const text = translationText(props);
  return fitCard(mostThousands, (thousands) => adaptiveCard({
    language: locale,
    text,
    body: [
      sentence(translationTitle(props), { weight: 'bolder', style: 'heading' }),
      ...inLanguage(translation.to, locale, paragraphs(translation.text, thousands * 1_000)),
      ...(translation.text.length > thousands * 1_000 ? [note(words.translationCard.cut)] : []),
      note(words.translationCard.ai),
      ...buttonRows(actions.slice(0, 4)),
    ],
  }));
}

/** Whether the whole translation fits its card; if not, send `translationText`, in parts where the channel needs them. */
export function translationFits(text: string): boolean {
  return Buffer.byteLength(text) <= 6_000 && text.split('\n').length <= 60;
}

/** The whole translation as the model wrote it (markdown is kept where it is safe), under its languages. */
export function translationText(props: TranslationProps): string {
  const { mayLink = () => false, translation } = props;
  return `**${translationTitle(props)}**\n\n${safeMarkdown(translation.text.trim(), { mayLink })}\n\n_${props.words.translationCard.ai}_`;
}

const mostThousands = 6;

function translationTitle({ words, translation: { from, to }, languageNames, locale = 'en' }: TranslationProps): string {
  const name = (language: string): string | undefined => languageNames?.[language] ?? languageName(language, locale);
  const [fromName, toName] = [name(from), name(to)];
  if (!toName) return words.translationCard.untitled;
  return fromName && from !== 'und' ? words.translationCard.title(fromName, toName) : words.translationCard.titleTo(toName);
}

function languageName(language: string, locale: string): string | undefined {
  try {
    return new Intl.DisplayNames([locale], { type: 'language' }).of(language);
  } catch {
    return undefined; // not a language tag: a model made it up
  }
}
