import { adaptiveCard, type AdaptiveCard } from './adaptiveCard';
import { note, openUrl, sentence } from './elements';
import { webUrl } from './escape';
import { submitButton } from './submit';
import type { Words } from './words';

export interface MyDataProps {
  readonly words: Words;
  readonly locale?: string;
  /** How much there is of each kind. */
  readonly counts: Partial<Readonly<Record<keyof Words['myData']['kinds'], number>>>;
  /** Gives all of it as a file. */
  readonly url?: string;
}

/** How much is kept about the person, with all of it as a file, and "forget me". */
export function myDataCard(props: MyDataProps): AdaptiveCard {
  const { words, locale, counts } = props;
  const url = webUrl(props.url);
  const lines = countLines(counts, words, locale);
  return adaptiveCard({
    language: locale,
    text: myDataText(props),
    body: [
      sentence(words.myData.title, { size: 'large', weight: 'bolder', style: 'heading' }),
      ...(lines.length === 0 ? [sentence(words.myData.nothing)] : lines.map((line) => sentence(`• ${line}`, { spacing: 'small' }))),
      ...(url ? [note(words.myData.forMinutes, { spacing: 'default' })] : []),
    ],
    actions: [
      ...(url ? [openUrl(url, words.myData.download)] : []),
      submitButton({ title: words.aboutCard.forget, action: 'forget' }),
    ],
  });
}

/** The same as markdown. */
export function myDataText({ words, locale, counts, url }: MyDataProps): string {
  const lines = countLines(counts, words, locale);
  const href = webUrl(url);
  return [
    `**${words.myData.title}**`,
    lines.length === 0 ? words.myData.nothing : lines.map((line) => `- ${line}`).join('\n'),
    ...(href ? [`[${words.myData.download}](<${href}>)`, words.myData.forMinutes] : []),
  ].join('\n\n');
}

/** A line for each kind, such as "messages and answers: 12". */
export function countLines(counts: MyDataProps['counts'], { myData }: Words, locale = 'en'): readonly string[] {
  // keys of a record of kinds are kinds
  return (Object.keys(myData.kinds) as (keyof Words['myData']['kinds'])[]).flatMap((kind) => (counts[kind] ? [`${myData.kinds[kind]}: ${counts[kind].toLocaleString(locale)}`] : []));
}
