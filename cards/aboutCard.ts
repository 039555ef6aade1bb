import { adaptiveCard, type AdaptiveCard } from './adaptiveCard';
import { allowanceLines, type AllowanceShape } from './allowance';
import { block, heading, linkRun, note, run, sentence } from './elements';
import { cleanLine, escapeMarkdown, webUrl } from './escape';
import { submitButton } from './submit';
import type { Words } from './words';

export interface AboutProps {
  readonly words: Words;
  readonly locale?: string;
  /** The model's name; undefined offline. */
  readonly modelName?: string;
  readonly version: string;
  /** What the person may still ask of the model today. */
  readonly allowances?: readonly AllowanceShape[];
  /** Where people read more about AI and data. */
  readonly moreUrl?: string;
}

/** Who answers, and what is kept; buttons for settings and "forget me". */
export function aboutCard(props: AboutProps): AdaptiveCard {
  const { words, locale, version, moreUrl } = props;
  const more = webUrl(moreUrl);
  const left = leftToday(props);
  return adaptiveCard({
    language: locale,
    text: aboutText(props),
    body: [
      sentence(words.aboutCard.title, { size: 'large', weight: 'bolder', style: 'heading' }),
      sentence(words.aboutCard.purpose),
      heading(words.aboutCard.answersBy),
      block([run(engine(props))], { spacing: 'small' }),
      heading(words.aboutCard.data),
      sentence(kept(props), { spacing: 'small' }),
      ...(left.length > 0 ? [heading(words.allowance.title), ...left.map((line) => sentence(line, { spacing: 'small' }))] : []),
      ...(more ? [block([linkRun(words.aboutCard.more, more, words.aboutCard.more)], { spacing: 'large' })] : []),
      note(words.aboutCard.version(version), { spacing: 'large' }),
    ],
    actions: [
      submitButton({ title: words.aboutCard.settings, action: 'settings' }),
      submitButton({ title: words.aboutCard.forget, action: 'forget' }),
    ],
  });
}

/** The same as markdown. */
export function aboutText(props: AboutProps): string {
  const { words, version, moreUrl } = props;
  const more = webUrl(moreUrl);
  const left = leftToday(props);
  return [
    `**${words.aboutCard.title}**`,
    words.aboutCard.purpose,
    `${words.aboutCard.answersBy}: ${escapeMarkdown(engine(props))}`,
    kept(props),
    left.length > 0 && [`**${words.allowance.title}**`, ...left.map((line) => `- ${line}`)].join('\n'),
    more && `[${words.aboutCard.more}](<${more}>)`,
    words.aboutCard.version(version),
  ].filter(Boolean).join('\n\n');
}

const leftToday = ({ allowances = [], words, locale }: AboutProps): readonly string[] => allowanceLines(allowances, words, locale);

const engine = ({ words, modelName }: AboutProps): string => modelName ? cleanLine(modelName, 80) : words.aboutCard.offline;

const kept = ({ words, modelName }: AboutProps): string => modelName ? words.aboutCard.kept : words.aboutCard.keptOffline;
