import { adaptiveCard, type AdaptiveCard, type CardElement } from './adaptiveCard';
import { block, heading, linkRow, row, run, sentence } from './elements';
import { cleanLine, escapeMarkdown } from './escape';
import { fitCard } from './fit';
import { sayButton } from './submit';
import type { Words } from './words';

export interface HelpProps {
  readonly words: Words;
  /** BCP 47 of the words. */
  readonly locale?: string;
  /** The first message of a conversation: inviting, without the list of skills. */
  readonly greeting: boolean;
  /** The model's name; undefined offline. */
  readonly modelName?: string;
  /** Things to try: what the button says, and the message that it sends. */
  readonly prompts: readonly { readonly title: string; readonly text: string }[];
  readonly skills: readonly { readonly title: string; readonly description: string; readonly action: string }[];
}

/** Welcome and help: what Parley can do, prompts to try, and which engine answers. */
export function helpCard(props: HelpProps): AdaptiveCard {
  const { words, locale, greeting, prompts } = props;
  const text = helpText(props);
  return fitCard(maxRows, (count) => adaptiveCard({
    language: locale,
    text,
    body: [
      sentence(greeting ? words.help.greeting : words.help.title, { size: 'large', weight: 'bolder', style: 'heading' }),
      sentence(intro(props)),
      ...(prompts.length > 0 ? [heading(words.help.try), ...prompts.slice(0, count).map((prompt) => row(sayButton(prompt.title, prompt.text)))] : []),
      ...(greeting ? [sentence(words.help.more, { spacing: 'large' })] : listOfSkills(props, count)),
      block([run(engineLine(props), { size: 'small', isSubtle: true })], { spacing: 'large' }),
    ],
  }));
}

/** The same as markdown. */
export function helpText(props: HelpProps): string {
  const { words, greeting, prompts, skills } = props;
  return [
    `**${greeting ? words.help.greeting : words.help.title}**`,
    intro(props),
    prompts.map(({ text }) => `- ${escapeMarkdown(cleanLine(text))}`).join('\n'),
    greeting ? words.help.more : skills.map((skill) => `- **${escapeMarkdown(skill.title)}**: ${escapeMarkdown(skill.description)}`).join('\n'),
    escapeMarkdown(engineLine(props)),
  ].filter(Boolean).join('\n\n');
}

const maxRows = 12;

function listOfSkills({ words, skills }: HelpProps, count: number): CardElement[] {
  return skills.length === 0 ? [] : [heading(words.help.skills), ...skills.slice(0, count).map((skill) => linkRow(skill, skill.description))];
}

/** Translating is promised only where it works. */
const intro = ({ words: { help }, modelName }: HelpProps): string => (modelName ? `${help.intro} ${help.translates}` : help.intro);

function engineLine({ words, modelName }: HelpProps): string {
  return modelName ? words.help.model(cleanLine(modelName, 80)) : words.help.offline;
}
