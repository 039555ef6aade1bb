import { adaptiveCard, type AdaptiveCard, type ChoiceSet } from './adaptiveCard';
import { sentence } from './elements';
import { cleanLine } from './escape';
import { formButton } from './submit';
import type { Words } from './words';

export interface SettingsProps {
  readonly words: Words;
  /** BCP 47 of the words. */
  readonly locale?: string;
  readonly settings: {
    readonly language?: string;
    readonly translateTo?: string;
    readonly summaryLength?: 'short' | 'standard' | 'detailed';
    readonly improvement?: 'asked' | 'yes' | 'no';
  };
  /** Languages that the bot's words exist in: BCP 47 and name. */
  readonly languages: readonly Language[];
  /** Languages to translate to; `languages` when absent. */
  readonly targetLanguages?: readonly Language[];
  /** The channel knows Action.Execute: the card is replaced by the answer. */
  readonly inPlace: boolean;
  /** Says that these settings were saved just now. */
  readonly isSaved?: boolean;
}

export interface Language {
  readonly id: string;
  readonly name: string;
}

/**
 * The settings form. Submits action `settings` with values `{ save: true }`, and beside them the inputs `language`,
 * `translateTo` (BCP 47, or `automatic` for not chosen), `summaryLength` and `improvement` (`yes` or `no`).
 */
export function settingsCard(props: SettingsProps): AdaptiveCard {
  const { words, locale, settings, languages, targetLanguages = languages, inPlace, isSaved = false } = props;
  return adaptiveCard({
    language: locale,
    text: settingsText(props),
    body: [
      sentence(words.settingsCard.title, { size: 'large', weight: 'bolder', style: 'heading' }),
      choice('language', words.settingsCard.language, settings.language, [{ id: notChosen, name: words.settingsCard.automatic }, ...languages]),
      choice('translateTo', words.settingsCard.translateTo, settings.translateTo, [{ id: notChosen, name: words.settingsCard.ask }, ...targetLanguages]),
      choice('summaryLength', words.settingsCard.summaryLength, settings.summaryLength ?? 'standard', lengths(words)),
      choice('improvement', words.settingsCard.improvement, improvementOf(settings), (['yes', 'no'] as const).map((id) => ({ id, name: words.settingsCard.improve[id] }))),
      ...(isSaved ? [sentence(words.settingsCard.saved, { weight: 'bolder' })] : []),
    ],
    actions: [formButton({ title: words.settingsCard.save, action: 'settings', values: { save: true }, style: 'positive' }, inPlace)],
  });
}

/** The same as markdown: what is set, and how to change it in words. */
export function settingsText({ words, settings, languages, targetLanguages = languages }: SettingsProps): string {
  const { settingsCard: text } = words;
  const name = (id: string | undefined, from: readonly Language[]): string | undefined => from.find((language) => language.id === id)?.name;
  return [
    `**${text.title}**`,
    [
      text.current(text.language, name(settings.language, languages) ?? text.automatic),
      text.current(text.translateTo, name(settings.translateTo, targetLanguages) ?? text.ask),
      text.current(text.summaryLength, text[settings.summaryLength ?? 'standard']),
      text.current(text.improvement, text.improve[improvementOf(settings)]),
    ].map((line) => `- ${line}`).join('\n'),
    text.change,
  ].join('\n\n');
}

/** Who has not agreed has not agreed. */
const improvementOf = ({ improvement }: SettingsProps['settings']): 'yes' | 'no' => (improvement === 'yes' ? 'yes' : 'no');

/** The value of a choice that was left open. */
export const notChosen = 'automatic';

function lengths({ settingsCard }: Words): Language[] {
  return (['short', 'standard', 'detailed'] as const).map((id) => ({ id, name: settingsCard[id] }));
}

function choice(id: string, label: string, value: string | undefined, from: readonly Language[]): ChoiceSet {
  const choices = from.slice(0, 100).map((language) => ({ title: cleanLine(language.name, 80), value: language.id }));
  const known = choices.some((one) => one.value === value) && value !== undefined;
  return { type: 'Input.ChoiceSet', id, label, style: 'compact', value: known ? value : notChosen, choices };
}
