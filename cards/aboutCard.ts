import { adaptiveCard, type AdaptiveCard } from './adaptiveCard';
import { block, heading, note, run, sentence } from './elements';
import { cleanLine, escapeMarkdown } from './escape';
import { submitButton } from './submit';
import type { Words } from './words';

export interface AboutProps {
  readonly words: Words;
  readonly locale?: string;
  /** The model's name; undefined offline. */
  readonly modelName?: string;
  readonly version: string;
}

/** Who answers, and what is kept; buttons for settings and "forget me". */
export function aboutCard(props: AboutProps): AdaptiveCard {
  const { words, locale, version } = props;
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
  const { words, version } = props;
  return [
    `**${words.aboutCard.title}**`,
    words.aboutCard.purpose,
    `${words.aboutCard.answersBy}: ${escapeMarkdown(engine(props))}`,
    kept(props),
    words.aboutCard.version(version),
  ].join('\n\n');
}

const engine = ({ words, modelName }: AboutProps): string => modelName ? cleanLine(modelName, 80) : words.aboutCard.offline;

const kept = ({ words, modelName }: AboutProps): string => modelName ? words.aboutCard.kept : words.aboutCard.keptOffline;
